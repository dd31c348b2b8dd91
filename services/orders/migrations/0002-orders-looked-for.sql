-- Staff look for the orders of an address, also after a guest became an account.
CREATE INDEX orders_by_address ON orders (email_index, order_id DESC) WHERE email_index IS NOT NULL;

-- What an order is found by, in lower case: its number, and SKU and name of every line.
CREATE FUNCTION order_text(number bigint, lines json) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(concat('S-', number, ' ', string_agg(concat(line->>'sku', ' ', line->>'name'), ' '))) FROM json_array_elements(lines) AS line
$$;
