-- What every service's database holds beside its own tables. Since: 0.1.0
CREATE SCHEMA IF NOT EXISTS chassis;

-- Events on their way. Business code only inserts; the sequencer moves rows to stream_log. CACHE 1 keeps ids of one
-- key in the order of its row lock (reliability: per-key order).
CREATE TABLE chassis.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
  stream text NOT NULL,
  part smallint NOT NULL,
  key text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  version smallint NOT NULL,
  data json NOT NULL,
  traceparent text,
  occurred_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE chassis.stream_head (
  stream text NOT NULL,
  part smallint NOT NULL,
  incarnation uuid NOT NULL,
  next_seq bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (stream, part)
) WITH (fillfactor = 50);

-- The gapless, ordered stream: what other services read.
CREATE TABLE chassis.stream_log (
  stream text NOT NULL,
  part smallint NOT NULL,
  seq bigint NOT NULL,
  incarnation uuid NOT NULL,
  key text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  version smallint NOT NULL,
  data json NOT NULL,
  traceparent text,
  occurred_at timestamptz NOT NULL,
  PRIMARY KEY (stream, part, seq)
);

-- How far this service has read others' streams; moves by compare-and-set with the effects.
CREATE TABLE chassis.consumer_position (
  consumer text NOT NULL,
  stream text NOT NULL,
  part smallint NOT NULL,
  incarnation uuid,
  last_seq bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (consumer, stream, part)
) WITH (fillfactor = 50);

-- Poison events and all later events of their key, in order.
CREATE TABLE chassis.parked (
  consumer text NOT NULL,
  stream text NOT NULL,
  part smallint NOT NULL,
  seq bigint NOT NULL,
  key text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  version smallint NOT NULL,
  data json NOT NULL,
  traceparent text,
  occurred_at timestamptz NOT NULL,
  error text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, stream, part, seq)
);
CREATE INDEX parked_by_key ON chassis.parked (consumer, stream, key, seq);

-- Timers (fired in a transaction) and tasks (worked under a lease).
CREATE TABLE chassis.moments (
  name text NOT NULL,
  key text NOT NULL,
  due_at timestamptz NOT NULL,
  data json,
  generation bigint NOT NULL DEFAULT 1,
  attempts integer NOT NULL DEFAULT 0,
  lease uuid,
  leased_until timestamptz,
  last_error text,
  PRIMARY KEY (name, key)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX moments_due ON chassis.moments (due_at);

CREATE TABLE chassis.idempotency_keys (
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  ids uuid[] NOT NULL,
  request text,
  answer json,
  holder uuid,
  held_until timestamptz,
  tries integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_age ON chassis.idempotency_keys (created_at);
CREATE INDEX idempotency_keys_open ON chassis.idempotency_keys (held_until) WHERE answer IS NULL;

CREATE TABLE chassis.job_runs (
  name text PRIMARY KEY,
  due_at timestamptz NOT NULL DEFAULT now(),
  leased_until timestamptz
);
