-- Up Migration

-- One value of a kind, channel (and video) at a time: what a repeated collection finds there, it leaves.
CREATE UNIQUE INDEX analytics_data_series
  ON analytics_data (channel_id, metric_type, timestamp, (coalesce(metric_value->>'video_id', '')));

ALTER TABLE publications
  -- As YouTube counted last, and when that was; null = never.
  ADD COLUMN views bigint,
  ADD COLUMN measured_at timestamptz,
  -- When its views are worth another look; null = at once.
  ADD COLUMN measure_at timestamptz;
CREATE INDEX publications_to_measure ON publications (measure_at NULLS FIRST) WHERE state = 'published';
CREATE INDEX publications_channel ON publications (channel_id) WHERE state = 'published';

-- The known channels, and what ended and failed in a stretch of time.
CREATE INDEX video_queue_channel ON video_queue (channel_id);
CREATE INDEX video_queue_status ON video_queue (status);
CREATE INDEX stage_runs_ended ON stage_runs (ended_at) WHERE ended_at IS NOT NULL;

-- Statistics of YouTube have a gate of their own. No video waits for it.
ALTER TABLE provider_state DROP CONSTRAINT provider_kind,
  ADD CONSTRAINT provider_kind CHECK (kind IN ('llm', 'speech', 'transcription', 'footage', 'statistics'));
