-- Up Migration

-- Less than MIN_FREE_DISK_MB is free where this worker's files lie: its places take nothing until it has more again.
ALTER TABLE lane_workers ADD COLUMN disk_low boolean NOT NULL DEFAULT false;
