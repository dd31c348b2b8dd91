-- The trace of what caused a timer or task, so that it goes on when its time has come.
ALTER TABLE chassis.moments ADD COLUMN traceparent text;
