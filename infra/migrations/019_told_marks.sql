-- Up Migration

-- When the mark was told; null while it was not, or Redis was away: reconcile tells it then. The default is for rows of
-- before, and for those that a process of an earlier version writes and tells.
ALTER TABLE cost_alerts ADD COLUMN told_at timestamptz DEFAULT clock_timestamp();
CREATE INDEX cost_alerts_untold ON cost_alerts (at) WHERE told_at IS NULL;
