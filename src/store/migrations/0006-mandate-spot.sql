-- What a tap armed before names no spot: it opens perps only.
ALTER TABLE mandates ADD COLUMN spot_venues TEXT NOT NULL DEFAULT '[]';
