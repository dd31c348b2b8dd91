-- How far each partition of a stream was copied to the broker; moves by compare-and-set after the broker's answer. Without a broker, empty.
CREATE TABLE chassis.published (
  stream text NOT NULL,
  part smallint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (stream, part)
) WITH (fillfactor = 50);
