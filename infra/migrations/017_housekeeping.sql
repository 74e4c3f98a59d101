-- Up Migration

-- A deleted video is a row without its content: the ledger needs it. Its files and what else lies about it are gone
-- at purged_at; what a stage that was still at work left after that goes in a second pass.
ALTER TABLE video_queue
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN purged_at timestamptz,
  -- Holds against processes of an older version as well, which know nothing of deletion.
  ADD CONSTRAINT deleted_is_final CHECK (deleted_at IS NULL OR status IN ('completed', 'failed', 'cancelled'));
CREATE INDEX video_queue_deleted ON video_queue (purged_at NULLS FIRST) WHERE deleted_at IS NOT NULL;

CREATE INDEX audit_log_time ON audit_log (at);
