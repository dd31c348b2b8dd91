-- When a request took its key: its hold is short and renewed while it runs, and this bounds for how long.
ALTER TABLE chassis.idempotency_keys ADD COLUMN held_since timestamptz;
