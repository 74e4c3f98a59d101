-- Up Migration

-- The pause state that a video's workflow was last told, as a version of pipeline_state.
ALTER TABLE video_queue ADD COLUMN control_version bigint NOT NULL DEFAULT 0;
CREATE INDEX audit_log_video ON audit_log (video_id, id);
-- When the move was made, not when its transaction began to wait for the lock.
ALTER TABLE audit_log ALTER COLUMN at SET DEFAULT clock_timestamp();
