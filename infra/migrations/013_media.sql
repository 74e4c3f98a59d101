-- Up Migration

-- Which video of a channel showed a clip last. Holds the channel's latest videos alone, see footage-uses.ts.
CREATE TABLE footage_uses (
  channel_id text NOT NULL,
  provider text NOT NULL,
  clip_id text NOT NULL,
  video_id uuid NOT NULL,
  used_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel_id, provider, clip_id)
);

-- Clips and images that people have sent; the file lies in the artifact store under shared/media/. Two that were sent
-- with the same content are two rows and one file.
CREATE TABLE media_files (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('clip', 'image')),
  format text NOT NULL,
  sha256 text NOT NULL,
  artifact_key text NOT NULL,
  bytes bigint NOT NULL,
  -- Pixels as seen, after rotation.
  width integer NOT NULL,
  height integer NOT NULL,
  -- Null for an image.
  duration_ms integer,
  -- Quarter turns and mirroring of an image, as EXIF numbers them: 1 is upright.
  orientation integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX media_files_key ON media_files (artifact_key);
CREATE INDEX media_files_used ON media_files (used_at);
