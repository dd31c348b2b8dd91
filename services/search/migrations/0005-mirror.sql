-- Indices of an engine elsewhere. While the row is there, changes of products are noted in `unsent`, whichever engine answers.
CREATE TABLE mirror (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- What products look like there; another release may want another shape.
  shape integer NOT NULL,
  -- The index that is whole, and is asked; none while there is none.
  live text,
  -- The index that is being made, and the last product that went into it.
  filling text,
  filled_to uuid,
  -- Somebody wants another one, beside the one that is asked.
  anew boolean NOT NULL DEFAULT false,
  -- Indices that were asked before, until nobody can be asking them any more.
  retired text[] NOT NULL DEFAULT '{}',
  swapped_at timestamptz NOT NULL DEFAULT now(),
  tended_at timestamptz NOT NULL DEFAULT now()
);

-- What the engine refused for good waits longer than what it was not told yet.
ALTER TABLE unsent ADD COLUMN not_before timestamptz NOT NULL DEFAULT '-infinity';
-- Who waits longest is told first, however often it has changed since.
DROP INDEX unsent_revision;
CREATE INDEX unsent_noted ON unsent (noted_at);
