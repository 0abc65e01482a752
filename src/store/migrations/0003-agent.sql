-- A turn is one question and what came of it.
CREATE TABLE turns (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  chat_id INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('waiting','running','answered','failed','stopped','interrupted')),
  question TEXT NOT NULL,
  answer TEXT,
  asked_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX one_running_turn ON turns (chat_id) WHERE state = 'running';
CREATE UNIQUE INDEX one_waiting_turn ON turns (chat_id) WHERE state = 'waiting';
CREATE INDEX turns_by_chat ON turns (chat_id, seq);

CREATE TABLE tool_calls (
  turn_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  name TEXT NOT NULL,
  arguments TEXT NOT NULL,
  attempted_at INTEGER NOT NULL,
  returned_at INTEGER,
  result TEXT,
  PRIMARY KEY (turn_id, call_id)
) STRICT;

CREATE TABLE summaries (
  chat_id INTEGER PRIMARY KEY,
  through_seq INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE model_calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('chat','scan')),
  subject_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  failure TEXT,
  input_tokens INTEGER,
  cache_read_tokens INTEGER,
  cache_write_tokens INTEGER,
  output_tokens INTEGER,
  cost_micro_usd INTEGER NOT NULL,
  cost_is_estimate INTEGER NOT NULL,
  elapsed_ms INTEGER
) STRICT;
CREATE INDEX model_calls_by_time ON model_calls (at);
CREATE INDEX model_calls_by_subject ON model_calls (subject_id);

-- What scans chose, from what, and what came of it. JSON holds decimals as text.
CREATE TABLE scan_decisions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  assets TEXT NOT NULL,
  decision_table TEXT NOT NULL,
  table_hash TEXT NOT NULL,
  prompt_hash TEXT,
  policy_choice TEXT NOT NULL,
  choice TEXT,
  decided_by TEXT CHECK (decided_by IN ('rules','models')),
  votes TEXT NOT NULL,
  gates TEXT NOT NULL,
  results TEXT NOT NULL
) STRICT;

CREATE TABLE decision_outcomes (
  decision_id TEXT NOT NULL REFERENCES scan_decisions (id),
  horizon_hours INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting','known','unknown')),
  net_rate TEXT,
  policy_net_rate TEXT,
  pnl_usd TEXT,
  PRIMARY KEY (decision_id, horizon_hours)
) STRICT;
CREATE INDEX due_outcomes ON decision_outcomes (due_at) WHERE state = 'waiting';

-- Question and answer were written in pairs.
INSERT INTO turns (id, chat_id, state, question, answer, asked_at, ended_at)
SELECT 'T-old-' || id, chat_id, 'answered', json_extract(body, '$.text'), json_extract(next_body, '$.text'), at, at
FROM (
  SELECT id, chat_id, role, body, at,
    lead(role) OVER (PARTITION BY chat_id ORDER BY id) AS next_role,
    lead(body) OVER (PARTITION BY chat_id ORDER BY id) AS next_body
  FROM conversations
)
WHERE role = 'user' AND next_role = 'assistant'
ORDER BY id;
DROP TABLE conversations;
