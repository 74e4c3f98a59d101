-- Up Migration

-- A row per provider that is configured; the workers register them at their start.
ALTER TABLE provider_state
  -- Mark of the address and key: another one opens a gate that the old one has closed.
  ADD COLUMN account text,
  -- Language of the videos that a fallback takes over while it is closed, 'any' for all; NULL = all wait for it.
  ADD COLUMN stand_in text,
  -- Closings in a row; each is twice as long as the one before.
  ADD COLUMN closings integer NOT NULL DEFAULT 0,
  -- The one call that may try a closed provider, and when it is given up.
  ADD COLUMN probe uuid,
  ADD COLUMN probe_until timestamptz,
  ADD COLUMN changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD CONSTRAINT provider_kind CHECK (kind IN ('llm', 'speech', 'transcription', 'footage'));
