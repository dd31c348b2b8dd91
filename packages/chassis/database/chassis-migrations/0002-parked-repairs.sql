-- How often the data of a parked event was changed: whoever changes it says which one they saw.
ALTER TABLE chassis.parked ADD COLUMN revision integer NOT NULL DEFAULT 0;

-- Every repair of a parked event, with the data as it was. Never changed, never deleted: what was published and what was applied differ
-- only by these rows.
CREATE TABLE chassis.parked_repairs (
  consumer text NOT NULL,
  stream text NOT NULL,
  part smallint NOT NULL,
  seq bigint NOT NULL,
  key text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  revision integer NOT NULL,
  action text NOT NULL CHECK (action IN ('changed', 'dropped')),
  by uuid NOT NULL,
  reason text NOT NULL,
  before json NOT NULL,
  after json,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, stream, part, seq, event_id, revision),
  CHECK ((action = 'changed') = (after IS NOT NULL))
);
CREATE INDEX parked_repairs_newest ON chassis.parked_repairs (consumer, at DESC);
