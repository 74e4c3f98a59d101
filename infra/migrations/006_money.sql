-- Up Migration

-- held: set aside for a paid call; settled: replaced by its charges; refunded: its call was not billed;
-- assumed: nobody knows whether its call was billed, so all of it counts; charged: spent; saved: a stored answer
-- took the place of a call, amount is what that had cost. The total of a video is charged + assumed.
ALTER TABLE pipeline_costs DROP CONSTRAINT pipeline_costs_state_check;
ALTER TABLE pipeline_costs ADD CONSTRAINT pipeline_costs_state_check
  CHECK (state IN ('held', 'settled', 'refunded', 'assumed', 'charged', 'saved'));
CREATE INDEX pipeline_costs_held ON pipeline_costs (video_id, stage) WHERE state = 'held';

ALTER TABLE video_budget ADD CHECK (spent >= 0), ADD CHECK (held >= 0);

-- Answers of paid calls, stored with their charges. `key` is the hash of all that an answer is made from.
CREATE TABLE paid_answers (
  key text PRIMARY KEY,
  -- Null: every video may use it.
  video_id uuid REFERENCES video_queue ON DELETE CASCADE,
  stage text NOT NULL,
  kind text NOT NULL,
  answer jsonb NOT NULL,
  cost numeric(12,6) NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Of an answer that is a file in the artifact store.
  artifact_key text GENERATED ALWAYS AS (answer->>'key') STORED
);
CREATE INDEX paid_answers_video ON paid_answers (video_id, stage) WHERE video_id IS NOT NULL;
CREATE INDEX paid_answers_used ON paid_answers (used_at);
-- Answers of searches are paid answers now.
DROP TABLE footage_searches;

-- The marks of its budget that a video has reached: each is told once.
CREATE TABLE cost_alerts (
  video_id uuid NOT NULL REFERENCES video_queue ON DELETE CASCADE,
  level text NOT NULL CHECK (level IN ('warning', 'critical', 'exceeded')),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (video_id, level)
);
