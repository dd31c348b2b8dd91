-- Whether the index of this database is being made anew beside the one that is asked: then every change is written to both. Whoever
-- writes words shares the row, whoever begins or ends takes it.
CREATE TABLE rebuild (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  active boolean NOT NULL DEFAULT false,
  ended_at timestamptz
);
INSERT INTO rebuild DEFAULT VALUES;
-- The last product that went into the new one. Whoever makes it holds the row: a step waits for those who write products, so it must hold
-- nothing that they wait for.
CREATE TABLE rebuild_progress (one boolean PRIMARY KEY DEFAULT true CHECK (one), done_to uuid);
INSERT INTO rebuild_progress DEFAULT VALUES;
