CREATE TABLE shipments (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  carrier text NOT NULL,
  tracking_number text NOT NULL,
  state text NOT NULL CHECK (state IN ('announced', 'in-transit', 'delivered', 'cancelled')),
  lines jsonb NOT NULL,
  event_count integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX one_live_shipment_of_order ON shipments (order_id) WHERE state <> 'cancelled';
CREATE INDEX shipments_of_order ON shipments (order_id);
CREATE INDEX shipments_by_tracking_number ON shipments (tracking_number);

-- Append-only; `number` counts from 1 within a shipment.
CREATE TABLE tracking_events (
  shipment_id uuid NOT NULL REFERENCES shipments,
  number integer NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  state text NOT NULL,
  place text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (shipment_id, number)
);

-- Orders that ended before a parcel left: a shipment asked for later, by a call that was overtaken, is born cancelled.
CREATE TABLE cancelled_orders (
  order_id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);
