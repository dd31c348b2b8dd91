import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Channel } from '../domain/offers.ts'
import type { GivenList, ListedPrice } from '../domain/price-list.ts'

/** A list without its prices. */
export interface ListRow {
  id: string
  version: number
  name: string
  currency: string
  group: string | null
  channel: Channel | null
  validFrom: Date | null
  validUntil: Date | null
}

export async function findList(db: Db, id: string): Promise<ListRow | undefined> {
  return db.maybe<ListRow>(sql`
    SELECT list_id AS id, version, name, currency, customer_group AS "group", channel, valid_from AS "validFrom", valid_until AS "validUntil"
    FROM price_lists WHERE list_id = ${id}`)
}

/** Takes the list's row lock; undefined when there is none. */
export async function lockList(tx: Tx, id: string): Promise<{ version: number } | undefined> {
  return tx.maybe(sql`SELECT version FROM price_lists WHERE list_id = ${id} FOR UPDATE`)
}

/** Prices of a list, by SKU and quantity. */
export async function pricesOfList(db: Db, id: string): Promise<ListedPrice[]> {
  return db.rows(sql`
    SELECT sku, min_quantity AS "minQuantity", amount_minor AS "amountMinor", compare_at_minor AS "compareAtMinor"
    FROM price_list_prices WHERE list_id = ${id} ORDER BY sku, min_quantity`)
}

export async function skusOfList(db: Db, id: string): Promise<string[]> {
  const rows = await db.rows<{ sku: string }>(sql`SELECT DISTINCT sku FROM price_list_prices WHERE list_id = ${id}`)
  return rows.map((row) => row.sku)
}

/** Every SKU that stands on a list, after `after`, in order. */
export async function listedSkus(db: Db, after: string, limit: number): Promise<string[]> {
  const rows = await db.rows<{ sku: string }>(
    sql`SELECT DISTINCT sku FROM price_list_prices WHERE sku > ${after} ORDER BY sku LIMIT ${limit}`,
  )
  return rows.map((row) => row.sku)
}

/** A page of lists, newest first, beginning after the list `before`. */
export async function listsBefore(db: Db, before: string | null, limit: number): Promise<(ListRow & { priceCount: number })[]> {
  return db.rows(sql`
    SELECT list_id AS id, version, name, currency, customer_group AS "group", channel, valid_from AS "validFrom", valid_until AS "validUntil",
      (SELECT count(*) FROM price_list_prices listed WHERE listed.list_id = list.list_id) AS "priceCount"
    FROM price_lists list
    WHERE ${before}::uuid IS NULL OR position < (SELECT position FROM price_lists WHERE list_id = ${before}::uuid)
    ORDER BY position DESC LIMIT ${limit}`)
}

/** Adds a list without prices. False when there are `max` already: whoever adds one waits for who came before. */
export async function insertList(tx: Tx, id: string, list: GivenList, max: number): Promise<boolean> {
  await tx.run(sql`LOCK TABLE price_lists IN SHARE ROW EXCLUSIVE MODE`)
  return (
    (await tx.run(sql`
      INSERT INTO price_lists (list_id, version, name, currency, customer_group, channel, valid_from, valid_until)
      SELECT ${id}, 1, ${list.name}, ${list.currency}, ${list.group}, ${list.channel}, ${list.validFrom}::timestamptz, ${list.validUntil}::timestamptz
      WHERE (SELECT count(*) FROM price_lists) < ${max}`)) === 1
  )
}

/** Changes the terms of a locked list. */
export async function updateList(tx: Tx, id: string, list: GivenList): Promise<void> {
  await tx.run(sql`
    UPDATE price_lists SET version = version + 1, name = ${list.name}, currency = ${list.currency}, customer_group = ${list.group},
      channel = ${list.channel}, valid_from = ${list.validFrom}::timestamptz, valid_until = ${list.validUntil}::timestamptz
    WHERE list_id = ${id}`)
}

/** Puts these prices in place of those a locked list had. */
export async function replacePrices(tx: Tx, id: string, prices: readonly ListedPrice[]): Promise<void> {
  await tx.run(sql`DELETE FROM price_list_prices WHERE list_id = ${id}`)
  await tx.run(sql`
    INSERT INTO price_list_prices (sku, list_id, min_quantity, amount_minor, compare_at_minor)
    SELECT sku, ${id}::uuid, min_quantity, amount_minor, compare_at_minor FROM unnest(
      ${prices.map((one) => one.sku)}::text[], ${prices.map((one) => one.minQuantity)}::integer[],
      ${prices.map((one) => one.amountMinor)}::bigint[], ${prices.map((one) => one.compareAtMinor)}::bigint[])
    AS given (sku, min_quantity, amount_minor, compare_at_minor)`)
}

export async function deleteList(tx: Tx, id: string): Promise<void> {
  await tx.run(sql`DELETE FROM price_lists WHERE list_id = ${id}`)
}

/** Seconds until a list begins or ends next, by the database's clock; undefined when it does neither any more, or is gone. */
export async function secondsToTurn(tx: Tx, id: string): Promise<number | undefined> {
  const row = await tx.maybe<{ seconds: number }>(sql`
    SELECT extract(epoch FROM turn - clock_timestamp())::float8 AS seconds
    FROM price_lists, unnest(ARRAY[valid_from, valid_until]) AS turn
    WHERE list_id = ${id} AND turn > clock_timestamp() ORDER BY turn LIMIT 1`)
  return row?.seconds
}
