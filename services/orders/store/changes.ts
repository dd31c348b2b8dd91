/** Writes what was decided: rows, timeline and events together, for many orders at once. */
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { OrderStatus } from '@stoa/contracts/orders.ts'
import {
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  OrderProcessing,
  OrderRefunded,
  OrderReturned,
  OrderShipped,
} from '@stoa/contracts/orders.ts'
import type { Change } from '../domain.ts'
import type { OrderRow } from './orders.ts'

export interface Decided {
  /** The locked row as it was. */
  readonly order: OrderRow
  readonly change: Change
  readonly trackingNumber?: string
}

/** Applies changes. The row's version is compared and set: a row that moved meanwhile is a bug, since it was locked. Throws: then. */
export async function saveChanges(tx: Tx, decided: readonly Decided[]): Promise<void> {
  const moving = decided.filter((one) => Object.keys(one.change).length > 0)
  if (moving.length === 0) return
  const rows = moving.map(({ order, change }) => ({ ...order, ...change }))
  const [moved] = await Promise.all([
    tx.run(sql`
      UPDATE orders o SET status = c.status, payment_state = c.payment_state, cancel_requested = c.cancel_requested, cancel_reason = c.cancel_reason, flags = array_remove(string_to_array(c.flags, ','), ''),
        method = c.method, provider = c.provider,
        version = o.version + 1, deadline_at = CASE WHEN c.status = 'PENDING' THEN o.deadline_at END
      FROM unnest((SELECT ${rows.map((one) => one.orderId)})::uuid[], ${rows.map((one) => one.version)}::int[], ${rows.map((one) => one.status)}::text[], ${rows.map((one) => one.paymentState)}::text[],
        ${rows.map((one) => one.cancelRequested)}::boolean[], ${rows.map((one) => one.cancelReason ?? null)}::text[], ${rows.map((one) => one.flags.join(','))}::text[],
        ${rows.map((one) => one.method)}::text[], ${rows.map((one) => one.provider)}::text[])
        AS c(order_id, version, status, payment_state, cancel_requested, cancel_reason, flags, method, provider)
      WHERE o.order_id = c.order_id AND o.version = c.version`),
    writeTimeline(tx, moving),
  ])
  if (moved !== moving.length) throw new Error(`${moving.length - moved} orders moved while they were locked`)
  for (const one of moving) publishChange(tx, one)
}

async function writeTimeline(tx: Tx, moving: readonly Decided[]): Promise<void> {
  const told = moving.flatMap(({ order, change }) =>
    change.text === undefined ? [] : [{ orderId: order.orderId, status: change.status ?? order.status, text: change.text }],
  )
  if (told.length === 0) return
  await tx.run(sql`
    INSERT INTO order_timeline (order_id, n, status, text)
    SELECT t.order_id, (SELECT coalesce(max(n), 0) + 1 FROM order_timeline e WHERE e.order_id = t.order_id), t.status, t.text
    FROM unnest(${told.map((one) => one.orderId)}::uuid[], ${told.map((one) => one.status)}::text[], ${told.map((one) => one.text)}::text[]) AS t(order_id, status, text)`)
}

function publishChange(tx: Tx, { order, change, trackingNumber }: Decided): void {
  if (change.status === undefined || change.status === order.status) return
  const { orderId } = order
  const method = change.method ?? order.method
  const total = { amount: order.totalMinor, currency: order.currency }
  const lines = order.lines.map((line) => ({
    sku: line.sku,
    productId: line.productId,
    quantity: line.quantity,
    unitPriceMinor: line.unitPrice.amount,
  }))
  const publish: Readonly<Record<OrderStatus, () => void>> = {
    PENDING: () => {},
    CONFIRMED: () => tx.publish(OrderConfirmed, { orderId, lines, total, method }),
    PROCESSING: () => tx.publish(OrderProcessing, { orderId }),
    SHIPPED: () => tx.publish(OrderShipped, { orderId, trackingNumber: trackingNumber ?? '', total, method }),
    DELIVERED: () => tx.publish(OrderDelivered, { orderId, total, method }),
    CANCELLED: () =>
      tx.publish(OrderCancelled, {
        orderId,
        reason: change.cancelReason ?? 'staff',
        from: order.status,
        cartId: order.cartId,
        accountId: order.accountId,
        lines,
      }),
    RETURNED: () => tx.publish(OrderReturned, { orderId, lines }),
    REFUNDED: () => tx.publish(OrderRefunded, { orderId }),
  }
  publish[change.status]()
}
