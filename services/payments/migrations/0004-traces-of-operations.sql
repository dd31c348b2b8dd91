-- The trace of what began an operation: what a provider tells of it later, unasked, belongs there.
ALTER TABLE payment_ops ADD COLUMN traceparent text;
