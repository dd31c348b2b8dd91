-- Customer groups, which price lists may be for. They travel in the access token, as roles do.
ALTER TABLE accounts ADD COLUMN groups text[] NOT NULL DEFAULT '{}' CHECK (cardinality(groups) <= 20);
