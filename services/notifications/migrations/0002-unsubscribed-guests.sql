-- Guests who want no more mails of a kind, by a keyed hash of the address. What accounts want stands in their preferences.
CREATE TABLE unsubscribed_guests (
  guest_hash text NOT NULL,
  kind text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (guest_hash, kind)
);
