CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What changes seldom: text and values to filter by. Only listed products have a row here.
CREATE TABLE documents (
  product_id uuid PRIMARY KEY,
  version bigint NOT NULL,
  slug text NOT NULL,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  brand text,
  brand_key text COLLATE "C",
  vendor_id uuid,
  created_at timestamptz NOT NULL,
  category_ids uuid[] NOT NULL,
  own_category_ids uuid[] NOT NULL,
  tags text[] NOT NULL,
  attributes text[] NOT NULL,
  attribute_keys text[] NOT NULL,
  card json NOT NULL
);
CREATE INDEX documents_newest ON documents (created_at DESC, product_id DESC);
CREATE INDEX documents_categories ON documents USING gin (category_ids) WITH (fastupdate = off);
CREATE INDEX documents_attributes ON documents USING gin (attribute_keys) WITH (fastupdate = off);
CREATE INDEX documents_tags ON documents USING gin (tags) WITH (fastupdate = off);
CREATE INDEX documents_brand ON documents (brand_key, created_at DESC, product_id DESC);
CREATE INDEX documents_vendor ON documents (vendor_id) WHERE vendor_id IS NOT NULL;
CREATE INDEX documents_name ON documents (name_key text_pattern_ops);

-- Listed products of a category, itself or below it, ready in the order in which most shoppers see them.
CREATE TABLE shelves (
  category_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  product_id uuid NOT NULL,
  PRIMARY KEY (category_id, created_at, product_id)
);
CREATE INDEX shelves_product ON shelves (product_id);

-- Words of listed products. Kept whole beside each other (no compression, no second table): ranking reads them by thousands.
CREATE TABLE texts (
  product_id uuid PRIMARY KEY,
  words tsvector NOT NULL,
  norm_a real NOT NULL,
  norm_b real NOT NULL,
  norm_c real NOT NULL,
  norm_d real NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE texts ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX texts_words ON texts USING gin (words) WITH (fastupdate = off);

-- What changes often, one narrow row a product, so that a change of stock rewrites neither text nor index.
CREATE TABLE facts (
  product_id uuid PRIMARY KEY,
  listed boolean NOT NULL DEFAULT false,
  price_minor bigint NOT NULL DEFAULT 0,
  currency text NOT NULL DEFAULT '',
  compare_at_minor bigint,
  available bigint NOT NULL DEFAULT 0,
  low boolean NOT NULL DEFAULT false,
  rating_hundredths integer NOT NULL DEFAULT 0,
  rating_count integer NOT NULL DEFAULT 0,
  sales bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX facts_price ON facts (price_minor, product_id) WHERE listed;
CREATE INDEX facts_rating ON facts (rating_hundredths DESC, rating_count DESC, product_id DESC) WHERE listed;
CREATE INDEX facts_sales ON facts (sales DESC, product_id DESC) WHERE listed;

-- What is known of each SKU, whoever told first. `position` is null while no listed product sells it.
CREATE TABLE sku_facts (
  sku text COLLATE "C" PRIMARY KEY,
  product_id uuid NOT NULL,
  position integer,
  given_minor bigint,
  given_currency text,
  given_compare_at_minor bigint,
  price_minor bigint,
  currency text,
  compare_at_minor bigint,
  price_version bigint NOT NULL DEFAULT 0,
  available bigint NOT NULL DEFAULT 0,
  low boolean NOT NULL DEFAULT false,
  stock_version bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX sku_facts_product ON sku_facts (product_id);

CREATE TABLE categories (
  id uuid PRIMARY KEY,
  slug text COLLATE "C" NOT NULL,
  path text NOT NULL,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL
);
CREATE INDEX categories_slug ON categories (slug);
CREATE INDEX categories_name ON categories (name_key text_pattern_ops);

-- How many products hold a word, for ranking and spelling; counted anew by a job.
CREATE TABLE terms (
  word text COLLATE "C" PRIMARY KEY,
  products integer NOT NULL
);
CREATE INDEX terms_likeness ON terms USING gin (word gin_trgm_ops);

-- One row: how many products there are, and how much has changed since the words were counted.
CREATE TABLE index_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  counted_products integer NOT NULL DEFAULT 0,
  changed integer NOT NULL DEFAULT 0,
  counted_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO index_state DEFAULT VALUES;
