-- Up Migration

-- The account that a channel's videos are uploaded to; the refresh token is sealed (infra/publish/token-box.ts).
CREATE TABLE youtube_channels (
  channel_id text PRIMARY KEY,
  youtube_id text NOT NULL,
  title text NOT NULL,
  refresh_token text NOT NULL,
  -- YouTube takes no more of this account's videos until then.
  closed_until timestamptz,
  connected_at timestamptz NOT NULL DEFAULT now()
);

-- Allowance that was used, by the day of Los Angeles, at whose midnight YouTube begins to count anew.
CREATE TABLE youtube_quota (
  day date NOT NULL,
  bucket text NOT NULL CHECK (bucket IN ('uploads', 'units')),
  used integer NOT NULL DEFAULT 0,
  -- YouTube itself has said that the day's allowance is used up.
  exhausted boolean NOT NULL DEFAULT false,
  PRIMARY KEY (day, bucket)
);

-- A finished video on its way to YouTube.
CREATE TABLE publications (
  video_id uuid PRIMARY KEY REFERENCES video_queue ON DELETE CASCADE,
  channel_id text NOT NULL,
  -- Private until then; null = private until somebody changes it at YouTube.
  publish_at timestamptz,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'uploading', 'published', 'failed', 'cancelled')),
  -- The package was ready: whoever was first goes first.
  ready_at timestamptz NOT NULL,
  -- Sealed address of the upload session, written before the first byte is sent.
  session text,
  -- From then on the video may exist, whatever was answered: no other session is ever begun.
  last_part_sent boolean NOT NULL DEFAULT false,
  bytes bigint,
  sent_bytes bigint NOT NULL DEFAULT 0,
  -- In a row, since the last byte that arrived.
  failures integer NOT NULL DEFAULT 0,
  youtube_id text,
  thumbnail_at timestamptz,
  captions_at timestamptz,
  missing jsonb NOT NULL DEFAULT '{}',
  reason text,
  message text,
  uploading_at timestamptz,
  ended_at timestamptz,
  -- When reconcile last saw that its workflow is there.
  looked_at timestamptz
);
CREATE INDEX publications_open ON publications (ready_at, video_id) WHERE state IN ('waiting', 'uploading');
CREATE INDEX video_queue_to_publish ON video_queue (completed_at)
  WHERE status = 'completed' AND request_data->'publish' = 'true';
