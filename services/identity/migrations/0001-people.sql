-- Whoever personal data belongs to, accounts and guests alike: the key their data is encrypted with, itself sealed.
CREATE TABLE people (
  person_id uuid PRIMARY KEY,
  guest boolean NOT NULL,
  kek_id text NOT NULL,
  sealed_key text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX people_kek ON people (kek_id);

-- Key-encryption keys. Their bytes are derived from the shop's key file; the newest seals, the others still open.
CREATE TABLE key_encryption_keys (
  generation integer PRIMARY KEY,
  kek_id text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO key_encryption_keys (generation, kek_id) VALUES (1, 'kek-1');

-- password_hash is null until the address is confirmed: until then the password belongs to a request, not to the account.
CREATE TABLE accounts (
  id uuid PRIMARY KEY REFERENCES people (person_id) DEFERRABLE INITIALLY DEFERRED,
  email_index text NOT NULL UNIQUE,
  email_sealed text NOT NULL,
  name_sealed text,
  username text,
  password_hash text,
  password_version integer NOT NULL DEFAULT 1,
  verified_at timestamptz,
  roles text[] NOT NULL CHECK (cardinality(roles) > 0 AND roles <@ ARRAY['customer', 'vendor', 'admin', 'warehouse', 'pos']),
  preferences jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((verified_at IS NULL) = (password_hash IS NULL))
);
CREATE INDEX accounts_unverified ON accounts (created_at) WHERE verified_at IS NULL;

-- A user name is held for an address until held_until, then by its account for good (account_id set, held_until null).
CREATE TABLE usernames (
  folded text PRIMARY KEY,
  email_index text NOT NULL,
  account_id uuid REFERENCES accounts (id) ON DELETE CASCADE,
  held_until timestamptz,
  CHECK ((account_id IS NULL) <> (held_until IS NULL))
);
CREATE UNIQUE INDEX usernames_account ON usernames (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX usernames_held ON usernames (held_until) WHERE held_until IS NOT NULL;

-- Registrations and recoveries that were accepted but not looked at: accepting does the same work whether the address is known or not.
CREATE TABLE accepted_requests (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('register', 'recover')),
  email_index text NOT NULL,
  sealed text NOT NULL,
  password_hash text,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Mails about the account itself. The token in such a mail is derived from this row and the account, and stored nowhere.
CREATE TABLE security_requests (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('confirm-email', 'already-registered', 'reset-password', 'password-changed', 'welcome')),
  password_hash text,
  username text,
  name_sealed text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX security_requests_account ON security_requests (account_id, kind, created_at);
CREATE INDEX security_requests_age ON security_requests (expires_at);

CREATE TABLE addresses (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  position integer NOT NULL,
  is_default boolean NOT NULL,
  sealed text NOT NULL
);
CREATE INDEX addresses_account ON addresses (account_id, position);
CREATE UNIQUE INDEX addresses_one_default ON addresses (account_id) WHERE is_default;
