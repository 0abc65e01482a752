CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE hedges (
  id TEXT PRIMARY KEY,
  asset TEXT NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('opening','open','unwinding','closing','closed','review')),
  proposal_id TEXT NOT NULL REFERENCES proposals (id),
  mandate_id TEXT REFERENCES mandates (id),
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  created_at_wall INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_live_hedge_an_asset ON hedges (asset) WHERE phase <> 'closed';

CREATE TABLE legs (
  hedge_id TEXT NOT NULL REFERENCES hedges (id),
  leg_index INTEGER NOT NULL CHECK (leg_index IN (0, 1)),
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('long','short')),
  target_base TEXT NOT NULL,
  held_base TEXT NOT NULL,
  entry_price TEXT,
  PRIMARY KEY (hedge_id, leg_index)
) STRICT;

CREATE TABLE order_attempts (
  client_order_id TEXT PRIMARY KEY,
  hedge_id TEXT REFERENCES hedges (id),
  leg_index INTEGER NOT NULL CHECK (leg_index IN (0, 1)),
  attempt_no INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('open','unwind','close','rebalance','kill')),
  request TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intent','sent','unknown','done','dead')),
  outcome_detail TEXT,
  created_at_wall INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_hedge ON order_attempts (hedge_id);
CREATE INDEX attempts_unresolved ON order_attempts (state) WHERE state IN ('intent','sent','unknown');
CREATE UNIQUE INDEX one_live_attempt_a_leg ON order_attempts (hedge_id, leg_index)
  WHERE state IN ('intent','sent','unknown');

CREATE TABLE fills (
  venue TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  hedge_id TEXT REFERENCES hedges (id),
  symbol TEXT NOT NULL,
  client_order_id TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy','sell')),
  size_base TEXT NOT NULL,
  price TEXT NOT NULL,
  fee_usd TEXT NOT NULL,
  liquidity TEXT NOT NULL CHECK (liquidity IN ('maker','taker')),
  filled_at INTEGER NOT NULL,
  posted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (venue, trade_id)
) STRICT;
CREATE INDEX fills_by_hedge ON fills (hedge_id);
CREATE INDEX fills_unposted ON fills (posted) WHERE posted = 0;

CREATE TABLE funding_payments (
  venue TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  hedge_id TEXT REFERENCES hedges (id),
  symbol TEXT NOT NULL,
  funding_at INTEGER NOT NULL,
  amount_usd TEXT NOT NULL,
  rate TEXT NOT NULL,
  PRIMARY KEY (venue, payment_id)
) STRICT;
CREATE INDEX payments_by_hedge ON funding_payments (hedge_id);

CREATE TABLE ledger_entries (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('trade','fee','funding','interest','transfer')),
  hedge_id TEXT REFERENCES hedges (id),
  venue TEXT NOT NULL,
  symbol TEXT,
  amount_usd TEXT NOT NULL,
  booked_for INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_by_hedge ON ledger_entries (hedge_id);
CREATE INDEX ledger_by_time ON ledger_entries (booked_for);

CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('open','close')),
  asset TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('awaiting','approved','declined','expired','superseded','denied','executed','failed')),
  reason TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX proposals_by_state ON proposals (state, created_at);

CREATE TABLE approvals (
  nonce TEXT PRIMARY KEY,
  subject TEXT NOT NULL CHECK (subject IN ('open','close','mandate','resume')),
  subject_id TEXT NOT NULL,
  subject_hash TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  chat_id INTEGER NOT NULL,
  message_id INTEGER,
  state TEXT NOT NULL CHECK (state IN ('pending','approved','declined','expired','superseded')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX approvals_by_subject ON approvals (subject_id, state);
CREATE INDEX approvals_pending ON approvals (state) WHERE state = 'pending';

CREATE TABLE mandates (
  id TEXT PRIMARY KEY,
  owner_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('offered','armed','revoked','expired')),
  per_hedge_usd TEXT NOT NULL,
  total_usd TEXT NOT NULL,
  opens_per_day INTEGER NOT NULL,
  loss_per_day_usd TEXT NOT NULL,
  assets TEXT NOT NULL,
  venues TEXT NOT NULL,
  armed_at INTEGER,
  ends_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_armed_mandate ON mandates (state) WHERE state = 'armed';

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  chat_id INTEGER NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('user','assistant','tool')),
  body TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_chat ON conversations (chat_id, id);

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  severity TEXT NOT NULL CHECK (severity IN ('info','warning','critical')),
  chat_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER NOT NULL DEFAULT 0,
  delivered_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (next_try_at) WHERE delivered_at IS NULL;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE rates (
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  funding_at INTEGER NOT NULL,
  asset TEXT NOT NULL,
  rate TEXT NOT NULL,
  interval_hours TEXT NOT NULL,
  observed_at INTEGER NOT NULL,
  PRIMARY KEY (venue, symbol, funding_at)
) STRICT;

CREATE TABLE decisions (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('scan','open','close','watch')),
  asset TEXT,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_asset ON decisions (asset, seq);
