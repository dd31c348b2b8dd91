CREATE TABLE imports (
  id uuid PRIMARY KEY,
  origin text NOT NULL CHECK (origin IN ('upload', 'demo')),
  state text NOT NULL CHECK (state IN ('uploading', 'running', 'done', 'failed')),
  -- Whoever uploads now; a retry that takes over fences the one before it.
  uploader uuid NOT NULL,
  batches integer NOT NULL DEFAULT 0,
  -- Batches whose rows are committed; `pending` are the products of the last one that pricing and inventory may not know yet.
  applied integer NOT NULL DEFAULT 0,
  pending uuid[] NOT NULL DEFAULT '{}',
  read integer NOT NULL DEFAULT 0,
  created integer NOT NULL DEFAULT 0,
  updated integer NOT NULL DEFAULT 0,
  unchanged integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  begun_at timestamptz NOT NULL DEFAULT now(),
  touched_at timestamptz NOT NULL DEFAULT now()
);

-- What was uploaded, cut into pieces of work; each is gone once it is done. Compression would cost more than it saves.
CREATE TABLE import_batches (
  import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  number integer NOT NULL,
  entries text NOT NULL,
  PRIMARY KEY (import_id, number)
);
ALTER TABLE import_batches ALTER COLUMN entries SET STORAGE EXTERNAL;

CREATE TABLE import_errors (
  import_id uuid NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  line integer NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (import_id, line)
);
