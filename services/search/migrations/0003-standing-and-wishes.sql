-- How availability, sales and rating move a product's score. What it was before is kept with the moment of the change, so that the pages
-- of a list that began earlier agree with its first one.
ALTER TABLE facts ADD COLUMN standing smallint NOT NULL DEFAULT 0, ADD COLUMN standing_before smallint NOT NULL DEFAULT 0,
  ADD COLUMN standing_at timestamptz NOT NULL DEFAULT '-infinity';
UPDATE facts SET standing = CASE WHEN available > 0 THEN 0 ELSE -60 END + width_bucket(sales, ARRAY[4, 16, 64, 256, 1024]::bigint[]) * 2
  + CASE WHEN rating_count < 3 THEN 0 ELSE greatest(-5, least(5, (rating_hundredths - 350) / 30)) END;

ALTER TABLE documents ADD COLUMN language text NOT NULL DEFAULT 'en';
-- Languages that products have or had: a question is asked in each.
CREATE TABLE languages (language text COLLATE "C" PRIMARY KEY);
INSERT INTO languages VALUES ('en');

-- What the merchant wants of questions. Phrases are in tokens with blanks between, keys are those without plurals.
CREATE TABLE synonyms (
  id uuid PRIMARY KEY,
  words text[] NOT NULL,
  phrases text[] NOT NULL,
  keys text[] NOT NULL,
  language text,
  version bigint NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by uuid NOT NULL
);
CREATE INDEX synonyms_keys ON synonyms USING gin (keys) WITH (fastupdate = off);
CREATE TABLE placements (
  id uuid PRIMARY KEY,
  question text NOT NULL,
  key text COLLATE "C" NOT NULL UNIQUE,
  pinned uuid[] NOT NULL,
  buried uuid[] NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by uuid NOT NULL
);

-- What shoppers asked for and found, without who they are. Counted per stretch of time: a question is common when many stretches had it.
CREATE TABLE questions (
  question text COLLATE "C" PRIMARY KEY,
  asked bigint NOT NULL,
  stretches integer NOT NULL,
  last_stretch bigint NOT NULL
);
CREATE INDEX questions_beginning ON questions (question text_pattern_ops) WHERE stretches >= 3;
