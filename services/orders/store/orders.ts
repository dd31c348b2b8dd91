import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import type { CancelReason, Order, OrderStatus, PaymentMethod } from '@stoa/contracts/orders.ts'
import type { SagaState } from '../domain.ts'

export interface OrderRow extends SagaState {
  readonly number: number
  readonly version: number
  readonly accountId: string | null
  readonly personId: string
  readonly sealedContact: string
  readonly lines: Order['lines']
  readonly totals: Order['totals']
  readonly totalMinor: number
  readonly currency: string
  readonly shippingOption: string
  readonly provider: string
  readonly nextActionUrl: string | null
  readonly cartId: string | null
  readonly cancelReason: CancelReason | null
  readonly deadlineAt: Date | null
  readonly payBy: Date | null
}

export interface Row {
  order_id: string
  number: number
  version: number
  status: OrderStatus
  account_id: string | null
  person_id: string
  sealed_contact: string
  lines: Order['lines']
  totals: Order['totals']
  total_minor: number
  currency: string
  shipping_option: string
  method: PaymentMethod
  provider: string
  payment_state: string
  next_action_url: string | null
  cart_id: string | null
  cancel_requested: boolean
  cancel_reason: CancelReason | null
  flags: string[]
  deadline_at: Date | null
  pay_by: Date | null
  placed_at: Date
}

export function toOrder(row: Row): OrderRow {
  return {
    orderId: row.order_id,
    number: row.number,
    version: row.version,
    status: row.status,
    accountId: row.account_id,
    personId: row.person_id,
    sealedContact: row.sealed_contact,
    lines: row.lines,
    totals: row.totals,
    totalMinor: row.total_minor,
    currency: row.currency,
    shippingOption: row.shipping_option,
    method: row.method,
    provider: row.provider,
    paymentState: row.payment_state,
    nextActionUrl: row.next_action_url,
    cartId: row.cart_id,
    cancelRequested: row.cancel_requested,
    cancelReason: row.cancel_reason,
    flags: row.flags,
    deadlineAt: row.deadline_at,
    payBy: row.pay_by,
    placedAt: row.placed_at,
  }
}

export async function findOrder(db: Db, orderId: string): Promise<OrderRow | undefined> {
  const row = await db.maybe<Row>(sql`SELECT * FROM orders WHERE order_id = ${orderId}`)
  return row && toOrder(row)
}

export async function findOrders(db: Db, orderIds: readonly string[]): Promise<Map<string, OrderRow>> {
  const rows = await db.rows<Row>(sql`SELECT * FROM orders WHERE order_id = ANY(${orderIds}::uuid[])`)
  return new Map(rows.map((row) => [row.order_id, toOrder(row)]))
}

/** Locks orders, always in the same order. */
export async function lockOrders(tx: Tx, orderIds: readonly string[]): Promise<Map<string, OrderRow>> {
  const rows = await tx.rows<Row>(sql`SELECT * FROM orders WHERE order_id = ANY(${orderIds}::uuid[]) ORDER BY order_id FOR UPDATE`)
  return new Map(rows.map((row) => [row.order_id, toOrder(row)]))
}

export async function statesOf(
  db: Db,
  orderIds: readonly string[],
): Promise<{ orderId: string; status: OrderStatus; totalMinor: number; currency: string }[]> {
  return db.rows(
    sql`SELECT order_id AS "orderId", status, total_minor AS "totalMinor", currency FROM orders WHERE order_id = ANY(${orderIds}::uuid[])`,
  )
}

export type NewOrder = Pick<
  OrderRow,
  | 'orderId'
  | 'accountId'
  | 'personId'
  | 'sealedContact'
  | 'lines'
  | 'totals'
  | 'totalMinor'
  | 'currency'
  | 'shippingOption'
  | 'method'
  | 'provider'
  | 'paymentState'
  | 'nextActionUrl'
  | 'cartId'
> & {
  readonly emailIndex: string | null
  readonly deadlineSeconds: number
  readonly payBySeconds: number | null
}

/** Writes an order and the first line of its timeline; undefined when it is there already. */
export async function insertOrder(tx: Tx, order: NewOrder): Promise<{ number: number; placedAt: Date } | undefined> {
  return tx.maybe<{ number: number; placedAt: Date }>(sql`
    WITH written AS (
      INSERT INTO orders (order_id, status, account_id, person_id, email_index, sealed_contact, lines, totals, total_minor, currency, shipping_option, method, provider, payment_state, next_action_url, cart_id, deadline_at, pay_by)
      VALUES (${order.orderId}, 'PENDING', ${order.accountId}, ${order.personId}, ${order.emailIndex}, ${order.sealedContact}, ${JSON.stringify(order.lines)}::json, ${JSON.stringify(order.totals)}::json, ${order.totalMinor}, ${order.currency},
        ${order.shippingOption}, ${order.method}, ${order.provider}, ${order.paymentState}, ${order.nextActionUrl}, ${order.cartId}, now() + make_interval(secs => ${order.deadlineSeconds}::float8), now() + make_interval(secs => ${order.payBySeconds}::float8))
      ON CONFLICT (order_id) DO NOTHING RETURNING order_id, number, placed_at
    ), begun AS (
      INSERT INTO order_timeline (order_id, n, status, text) SELECT order_id, 1, 'PENDING', 'We have your order.' FROM written
    )
    SELECT number, placed_at AS "placedAt" FROM written`)
}

export async function timelineOf(
  db: Db,
  orderId: string,
  after: number,
): Promise<{ n: number; at: Date; status: OrderStatus; text: string }[]> {
  return db.rows(sql`SELECT n, at, status, text FROM order_timeline WHERE order_id = ${orderId} AND n > ${after} ORDER BY n`)
}

/** The order that a request without a key stands for: the same account and body within 60 s is the same order. */
export async function recentOrderId(tx: Tx, accountId: string, fingerprint: string, orderId: string): Promise<string> {
  const row = await tx.one<{ order_id: string }>(sql`
    INSERT INTO recent_requests AS r (account_id, fingerprint, order_id) VALUES (${accountId}, ${fingerprint}, ${orderId})
    ON CONFLICT (account_id, fingerprint) DO UPDATE SET
      order_id = CASE WHEN r.created_at < now() - interval '60 seconds' THEN excluded.order_id ELSE r.order_id END,
      created_at = CASE WHEN r.created_at < now() - interval '60 seconds' THEN now() ELSE r.created_at END
    RETURNING order_id`)
  return row.order_id
}

/** After a refusal: the next request with this body is a new one. An order that was placed is never forgotten. */
export async function forgetRecentRequest(tx: Tx, accountId: string, orderId: string): Promise<void> {
  await tx.run(sql`
    DELETE FROM recent_requests r WHERE account_id = ${accountId} AND order_id = ${orderId} AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_id = r.order_id)`)
}

export async function forgetRecentRequests(db: Db): Promise<number> {
  return db.run(
    sql`DELETE FROM recent_requests WHERE ctid IN (SELECT ctid FROM recent_requests WHERE created_at < now() - interval '1 hour' LIMIT 5000)`,
  )
}

/** Gives guest orders of an e-mail address to the account that proved it is theirs. */
export async function claimOrders(tx: Tx, accountId: string, emailIndex: string): Promise<number> {
  return tx.run(sql`UPDATE orders SET account_id = ${accountId} WHERE account_id IS NULL AND email_index = ${emailIndex}`)
}

/** Prolongs the wait of a pending order. */
export async function moveDeadline(tx: Tx, orderId: string, seconds: number): Promise<void> {
  await tx.run(
    sql`UPDATE orders SET deadline_at = now() + make_interval(secs => ${seconds}::float8) WHERE order_id = ${orderId} AND status = 'PENDING'`,
  )
}
