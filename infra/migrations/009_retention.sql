-- Up Migration

-- When the files of an ended video were taken off offer, and when they were gone from the store. Of two ends of
-- one video (it may be retried) these belong to the one before them.
ALTER TABLE video_queue ADD COLUMN artifacts_expired_at timestamptz, ADD COLUMN artifacts_removed_at timestamptz;

-- A clip that no video has asked for in a long while is removed.
ALTER TABLE footage_files ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX footage_files_key ON footage_files (artifact_key);
CREATE INDEX footage_files_used ON footage_files (used_at);
CREATE INDEX paid_answers_file ON paid_answers (artifact_key) WHERE artifact_key IS NOT NULL;
CREATE INDEX order_requests_time ON order_requests (created_at);
