/** Orders of the past, as their buyers look for them. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { OrderStatus } from '@stoa/contracts/orders.ts'
import { toOrder, type OrderRow, type Row } from './orders.ts'

/** Whose orders; of guests, the index of their address. */
export interface Buyer {
  readonly accountId: string | null
  readonly emailIndex: string | null
}

export interface OrderFilter {
  /** Each stands in the number, a name or a SKU, whatever its case. */
  readonly words: readonly string[]
  readonly statuses: readonly OrderStatus[] | null
  /** Seconds since 1970: placed from here, and before there. */
  readonly fromSeconds: number | null
  readonly untilSeconds: number | null
}

/**
 * Orders of a buyer before (older than) a given one, newest first. Each half follows an index in this very order, so that a page
 * reads no more than it shows; together they could not.
 */
export async function ordersOf(
  db: Db,
  { accountId, emailIndex }: Buyer,
  { words, statuses, fromSeconds, untilSeconds }: OrderFilter,
  before: string | null,
  limit: number,
): Promise<OrderRow[]> {
  const rows = await db.rows<Row>(sql`
    SELECT * FROM (
      (SELECT * FROM orders WHERE account_id = ${accountId}::uuid
        AND (${before}::uuid IS NULL OR order_id < ${before}::uuid)
        AND (${statuses}::text[] IS NULL OR status = ANY(${statuses}::text[]))
        AND (${fromSeconds}::float8 IS NULL OR placed_at >= to_timestamp(${fromSeconds}::float8))
        AND (${untilSeconds}::float8 IS NULL OR placed_at < to_timestamp(${untilSeconds}::float8))
        AND (SELECT bool_and(strpos(order_text(number, lines), lower(word)) > 0) FROM unnest(${words}::text[]) AS word) IS NOT FALSE
        ORDER BY order_id DESC LIMIT ${limit})
      UNION ALL
      (SELECT * FROM orders WHERE email_index = ${emailIndex}::text AND (account_id = ${accountId}::uuid) IS NOT TRUE
        AND (${before}::uuid IS NULL OR order_id < ${before}::uuid)
        AND (${statuses}::text[] IS NULL OR status = ANY(${statuses}::text[]))
        AND (${fromSeconds}::float8 IS NULL OR placed_at >= to_timestamp(${fromSeconds}::float8))
        AND (${untilSeconds}::float8 IS NULL OR placed_at < to_timestamp(${untilSeconds}::float8))
        AND (SELECT bool_and(strpos(order_text(number, lines), lower(word)) > 0) FROM unnest(${words}::text[]) AS word) IS NOT FALSE
        ORDER BY order_id DESC LIMIT ${limit})
    ) AS found ORDER BY order_id DESC LIMIT ${limit}`)
  return rows.map(toOrder)
}
