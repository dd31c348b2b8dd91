-- Notices as they came, each once; applied afterwards by asking the provider how its charge stands now.
CREATE TABLE webhook_inbox (
  provider text NOT NULL,
  event_id text NOT NULL,
  charge_id text NOT NULL,
  revision bigint NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  applied_at timestamptz,
  -- Its charge is being asked about.
  queued boolean NOT NULL DEFAULT false,
  PRIMARY KEY (provider, event_id)
);
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (charge_id) WHERE applied_at IS NULL;
CREATE INDEX webhook_inbox_by_age ON webhook_inbox (received_at);

-- How far the provider's book was compared.
CREATE TABLE reconciliation_cursors (
  provider text PRIMARY KEY,
  revision bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reconciliation_mismatches (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  class text NOT NULL CHECK (class IN ('missing-here', 'missing-there', 'amount', 'state', 'duplicate')),
  provider text NOT NULL,
  order_id text NOT NULL,
  -- The charge, or the operation where there is no charge.
  subject text NOT NULL,
  detail text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz
);
CREATE UNIQUE INDEX reconciliation_mismatches_open ON reconciliation_mismatches (class, subject) WHERE resolved_at IS NULL;
CREATE INDEX payment_ops_by_charge ON payment_ops (charge_id) WHERE kind = 'authorize';
