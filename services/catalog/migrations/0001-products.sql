-- Documents are json, not jsonb: they are read whole, and the merchant's order of attributes is kept.
CREATE TABLE products (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'draft', 'archived')),
  vendor_id uuid,
  hash text NOT NULL,
  image json,
  document json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Every slug a product ever had; the current one stands in its row.
CREATE TABLE slugs (
  slug text COLLATE "C" PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX slugs_of_product ON slugs (product_id);

-- Every SKU a product ever had: it stays reserved for that product.
CREATE TABLE variants (
  sku text COLLATE "C" PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products (id),
  variant_id uuid NOT NULL,
  position integer NOT NULL,
  options json NOT NULL,
  archived boolean NOT NULL
);
CREATE INDEX variants_of_product ON variants (product_id);

CREATE TABLE categories (
  id uuid PRIMARY KEY,
  parent_id uuid REFERENCES categories (id),
  name text NOT NULL,
  slug text COLLATE "C" NOT NULL UNIQUE,
  path text COLLATE "C" NOT NULL,
  -- Upper and lower case do not make two categories.
  path_key text COLLATE "C" NOT NULL UNIQUE
);

CREATE TABLE ratings (
  product_id uuid PRIMARY KEY,
  average real NOT NULL,
  count integer NOT NULL
) WITH (fillfactor = 70);
