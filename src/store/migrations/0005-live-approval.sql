-- A tap may also let real money be used. SQLite changes a CHECK only with its table.
CREATE TABLE approvals_next (
  nonce TEXT PRIMARY KEY,
  subject TEXT NOT NULL CHECK (subject IN ('open','close','mandate','resume','live')),
  subject_id TEXT NOT NULL,
  subject_hash TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  chat_id INTEGER NOT NULL,
  message_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('pending','approved','declined','expired','superseded')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO approvals_next
SELECT nonce, subject, subject_id, subject_hash, owner_id, chat_id, message_id, state, created_at, expires_at
FROM approvals ORDER BY rowid;
DROP TABLE approvals;
ALTER TABLE approvals_next RENAME TO approvals;
CREATE INDEX approvals_by_subject ON approvals (subject_id, state);
CREATE INDEX approvals_pending ON approvals (state) WHERE state = 'pending';
