-- What is read only to make a product findable: with its row in `documents`, all that an engine is told of it.
CREATE TABLE contents (
  product_id uuid PRIMARY KEY,
  category_names text[] NOT NULL,
  skus text[] NOT NULL,
  description text NOT NULL
);

-- Products that an engine elsewhere must still be told of; empty while the engine is this database.
CREATE SEQUENCE revisions;
CREATE TABLE unsent (
  product_id uuid PRIMARY KEY,
  revision bigint NOT NULL DEFAULT nextval('revisions'),
  noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX unsent_revision ON unsent (revision);
