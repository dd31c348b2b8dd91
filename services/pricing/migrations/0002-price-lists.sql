-- Prices beside the products' own, for a currency, a group, a channel and a time. `position` tells which of two lists is older.
CREATE TABLE price_lists (
  list_id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  version bigint NOT NULL,
  name text NOT NULL,
  currency text NOT NULL,
  customer_group text,
  channel text CHECK (channel IN ('web', 'pos')),
  valid_from timestamptz,
  valid_until timestamptz,
  CHECK (valid_from < valid_until)
);

-- SKUs come first in the key: prices are read by SKU on every request, by list only when a list is edited.
CREATE TABLE price_list_prices (
  sku text NOT NULL,
  list_id uuid NOT NULL REFERENCES price_lists ON DELETE CASCADE,
  min_quantity integer NOT NULL CHECK (min_quantity > 0),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  compare_at_minor bigint CHECK (compare_at_minor >= 0),
  PRIMARY KEY (sku, list_id, min_quantity)
);
CREATE INDEX price_list_prices_of_list ON price_list_prices (list_id);

-- What everybody on the web pays for one unit, as it was told last. Its row is locked before the price is found anew, so that of two
-- changes at once (of a product and of a list, say) the later one sees the earlier. Without an amount, the SKU is not sold.
CREATE TABLE public_prices (
  sku text PRIMARY KEY,
  product_id uuid,
  currency text,
  amount_minor bigint,
  compare_at_minor bigint,
  version bigint NOT NULL DEFAULT 0
);
INSERT INTO public_prices (sku, product_id, currency, amount_minor, compare_at_minor, version)
SELECT DISTINCT ON (sku) sku, product_id, currency, amount_minor, compare_at_minor, version
FROM prices WHERE NOT archived ORDER BY sku, version DESC;

-- The currency that public prices were told in: after another one is set, they are told anew.
CREATE TABLE public_currency (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  currency text NOT NULL
);
