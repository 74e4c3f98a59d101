-- Up Migration

-- The artifact store has less free than MIN_FREE_DISK_MB: nothing goes into production until it has more again. All
-- workers share the store, so that one of them may tell for all.
ALTER TABLE pipeline_state ADD COLUMN disk_low boolean NOT NULL DEFAULT false;
