-- Up Migration

-- What a worker and its machine are, how they do, and what is reserved of the graphics card; written with each renewal.
ALTER TABLE lane_workers
  -- UUID of the graphics card; '' where none encodes. A machine with two cards has two gpu workers.
  ADD COLUMN device text NOT NULL DEFAULT '',
  ADD COLUMN cores integer,
  ADD COLUMN memory_bytes bigint,
  ADD COLUMN version text,
  -- Hash of the stage table: workers with different ones must not share a queue.
  ADD COLUMN stage_table text,
  -- Why the lane takes no work.
  ADD COLUMN trouble text,
  ADD COLUMN figures jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN reservations jsonb NOT NULL DEFAULT '[]',
  -- Raised by an operator: the worker frees the reservations whose job is gone.
  ADD COLUMN gpu_clears bigint NOT NULL DEFAULT 0,
  DROP CONSTRAINT lane_workers_pkey,
  ADD PRIMARY KEY (machine_id, lane, device),
  DROP CONSTRAINT lane_workers_places_check,
  -- 0 while it is in trouble.
  ADD CONSTRAINT lane_workers_places_check CHECK (places >= 0);
CREATE UNIQUE INDEX lane_workers_device ON lane_workers (device) WHERE device <> '';

-- A premium video that the graphics card had no memory for is rendered on a cpu lane.
ALTER TABLE video_queue ADD COLUMN cpu_only boolean NOT NULL DEFAULT false;
