-- Processes of this service that are alive: they share the partitions of what it reads and publishes. A row that is not renewed is gone.
CREATE TABLE chassis.replicas (
  id uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);
