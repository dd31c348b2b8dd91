-- Whether the index of this database is being made anew beside the one that is asked: then every change is written to both. Whoever
-- writes words shares the row, whoever begins or ends takes it.
CREATE TABLE rebuild (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  active boolean NOT NULL DEFAULT false,
  -- The last product that went into the new one.
  done_to uuid,
  ended_at timestamptz
);
INSERT INTO rebuild DEFAULT VALUES;
