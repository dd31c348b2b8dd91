-- A cart belongs to an account or to whoever holds a guest's cookie (of which only a hash is kept). A guest's cart that
-- went into an account's stays as a signpost, so that orders made from it find where their lines went.
CREATE TABLE carts (
  id uuid PRIMARY KEY,
  account_id uuid UNIQUE,
  guest_token_hash bytea UNIQUE,
  merged_into uuid REFERENCES carts,
  version integer NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (num_nonnulls(account_id, guest_token_hash, merged_into) = 1)
);
CREATE INDEX carts_without_account ON carts (updated_at) WHERE account_id IS NULL;
CREATE INDEX carts_merged_into ON carts (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE cart_items (
  cart_id uuid NOT NULL REFERENCES carts ON DELETE CASCADE,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 10000),
  seen_price_minor bigint NOT NULL CHECK (seen_price_minor >= 0),
  -- What the catalogue last said, for when it is away or knows the SKU no more.
  description jsonb NOT NULL,
  added_at timestamptz NOT NULL,
  PRIMARY KEY (cart_id, sku)
);

CREATE VIEW filled_carts AS
SELECT c.id, c.account_id, c.guest_token_hash, c.version, (
  SELECT jsonb_agg(
    jsonb_build_object(
      'sku', i.sku, 'quantity', i.quantity, 'seenPriceMinor', i.seen_price_minor, 'description', i.description,
      'addedAt', to_char(i.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    ORDER BY i.added_at, i.sku COLLATE "C")
  FROM cart_items i WHERE i.cart_id = c.id
) AS lines
FROM carts c;

-- Orders that took lines out of a cart: each once, and each gives them back at most once.
CREATE TABLE taken_orders (
  order_id uuid PRIMARY KEY,
  cart_id uuid NOT NULL,
  lines jsonb NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT now(),
  returned_at timestamptz
);
CREATE INDEX taken_orders_by_age ON taken_orders (taken_at);

-- Additions sent with an idempotency key: a retry after a crash adds nothing twice.
CREATE TABLE keyed_additions (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX keyed_additions_by_age ON keyed_additions (at);
