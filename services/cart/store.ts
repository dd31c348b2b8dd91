import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'
import type { CartLine, Change } from './domain.ts'

/** A cart with its lines, in the order they were put in. */
export interface StoredCart {
  readonly id: string
  readonly accountId: string | null
  readonly version: number
  readonly lines: readonly CartLine[]
}

/** Whose cart; of a guest, the hash of the cookie. */
export type Owner = { readonly accountId: string } | { readonly guestHash: Buffer }

interface CartRow {
  id: string
  account_id: string | null
  version: number
  lines: CartLine[] | null
}

/** The owner's cart, or undefined when there is none. */
export async function loadCart(db: Db, owner: Owner): Promise<StoredCart | undefined> {
  // Two statements: one with OR would be planned anew each time, since its plan depends on which value is null.
  const row = await db.maybe<CartRow>(
    'accountId' in owner
      ? sql`SELECT id, account_id, version, lines FROM filled_carts WHERE account_id = ${owner.accountId}`
      : sql`SELECT id, account_id, version, lines FROM filled_carts WHERE guest_token_hash = ${owner.guestHash}`,
  )
  return row && storedCart(row)
}

/** The cart with this id, or the one it went into; undefined when it is gone. Its row stays locked. */
export async function lockCart(tx: Tx, cartId: string): Promise<StoredCart | undefined> {
  let id = cartId
  for (let hops = 0; hops < 2; hops++) {
    const row = await tx.maybe<{ merged_into: string | null }>(sql`SELECT merged_into FROM carts WHERE id = ${id} FOR UPDATE`)
    if (!row) return undefined
    if (row.merged_into === null) return (await loadCarts(tx, [id]))[0]
    id = row.merged_into
  }
  return undefined
}

/** The carts of these owners, their rows locked in order of id. */
export async function lockCartsOf(tx: Tx, owners: readonly Owner[]): Promise<StoredCart[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    SELECT id FROM carts
    WHERE account_id = ANY(${owners.flatMap((one) => accountOf(one) ?? [])}::uuid[]) OR guest_token_hash = ANY(${owners.flatMap((one) => hashOf(one) ?? [])}::bytea[])
    ORDER BY id FOR UPDATE`)
  return loadCarts(
    tx,
    rows.map((row) => row.id),
  )
}

/** Makes an empty cart, locked; undefined when its owner has one. */
export async function insertCart(tx: Tx, id: string, owner: Owner): Promise<StoredCart | undefined> {
  const made = await tx.maybe<{ version: number }>(sql`
    INSERT INTO carts (id, account_id, guest_token_hash) VALUES (${id}, ${accountOf(owner)}, ${hashOf(owner)}) ON CONFLICT DO NOTHING
    RETURNING version`)
  return made && { id, accountId: accountOf(owner), version: made.version, lines: [] }
}

/** Writes a change if the cart is still at `version`; the row stays locked. Answers the new version, or undefined when it had moved on. */
export async function writeChange(
  tx: Tx,
  cart: { readonly id: string; readonly version: number },
  change: Change,
): Promise<number | undefined> {
  const row = await tx.maybe<{ version: number }>(sql`
    WITH moved AS (
      UPDATE carts SET version = version + 1, updated_at = now()
      WHERE id = ${cart.id} AND version = ${cart.version} AND merged_into IS NULL RETURNING id, version
    ), gone AS (
      DELETE FROM cart_items USING moved WHERE cart_id = moved.id AND sku = ANY(${change.remove}::text[])
    ), put AS (
      INSERT INTO cart_items (cart_id, sku, quantity, seen_price_minor, description, added_at)
      SELECT moved.id, line.* FROM moved, jsonb_to_recordset(${JSON.stringify(change.put)}::jsonb)
        AS line (sku text, quantity integer, "seenPriceMinor" bigint, description jsonb, "addedAt" timestamptz)
      ON CONFLICT (cart_id, sku) DO UPDATE SET
        quantity = excluded.quantity, seen_price_minor = excluded.seen_price_minor, description = excluded.description
    )
    SELECT version FROM moved`)
  return row?.version
}

/** Leaves of a guest's cart only where it went. */
export async function closeMerged(tx: Tx, cartId: string, into: string): Promise<void> {
  await tx.run(sql`DELETE FROM cart_items WHERE cart_id = ${cartId}`)
  await tx.run(sql`
    UPDATE carts SET guest_token_hash = NULL, merged_into = ${into}, version = version + 1, updated_at = now() WHERE id = ${cartId}`)
}

/** Remembers a keyed addition. False when it was made before. */
export async function rememberAddition(tx: Tx, id: string): Promise<boolean> {
  return (await tx.run(sql`INSERT INTO keyed_additions (id) VALUES (${id}) ON CONFLICT DO NOTHING`)) === 1
}

/** Remembers what an order took. False when it took it before. */
export async function rememberTaken(tx: Tx, orderId: string, cartId: string, lines: readonly CartLine[]): Promise<boolean> {
  const kept = await tx.run(sql`
    INSERT INTO taken_orders (order_id, cart_id, lines) VALUES (${orderId}, ${cartId}, ${JSON.stringify(lines)}::jsonb) ON CONFLICT DO NOTHING`)
  return kept === 1
}

/** What an order took and has not given back; from now on it has. */
export async function claimTaken(tx: Tx, orderId: string): Promise<{ cart_id: string; lines: CartLine[] } | undefined> {
  return tx.maybe(sql`
    UPDATE taken_orders SET returned_at = now() WHERE order_id = ${orderId} AND returned_at IS NULL RETURNING cart_id, lines`)
}

/** Removes up to `limit` carts of guests (and signposts) untouched for `days`; answers how many. */
export async function deleteIdleCarts(tx: Tx, days: number, limit: number): Promise<number> {
  return tx.run(sql`
    DELETE FROM carts WHERE id IN (
      SELECT id FROM carts WHERE account_id IS NULL AND updated_at < now() - make_interval(days => ${days})
      ORDER BY updated_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`)
}

/** Removes up to `limit` of what is remembered of additions and orders older than `days`; answers how many. */
export async function forgetOld(tx: Tx, days: number, limit: number): Promise<number> {
  const additions = await tx.run(sql`
    DELETE FROM keyed_additions WHERE id IN (
      SELECT id FROM keyed_additions WHERE at < now() - make_interval(days => ${days}) ORDER BY at LIMIT ${limit})`)
  const orders = await tx.run(sql`
    DELETE FROM taken_orders WHERE order_id IN (
      SELECT order_id FROM taken_orders WHERE taken_at < now() - make_interval(days => ${days}) ORDER BY taken_at LIMIT ${limit})`)
  return additions + orders
}

/** A cart that went into another holds nothing and leads to an account's. */
export async function checkMerged(db: Db): Promise<CheckResult> {
  const found = await db.one<{ examined: number; broken: number; examples: string[] | null }>(sql`
    WITH bad AS (
      SELECT c.id FROM carts c LEFT JOIN carts target ON target.id = c.merged_into
      WHERE c.merged_into IS NOT NULL AND (target.account_id IS NULL OR EXISTS (SELECT FROM cart_items WHERE cart_id = c.id))
    )
    SELECT (SELECT count(*) FROM carts) AS examined, (SELECT count(*) FROM bad) AS broken,
      (SELECT array_agg(id::text) FROM (SELECT id FROM bad LIMIT 10) AS few) AS examples`)
  return { examined: found.examined, broken: found.broken, examples: found.examples ?? [] }
}

/** A page of orders that took lines, in order of id, for checks. */
export async function pageTakenOrders(db: Db, after: string, limit: number): Promise<{ order_id: string }[]> {
  return db.rows(sql`
    SELECT order_id FROM taken_orders WHERE order_id > ${after} ORDER BY order_id LIMIT ${limit}`)
}

/** Read by a statement of its own, after the lock: it sees what the lock waited for. */
async function loadCarts(tx: Tx, ids: readonly string[]): Promise<StoredCart[]> {
  const rows = await tx.rows<CartRow>(
    sql`SELECT id, account_id, version, lines FROM filled_carts WHERE id = ANY(${ids}::uuid[]) ORDER BY id`,
  )
  return rows.map(storedCart)
}

function storedCart(row: CartRow): StoredCart {
  return { id: row.id, accountId: row.account_id, version: row.version, lines: row.lines ?? [] }
}

function accountOf(owner: Owner): string | null {
  return 'accountId' in owner ? owner.accountId : null
}

function hashOf(owner: Owner): Buffer | null {
  return 'guestHash' in owner ? owner.guestHash : null
}
