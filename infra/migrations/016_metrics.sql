-- Up Migration

-- Counted at every scrape, from the index alone: the rows themselves are large.
CREATE INDEX video_queue_ended_as ON video_queue (status) WHERE completed_at IS NOT NULL;

-- W3C traceparent of the request that ordered the video: its trace goes on whichever process admits it.
ALTER TABLE video_queue ADD COLUMN trace_parent text;
