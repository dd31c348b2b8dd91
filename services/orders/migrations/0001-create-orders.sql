CREATE SEQUENCE order_numbers START 100001;

-- The order row is the saga row: (status, version, deadline_at).
CREATE TABLE orders (
  order_id uuid PRIMARY KEY,
  number bigint NOT NULL DEFAULT nextval('order_numbers') UNIQUE,
  saga_version smallint NOT NULL DEFAULT 1,
  version integer NOT NULL DEFAULT 1,
  status text NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED', 'REFUNDED')),
  account_id uuid,
  person_id uuid NOT NULL,
  email_index text,
  -- E-mail and addresses, sealed with the person's key.
  sealed_contact text NOT NULL,
  lines json NOT NULL,
  totals json NOT NULL,
  total_minor bigint NOT NULL,
  currency text NOT NULL,
  shipping_option text NOT NULL,
  method text NOT NULL,
  provider text NOT NULL,
  payment_state text NOT NULL,
  next_action_url text,
  cart_id uuid,
  cancel_requested boolean NOT NULL DEFAULT false,
  cancel_reason text,
  flags text[] NOT NULL DEFAULT '{}',
  -- While PENDING: when somebody must look at it again. Moved on each time the wait is prolonged.
  deadline_at timestamptz,
  pay_by timestamptz,
  placed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX orders_of_account ON orders (account_id, order_id DESC) WHERE account_id IS NOT NULL;
CREATE INDEX orders_of_guest ON orders (email_index) WHERE account_id IS NULL;
CREATE INDEX orders_open ON orders (deadline_at) WHERE status = 'PENDING';
CREATE INDEX orders_live ON orders (order_id) WHERE status IN ('CONFIRMED', 'PROCESSING');

CREATE TABLE order_timeline (
  order_id uuid NOT NULL,
  n integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  status text NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (order_id, n)
);

-- POST /order without a key: the same account and body within a minute is the same order.
CREATE TABLE recent_requests (
  account_id uuid NOT NULL,
  fingerprint text NOT NULL,
  order_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, fingerprint)
);
CREATE INDEX recent_requests_age ON recent_requests (created_at);
