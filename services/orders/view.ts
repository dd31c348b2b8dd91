/** An order as its owner and staff see it. */
import { Fault } from '@stoa/chassis/fault.ts'
import { isRefusal } from '@stoa/chassis/contract.ts'
import type { CallFn, Caller, Common, RequestParts } from '@stoa/chassis/service.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { Order } from '@stoa/contracts/orders.ts'
import { PaymentsOf } from '@stoa/contracts/payments.ts'
import { ShipmentsOf } from '@stoa/contracts/shipping.ts'
import { opens, personKey, unsealContact } from './contact.ts'
import { cancellableUntil } from './domain.ts'
import { findOrder, timelineOf, type OrderRow } from './store/orders.ts'
import { numberOf } from './usecases.ts'

const STAFF = new Set(['admin', 'warehouse', 'pos'])
const MAY_HAVE_SHIPMENTS = new Set(['SHIPPED', 'DELIVERED', 'RETURNED', 'REFUNDED', 'CANCELLED'])
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export interface Visitor {
  readonly caller: Caller
  readonly token: string | undefined
}

/** Who asks, with the order's token if they show it. */
export function visitorOf(
  parts: Pick<RequestParts<unknown>, 'caller' | 'headers'> & { readonly query: { readonly token?: string } },
): Visitor {
  return { caller: parts.caller, token: parts.query.token ?? parts.headers['order-token'] }
}

/** The order, if there is one and the visitor may see it: its owner, staff, or whoever holds its token. */
export async function visibleOrder(
  context: Pick<Common, 'secret' | 'now'>,
  db: Db,
  orderId: string,
  visitor: Visitor,
): Promise<OrderRow | undefined> {
  if (!UUID.test(orderId)) return undefined
  const order = await findOrder(db, orderId)
  return order && maySee(context, order, visitor) ? order : undefined
}

/** Whether a visitor is the order's owner, staff, or holds its token. */
export function maySee(context: Pick<Common, 'secret' | 'now'>, order: OrderRow, visitor: Visitor): boolean {
  return isStaff(visitor.caller) || owns(context, order, visitor)
}

/** Whether a visitor is the order's owner or holds its token. */
export function owns(context: Pick<Common, 'secret' | 'now'>, order: OrderRow, { caller, token }: Visitor): boolean {
  return opens(context, order, token) || (caller.kind === 'account' && caller.accountId === order.accountId)
}

/** Whether somebody may see everybody's orders. */
export function isStaff(caller: Caller): boolean {
  return caller.kind === 'account' && caller.roles.some((role) => STAFF.has(role))
}

/** The whole order. Shipments and transfer details are left out while their rooms are away; the address cannot be. */
export async function showOrder(context: Common & { readonly db: Db; readonly call: CallFn }, order: OrderRow): Promise<Order> {
  const { db, call, now } = context
  const [key, timeline, shipments, payment] = await Promise.all([
    personKey(call, order.personId, order.personId !== order.accountId),
    timelineOf(db, order.orderId, 0),
    MAY_HAVE_SHIPMENTS.has(order.status) ? orElse(call(ShipmentsOf, { orderId: order.orderId }), { items: [] }) : { items: [] },
    order.method === 'bank-transfer' && order.status === 'PENDING'
      ? orElse(call(PaymentsOf, { orderIds: [order.orderId] }), { items: [] })
      : { items: [] },
  ])
  const contact = unsealContact(key, order.orderId, order.sealedContact)
  const transfer = payment.items[0]?.transfer
  return {
    orderId: order.orderId,
    number: numberOf(order.number),
    status: order.status,
    lines: order.lines,
    totals: order.totals,
    shippingAddress: contact.shippingAddress,
    ...(contact.billingAddress ? { billingAddress: contact.billingAddress } : {}),
    shippingOption: order.shippingOption,
    payment: {
      state: order.paymentState,
      method: order.method,
      provider: order.provider,
      ...nextActionOf(order),
      ...(transfer ? { transfer } : {}),
    },
    shipments: shipments.items,
    timeline: timeline.map((one) => ({ at: one.at.toISOString(), status: one.status, text: one.text })),
    cancellableUntil: cancellableUntil(order, now)?.toISOString() ?? null,
    ...(order.cancelRequested ? { cancelRequested: true } : {}),
    ...(order.cancelReason ? { cancelReason: order.cancelReason } : {}),
    ...(order.payBy ? { payBy: order.payBy.toISOString() } : {}),
    ...(order.flags.length > 0 ? { flags: [...order.flags] } : {}),
    placedAt: order.placedAt.toISOString(),
  }
}

function nextActionOf(order: OrderRow): { nextAction?: { type: 'redirect'; url: string } } {
  if (order.status !== 'PENDING' || order.paymentState !== 'requires-action' || !order.nextActionUrl) return {}
  return { nextAction: { type: 'redirect', url: order.nextActionUrl } }
}

async function orElse<T>(asked: Promise<T>, instead: T): Promise<T> {
  try {
    const answer = await asked
    return isRefusal(answer) ? instead : answer
  } catch (error) {
    if (error instanceof Fault) return instead
    throw error
  }
}
