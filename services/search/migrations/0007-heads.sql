-- Of a word that very many products hold, those that it tells most of. `x` is what the word is worth there (domain/ranking.ts, before
-- saturation); a listed product that is not among them has no more than `floor`. Whoever writes words keeps both true.
CREATE TABLE heads (
  word text COLLATE "C" NOT NULL,
  product_id uuid NOT NULL,
  x float8 NOT NULL,
  PRIMARY KEY (word, product_id)
);
CREATE INDEX heads_product ON heads (product_id);
-- Null while the word has no head, negative while it is being made.
ALTER TABLE terms ADD COLUMN floor float8;
CREATE INDEX terms_headed ON terms (word) WHERE floor IS NOT NULL;
-- When the words were last looked through for those that need a head.
ALTER TABLE index_state ADD COLUMN headed_at timestamptz NOT NULL DEFAULT '-infinity';
