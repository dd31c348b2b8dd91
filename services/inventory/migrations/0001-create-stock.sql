CREATE TABLE stock_levels (
  sku text NOT NULL,
  warehouse text NOT NULL DEFAULT 'main',
  product_id uuid NOT NULL,
  on_hand_units bigint NOT NULL,
  reserved_units bigint NOT NULL DEFAULT 0,
  threshold_units bigint NOT NULL DEFAULT 5,
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (sku, warehouse),
  CONSTRAINT never_oversold CHECK (on_hand_units - reserved_units >= 0),
  CONSTRAINT reserved_not_negative CHECK (reserved_units >= 0)
) WITH (fillfactor = 50);

CREATE TABLE reservations (
  order_id uuid PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('held', 'committed', 'shipped', 'returned', 'released')),
  expires_at timestamptz,
  release_reason text,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX reservations_expiring ON reservations (expires_at) WHERE state = 'held';

CREATE TABLE reservation_lines (
  order_id uuid NOT NULL REFERENCES reservations,
  sku text NOT NULL,
  warehouse text NOT NULL,
  units bigint NOT NULL CHECK (units > 0),
  PRIMARY KEY (order_id, sku, warehouse)
);

CREATE TABLE stock_movements (
  id uuid PRIMARY KEY,
  sku text NOT NULL,
  warehouse text NOT NULL,
  delta_units bigint NOT NULL,
  on_hand_after_units bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opening', 'adjustment', 'shipment', 'return')),
  reason text NOT NULL,
  order_id uuid,
  moved_by uuid,
  moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_movements_by_sku ON stock_movements (sku, id DESC);
CREATE UNIQUE INDEX stock_movements_once ON stock_movements (order_id, kind, sku, warehouse) WHERE order_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stock movements are never changed'; END $$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON stock_movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
