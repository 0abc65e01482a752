-- What all accounts held at a moment of market time, hour by hour.
CREATE TABLE equity_points (
  at INTEGER PRIMARY KEY,
  equity_usd TEXT NOT NULL,
  flows_usd TEXT NOT NULL
) STRICT;
