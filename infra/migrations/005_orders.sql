-- Up Migration

-- Answers to orders that came with an Idempotency-Key. One key may stand for a batch, so it is no column of a video.
CREATE TABLE order_requests (
  owner text NOT NULL,
  key text NOT NULL,
  -- Of the orders as they were understood: the same key with other orders is a mistake of the caller.
  hash text NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, key)
);
DROP INDEX video_queue_idempotency;
ALTER TABLE video_queue
  DROP COLUMN idempotency_owner, DROP COLUMN idempotency_key, DROP COLUMN idempotency_hash;

CREATE INDEX video_queue_newest ON video_queue (created_at DESC, id DESC);
CREATE INDEX video_queue_ended ON video_queue (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX stage_runs_measured ON stage_runs (stage, id DESC) WHERE outcome = 'completed';
CREATE INDEX pipeline_costs_time ON pipeline_costs (timestamp);
