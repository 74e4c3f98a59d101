-- Answers of footage searches, used again for a day whatever video asks.
CREATE TABLE footage_searches (
  provider text NOT NULL,
  term text NOT NULL,
  orientation text NOT NULL,
  locale text NOT NULL,
  answer jsonb NOT NULL,
  fetched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, term, orientation, locale)
);

-- Clips that were downloaded and found whole; the file lies in the artifact store under shared/footage/.
CREATE TABLE footage_files (
  provider text NOT NULL,
  file_id text NOT NULL,
  sha256 text NOT NULL,
  artifact_key text NOT NULL,
  bytes bigint NOT NULL,
  facts jsonb NOT NULL,
  licence jsonb NOT NULL,
  fetched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, file_id)
);
