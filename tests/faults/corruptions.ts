/** One statement for each check of the doctor that makes exactly that check fail, in a shop after a day's business. */
import type { Corruption } from '../support/corruption.ts'

const FREE = `(SELECT sku, warehouse FROM stock_levels WHERE on_hand_units > reserved_units ORDER BY sku LIMIT 1)`
const RESERVED = `(SELECT sku, warehouse FROM stock_levels WHERE reserved_units > 0 ORDER BY sku LIMIT 1)`
const COMMITTED = `(SELECT order_id FROM reservations WHERE state = 'committed' ORDER BY order_id LIMIT 1)`
const CONFIRMED_OP = `(SELECT o.id FROM payment_ops o JOIN payments p USING (order_id) WHERE o.kind = 'authorize' AND o.charge_state = 'authorized' AND NOT p.shipped ORDER BY o.id LIMIT 1)`
const DECLINED_OP = `(SELECT id FROM payment_ops WHERE kind = 'authorize' AND state = 'failed' ORDER BY id LIMIT 1)`
const NOBODY = `'00000000-0000-4000-8000-000000000000'`

type Book = Omit<Corruption, 'check' | 'database'>

const cart: Record<string, Book> = {
  'a merged cart holds nothing and leads to an account’s': {
    tables: ['carts'],
    statement: `UPDATE carts SET guest_token_hash = NULL, merged_into = (SELECT id FROM carts WHERE account_id IS NOT NULL LIMIT 1)
      WHERE guest_token_hash IS NOT NULL AND id = (SELECT cart_id FROM cart_items JOIN carts ON id = cart_id WHERE account_id IS NULL LIMIT 1)`,
  },
  'lines left carts only with orders that exist': {
    tables: ['taken_orders'],
    statement: `UPDATE taken_orders SET order_id = ${NOBODY} WHERE order_id = (SELECT order_id FROM taken_orders LIMIT 1)`,
  },
}

const catalog: Record<string, Book> = {
  'every product owns the SKUs it sells': {
    tables: ['variants'],
    statement: `UPDATE variants SET archived = true WHERE sku = (SELECT min(sku) FROM variants WHERE NOT archived)`,
  },
  'the newest event of every product is its newest version': {
    tables: ['products'],
    statement: `UPDATE products SET version = version + 1 WHERE id = (SELECT id FROM products LIMIT 1)`,
  },
}

const identity: Record<string, Book> = {
  'every account has a person key': {
    tables: ['people'],
    statement: `UPDATE people SET guest = true WHERE person_id = (SELECT id FROM accounts LIMIT 1)`,
  },
  'no session can be refreshed past its absolute lifetime': {
    tables: ['sessions'],
    statement: `UPDATE sessions SET expires_at = created_at + interval '10 years' WHERE id = (SELECT id FROM sessions WHERE ended_at IS NULL LIMIT 1)`,
  },
}

const inventory: Record<string, Book> = {
  'stock = sum of movements': {
    tables: ['stock_levels'],
    statement: `UPDATE stock_levels SET on_hand_units = on_hand_units + 1 WHERE (sku, warehouse) = ${FREE}`,
  },
  'reserved = held + committed and not yet shipped': {
    tables: ['stock_levels'],
    statement: `UPDATE stock_levels SET reserved_units = reserved_units + 1 WHERE (sku, warehouse) = ${FREE}`,
  },
  'nothing is oversold': {
    tables: ['stock_levels', 'stock_movements'],
    statement: `DO $$ BEGIN
      ALTER TABLE stock_levels DROP CONSTRAINT never_oversold;
      WITH taken AS (SELECT * FROM stock_levels WHERE (sku, warehouse) = ${RESERVED}),
        moved AS (INSERT INTO stock_movements (id, sku, warehouse, delta_units, on_hand_after_units, kind, reason) SELECT ${NOBODY}, sku, warehouse, -on_hand_units, 0, 'adjustment', 'x' FROM taken)
      UPDATE stock_levels SET on_hand_units = 0 WHERE (sku, warehouse) = ${RESERVED};
      END $$`,
    after: 'ALTER TABLE stock_levels ADD CONSTRAINT never_oversold CHECK (on_hand_units - reserved_units >= 0)',
  },
  'no hold is forgotten': {
    tables: ['reservations'],
    statement: `INSERT INTO reservations (order_id, state) VALUES (${NOBODY}, 'held')`,
  },
  'what is committed belongs to a living order': {
    tables: ['reservations'],
    statement: `INSERT INTO reservations (order_id, state) VALUES (${NOBODY}, 'committed')`,
  },
}

const notifications: Record<string, Book> = {
  'no message sent twice': {
    tables: ['messages'],
    statement: `UPDATE messages SET times_accepted = 2 WHERE id = (SELECT id FROM messages LIMIT 1)`,
  },
  'no message left in the hands of a dead try': {
    tables: ['messages'],
    statement: `UPDATE messages SET state = 'sending', handed_over_at = now() - interval '2 hours' WHERE id = (SELECT id FROM messages LIMIT 1)`,
  },
}

const orders: Record<string, Book> = {
  'no order past its deadline': {
    tables: ['orders'],
    statement: `UPDATE orders SET deadline_at = NULL WHERE status = 'PENDING'`,
  },
  'the timeline ends with the status': {
    tables: ['order_timeline'],
    statement: `INSERT INTO order_timeline (order_id, n, status, text) SELECT order_id, 99, 'DELIVERED', 'x' FROM orders WHERE status = 'CANCELLED' LIMIT 1`,
  },
  'totals add up': {
    tables: ['orders'],
    statement: `UPDATE orders SET total_minor = total_minor + 1 WHERE order_id = (SELECT order_id FROM orders LIMIT 1)`,
  },
}

const payments: Record<string, Book> = {
  'ledger sums to zero': {
    tables: ['ledger_postings'],
    statement: `UPDATE ledger_postings SET amount_minor = amount_minor + 1 WHERE (entry_id, account) = (SELECT entry_id, account FROM ledger_postings ORDER BY entry_id, account LIMIT 1)`,
  },
  'every card order bound or gone has exactly one live authorisation or capture, and the gateway agrees': {
    tables: ['payment_ops'],
    statement: `UPDATE payment_ops SET charge_state = 'voided' WHERE id = ${CONFIRMED_OP}`,
  },
  'a cancelled order took nothing': {
    tables: ['payments'],
    statement: `UPDATE payments SET captured_minor = amount_minor WHERE order_id = (SELECT order_id FROM payments WHERE cancelled ORDER BY order_id LIMIT 1)`,
  },
  'no payment unknown for longer than a day': {
    tables: ['payment_ops'],
    statement: `UPDATE payment_ops SET state = 'unknown', unknown_at = now() - interval '2 days' WHERE id = ${DECLINED_OP}`,
  },
  'a key at the gateway never had two requests': {
    tables: ['payment_ops'],
    statement: `UPDATE payment_ops SET hash_conflicts = 1 WHERE id = ${DECLINED_OP}`,
  },
  'no open difference between operations, gateway and ledger': {
    tables: ['reconciliation_mismatches'],
    statement: `INSERT INTO reconciliation_mismatches (class, provider, order_id, subject, detail) VALUES ('amount', 'sandbox', 'x', 'x', 'x')`,
  },
}

const pricing: Record<string, Book> = {
  'one price in force per SKU and currency, of a product that is sold': {
    tables: ['products'],
    statement: `UPDATE products SET archived = true WHERE product_id = (SELECT product_id FROM prices WHERE NOT archived LIMIT 1)`,
  },
  'the public price told last is the lowest in force': {
    tables: ['public_prices'],
    statement: `UPDATE public_prices SET amount_minor = amount_minor + 1 WHERE sku = (SELECT min(sku) FROM public_prices WHERE amount_minor IS NOT NULL)`,
  },
}

const search: Record<string, Book> = {
  'every listed product is indexed with the sum of its SKUs': {
    tables: ['facts'],
    statement: `UPDATE facts SET available = available + 1 WHERE product_id = (SELECT product_id FROM facts WHERE listed LIMIT 1)`,
  },
  'the engine finds every listed product, and nothing else': {
    tables: ['texts'],
    statement: `DELETE FROM texts WHERE product_id = (SELECT product_id FROM texts LIMIT 1)`,
  },
}

const shipping: Record<string, Book> = {
  'every shipment has its tracking events, the last one telling its state': {
    tables: ['shipments'],
    statement: `UPDATE shipments SET event_count = event_count + 1 WHERE id = (SELECT id FROM shipments LIMIT 1)`,
  },
  'no parcel under way for an order that was not shipped': {
    tables: ['shipments'],
    statement: `UPDATE shipments SET order_id = ${NOBODY} WHERE id = (SELECT id FROM shipments WHERE state <> 'cancelled' LIMIT 1)`,
  },
}

const books = { cart, catalog, identity, inventory, notifications, orders, payments, pricing, search, shipping }

/** Of checks that one service makes, by the books of that service alone. */
export const corruptions: readonly Corruption[] = [
  ...Object.entries(books).flatMap(([database, ofService]) =>
    Object.entries(ofService).map(([check, book]) => ({ check: `${database}: ${check}`, database, ...book })),
  ),
  // Stock that was let go for an order that is bound: no room's own books disagree, only two rooms'.
  {
    check: 'orders: every confirmed order has its stock committed',
    database: 'inventory',
    tables: ['reservations', 'stock_levels'],
    statement: `WITH gone AS (UPDATE reservations SET state = 'released' WHERE order_id = ${COMMITTED} RETURNING order_id)
      UPDATE stock_levels s SET reserved_units = reserved_units - l.units FROM reservation_lines l JOIN gone USING (order_id) WHERE (s.sku, s.warehouse) = (l.sku, l.warehouse)`,
  },
]

/** A check that only a shop with Kafka has: it is shown to fail among the faults of a cluster. */
export const PUBLISHED = 'every event is published to Kafka'

/** Of checks that the chassis makes for every service: the same statement in each database. */
export const chassisCorruptions: Readonly<Record<string, Book>> = {
  'no gap in its streams': {
    tables: ['chassis.stream_log'],
    // Of a key of which something newer is told, so that only the gap is to be seen.
    statement: `DELETE FROM chassis.stream_log WHERE (stream, part, seq) = (
      SELECT stream, part, seq FROM chassis.stream_log l
      ORDER BY EXISTS (SELECT FROM chassis.stream_log m WHERE m.stream = l.stream AND m.key = l.key AND m.seq > l.seq) DESC, seq LIMIT 1)`,
  },
  'no parked event': {
    tables: ['chassis.parked'],
    statement: `INSERT INTO chassis.parked (consumer, stream, part, seq, key, event_id, type, version, data, occurred_at, error)
      SELECT consumer, stream, part, 1, 'x', ${NOBODY}, 'x', 1, '{}', now(), 'x' FROM chassis.consumer_position LIMIT 1`,
  },
  'every stream it listens to is read to the head': {
    tables: ['chassis.consumer_position'],
    statement: `UPDATE chassis.consumer_position SET last_seq = last_seq + 1000 WHERE (stream, part) = (SELECT stream, part FROM chassis.consumer_position LIMIT 1)`,
  },
}
