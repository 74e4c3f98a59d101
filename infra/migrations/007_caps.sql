-- Up Migration

-- Most that a channel's videos may cost in a day; null = no limit of its own.
CREATE TABLE channels (
  channel_id text PRIMARY KEY,
  daily_limit numeric(12,6) CHECK (daily_limit >= 0)
);
-- Paused by an emergency halt, until the pipeline is resumed.
ALTER TABLE pipeline_state ADD COLUMN halted boolean NOT NULL DEFAULT false;
-- Money of what is in production and of what ended today, and the history of each complexity.
CREATE INDEX video_queue_completed ON video_queue (complexity, completed_at DESC) WHERE status = 'completed';
