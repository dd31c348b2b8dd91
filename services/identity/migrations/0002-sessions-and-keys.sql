-- A login on one device. expires_at is the nearer of the idle and the absolute end.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  stay boolean NOT NULL,
  device text NOT NULL,
  client_mark text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_because text
);
CREATE INDEX sessions_account ON sessions (account_id, last_seen_at DESC) WHERE ended_at IS NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Every refresh token a session ever had, hashed: one live, the others spent. A spent one that comes again ends the session.
CREATE TABLE refresh_tokens (
  token_hash text PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  issued_at timestamptz NOT NULL DEFAULT now(),
  spent_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE UNIQUE INDEX refresh_tokens_one_live ON refresh_tokens (session_id) WHERE spent_at IS NULL;

-- The latest failed logins of an address, a user name or a client: as many as lock it. Marks are keyed hashes.
CREATE TABLE login_failures (
  mark text PRIMARY KEY,
  failed_at timestamptz[] NOT NULL DEFAULT '{}',
  latest_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failures_age ON login_failures (latest_at);

-- Keys that access tokens are signed with. The newest whose signs_from has come signs; all rows are published.
CREATE TABLE signing_keys (
  kid text PRIMARY KEY,
  public_jwk jsonb NOT NULL,
  kek_id text NOT NULL,
  sealed_private text NOT NULL,
  published_at timestamptz NOT NULL DEFAULT now(),
  signs_from timestamptz NOT NULL UNIQUE
);
CREATE INDEX signing_keys_kek ON signing_keys (kek_id);
