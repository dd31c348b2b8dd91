-- One row per message ever asked for. (cause, template, recipient) is what makes it at most one: a cause is an event or a request.
CREATE TABLE messages (
  id uuid PRIMARY KEY,
  cause text NOT NULL,
  template text NOT NULL,
  recipient text NOT NULL,
  channel text NOT NULL DEFAULT 'email' CHECK (channel = 'email'),
  account_id uuid,
  -- What the content is asked for with when the message is sent: ids and figures, nothing personal.
  facts jsonb NOT NULL,
  -- Address and texts given with the request itself; sealed.
  given_sealed text,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'in-doubt', 'sent', 'failed', 'skipped')),
  to_sealed text,
  subject_sealed text,
  tries integer NOT NULL DEFAULT 0,
  -- How often a mail server said that it took the message. Twice is what must never be.
  times_accepted integer NOT NULL DEFAULT 0,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  handed_over_at timestamptz,
  sent_at timestamptz,
  UNIQUE (cause, template, recipient)
);
CREATE INDEX messages_history ON messages (account_id, id DESC) WHERE account_id IS NOT NULL AND to_sealed IS NOT NULL;
CREATE INDEX messages_superseding ON messages (recipient) WHERE state = 'waiting';
CREATE INDEX messages_age ON messages (created_at);
