-- Up Migration

-- How fast each narration was spoken by itself, pauses included: scripts are written for the speed of their voice.
CREATE TABLE narration_speeds (
  video_id uuid PRIMARY KEY REFERENCES video_queue ON DELETE CASCADE,
  -- Who spoke, as infra/media/narration-speeds.ts names it.
  voice text NOT NULL,
  language text NOT NULL,
  words integer NOT NULL CHECK (words > 0),
  seconds double precision NOT NULL CHECK (seconds > 0),
  measured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX narration_speeds_of_voice ON narration_speeds (voice, language, measured_at DESC);
