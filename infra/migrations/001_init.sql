-- Up Migration

CREATE TABLE pipeline_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  paused boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 0,
  -- Marker of the artifact store: a worker whose store carries another one must not register.
  artifact_store uuid
);
INSERT INTO pipeline_state DEFAULT VALUES;

CREATE TABLE video_queue (
  id uuid PRIMARY KEY,
  user_id text NOT NULL,
  channel_id text NOT NULL,
  priority integer NOT NULL CHECK (priority BETWEEN 1 AND 10),
  complexity text NOT NULL CHECK (complexity IN ('simple', 'complex', 'premium')),
  status text NOT NULL DEFAULT 'queued'
    CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')),
  request_data jsonb NOT NULL,
  estimated_cost numeric(12,6) NOT NULL,
  actual_cost numeric(12,6),
  created_at timestamptz NOT NULL DEFAULT now(),
  processing_started_at timestamptz,
  completed_at timestamptz,
  processing_time_seconds double precision,
  retry_count integer NOT NULL DEFAULT 0,
  error_log jsonb NOT NULL DEFAULT '[]',
  -- Order of admission, larger first (domain/score.ts).
  score numeric(20,6) NOT NULL,
  lane text CHECK (lane IN ('gpu', 'cpu')),
  stage text,
  progress real NOT NULL DEFAULT 0,
  reason text,
  -- Fencing: every later change names the generation and the admission that it acts for.
  generation integer NOT NULL DEFAULT 1,
  admission_no bigint NOT NULL DEFAULT 0,
  admitted_at timestamptz,
  claimed_by text,
  not_before timestamptz,
  cancel_requested text,
  video_paused boolean NOT NULL DEFAULT false,
  idempotency_owner text,
  idempotency_key text,
  idempotency_hash text,
  warnings jsonb NOT NULL DEFAULT '[]',
  result jsonb
);
CREATE INDEX video_queue_waiting ON video_queue (score DESC, created_at, id) WHERE status = 'queued';
CREATE INDEX video_queue_processing ON video_queue (lane) WHERE status = 'processing';
CREATE UNIQUE INDEX video_queue_idempotency ON video_queue (idempotency_owner, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

-- The gate of a video's money: spent + held never reach cap.
CREATE TABLE video_budget (
  video_id uuid PRIMARY KEY REFERENCES video_queue ON DELETE CASCADE,
  cap numeric(12,6) NOT NULL,
  spent numeric(12,6) NOT NULL DEFAULT 0,
  held numeric(12,6) NOT NULL DEFAULT 0,
  -- Grows with every charge: of two totals the one with the larger seq is the later.
  seq bigint NOT NULL DEFAULT 0
);

-- The ledger: append-only. `key` makes a charge idempotent.
CREATE TABLE pipeline_costs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  video_id uuid NOT NULL REFERENCES video_queue ON DELETE CASCADE,
  key text NOT NULL,
  service text NOT NULL,
  operation text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  stage text,
  attempt integer,
  quantity numeric(20,6) NOT NULL,
  unit text NOT NULL,
  amount numeric(12,6) NOT NULL CHECK (amount >= 0),
  state text NOT NULL DEFAULT 'charged' CHECK (state IN ('held', 'charged', 'assumed', 'saved', 'refunded')),
  timestamp timestamptz NOT NULL DEFAULT now(),
  UNIQUE (video_id, key)
);

-- One row per attempt of a stage: a row without an end whose successor exists is a lost worker.
CREATE TABLE stage_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  video_id uuid NOT NULL REFERENCES video_queue ON DELETE CASCADE,
  stage text NOT NULL,
  generation integer NOT NULL,
  admission_no bigint NOT NULL,
  run_id text NOT NULL,
  activity_id text NOT NULL,
  attempt integer NOT NULL,
  lane text NOT NULL,
  worker text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('completed', 'reused', 'failed', 'cancelled', 'worker_lost')),
  kind text,
  message text,
  UNIQUE (run_id, activity_id, attempt)
);
CREATE INDEX stage_runs_video ON stage_runs (video_id, stage, id);

CREATE TABLE stage_results (
  video_id uuid NOT NULL REFERENCES video_queue ON DELETE CASCADE,
  stage text NOT NULL,
  input_hash text NOT NULL,
  result jsonb NOT NULL,
  providers jsonb NOT NULL DEFAULT '{}',
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (video_id, stage)
);

-- Who offers places on which lane; a row counts while its lease runs.
CREATE TABLE lane_workers (
  machine_id text NOT NULL,
  lane text NOT NULL CHECK (lane IN ('gpu', 'cpu')),
  worker text NOT NULL,
  pid integer NOT NULL,
  pid_started text NOT NULL,
  slots integer NOT NULL CHECK (slots > 0),
  places integer NOT NULL CHECK (places > 0),
  encoder text NOT NULL,
  lease_until timestamptz NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (machine_id, lane)
);

CREATE TABLE provider_state (
  name text PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  reason text,
  closed_until timestamptz,
  failures integer NOT NULL DEFAULT 0
);

CREATE TABLE analytics_data (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id text NOT NULL,
  metric_type text NOT NULL,
  metric_value jsonb NOT NULL,
  timestamp timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  who text NOT NULL,
  action text NOT NULL,
  video_id uuid,
  detail jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now()
);
