CREATE TABLE payments (
  order_id uuid PRIMARY KEY,
  number text,
  method text NOT NULL CHECK (method IN ('card', 'bank-transfer', 'cash-on-delivery')),
  provider text NOT NULL CHECK (provider IN ('sandbox', 'bank-transfer', 'cash-on-delivery', 'none')),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  state text NOT NULL,
  attempt uuid,
  placed boolean NOT NULL DEFAULT false,
  cancelled boolean NOT NULL DEFAULT false,
  shipped boolean NOT NULL DEFAULT false,
  over boolean NOT NULL DEFAULT false,
  captured_minor bigint NOT NULL DEFAULT 0,
  refund_ordered_minor bigint NOT NULL DEFAULT 0,
  refunded_minor bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- The rules of the domain once more, where nothing gets around them.
  CONSTRAINT captured_at_most_authorised CHECK (captured_minor BETWEEN 0 AND amount_minor),
  CONSTRAINT refunds_at_most_captured CHECK (refund_ordered_minor BETWEEN refunded_minor AND captured_minor),
  CONSTRAINT refunded_not_negative CHECK (refunded_minor >= 0)
) WITH (fillfactor = 80);
CREATE INDEX payments_unplaced ON payments (created_at) WHERE NOT placed AND NOT over;

-- The id is the idempotency key at the provider; it is committed before anything is sent.
CREATE TABLE payment_ops (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES payments (order_id),
  kind text NOT NULL CHECK (kind IN ('authorize', 'capture', 'void', 'refund', 'receipt')),
  attempt uuid NOT NULL,
  provider text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  currency text NOT NULL,
  state text NOT NULL CHECK (state IN ('created', 'sent', 'requires-action', 'succeeded', 'failed', 'unknown')),
  reason text,
  hosted boolean NOT NULL,
  action_url text,
  tries integer NOT NULL DEFAULT 0,
  reached integer NOT NULL DEFAULT 0,
  inquiries integer NOT NULL DEFAULT 0,
  absences integer NOT NULL DEFAULT 0,
  ending boolean NOT NULL DEFAULT false,
  closed boolean NOT NULL DEFAULT false,
  abandoned boolean NOT NULL DEFAULT false,
  charge_id text,
  charge_state text,
  revision bigint NOT NULL DEFAULT 0,
  -- Card token and return address, sealed; wiped when they are of no more use.
  secrets text,
  -- Fingerprint of what is sent under this key; never another one.
  request_hash text,
  hash_conflicts integer NOT NULL DEFAULT 0,
  sent_at timestamptz,
  unknown_at timestamptz,
  -- When its charge was found in the provider's book by the reconciliation.
  matched_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX payment_ops_by_order ON payment_ops (order_id);
CREATE INDEX payment_ops_open ON payment_ops (updated_at) WHERE state IN ('created', 'sent', 'unknown', 'requires-action');
CREATE INDEX payment_ops_unmatched ON payment_ops (id) WHERE kind = 'authorize' AND state = 'succeeded' AND matched_at IS NULL;
CREATE UNIQUE INDEX payment_ops_one_capture ON payment_ops (attempt) WHERE kind = 'capture' AND NOT (state = 'failed' AND closed);
CREATE UNIQUE INDEX payment_ops_one_void ON payment_ops (attempt) WHERE kind = 'void';

-- Same key, same parameters: what is sent under a key can never change.
CREATE FUNCTION refuse_other_parameters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'operation % keeps its parameters', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER payment_ops_keep_parameters BEFORE UPDATE ON payment_ops FOR EACH ROW
  WHEN ((OLD.order_id, OLD.kind, OLD.attempt, OLD.provider, OLD.amount_minor, OLD.currency) IS DISTINCT FROM
        (NEW.order_id, NEW.kind, NEW.attempt, NEW.provider, NEW.amount_minor, NEW.currency))
  EXECUTE FUNCTION refuse_other_parameters();

CREATE TABLE op_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  op_id uuid NOT NULL REFERENCES payment_ops (id),
  from_state text,
  to_state text NOT NULL,
  cause text NOT NULL CHECK (cause IN ('order', 'staff', 'shopper', 'response', 'webhook', 'poll', 'report', 'clock')),
  reason text,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX op_history_by_op ON op_history (op_id);
