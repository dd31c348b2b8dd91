-- The newest state of each product that was taken over: an older one, by call or by event, is ignored whole.
CREATE TABLE products (
  product_id uuid PRIMARY KEY,
  version bigint NOT NULL,
  archived boolean NOT NULL
);

CREATE SEQUENCE price_versions;

-- A SKU may pass from one product to another; each product keeps its own row, so that the order in which the two
-- products' states arrive does not matter.
CREATE TABLE prices (
  sku text NOT NULL,
  currency text NOT NULL,
  product_id uuid NOT NULL REFERENCES products,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  compare_at_minor bigint CHECK (compare_at_minor >= 0),
  weight_grams integer NOT NULL CHECK (weight_grams >= 0),
  tax_class text NOT NULL CHECK (tax_class IN ('standard', 'reduced', 'zero')),
  version bigint NOT NULL,
  archived boolean NOT NULL DEFAULT false,
  PRIMARY KEY (sku, currency, product_id)
);
CREATE INDEX prices_of_product ON prices (product_id);
