import { createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { read } from '@stoa/chassis/service.ts'
import { ContactOf } from '@stoa/contracts/identity.ts'
import { AuthorizeOrderAccess, OrderForMessage, OrderStates } from '@stoa/contracts/orders.ts'
import { opens, personKey, unsealContact, viewTokenOf } from './contact.ts'
import { findOrder, findOrders, statesOf } from './store/orders.ts'
import { numberOf } from './usecases.ts'

const orderLookup = oncePer((db: Db) => createLookup((orderIds: string[]) => findOrders(db, orderIds)))

export const orderForMessage = read(OrderForMessage, async (context) => {
  const { input, db, call } = context
  const order = (await orderLookup(db)([input.orderId])).get(input.orderId)
  if (!order) return refuse('not-found')
  const contact = unsealContact(
    await personKey(call, order.personId, order.personId !== order.accountId),
    order.orderId,
    order.sealedContact,
  )
  const email = contact.email ?? (await emailOf(context, order.accountId))
  if (!email) return refuse('not-found')
  return {
    orderId: order.orderId,
    number: numberOf(order.number),
    accountId: order.accountId,
    email,
    viewToken: order.personId === order.accountId ? null : viewTokenOf(context, order.orderId),
    name: contact.shippingAddress.name,
    status: order.status,
    cancelReason: order.cancelReason,
    lines: order.lines,
    totals: order.totals,
    shippingAddress: contact.shippingAddress,
    method: order.method,
  }
})

async function emailOf({ call }: { call: Parameters<typeof personKey>[0] }, accountId: string | null): Promise<string | undefined> {
  if (!accountId) return undefined
  const contact = await call(ContactOf, { accountId })
  return isRefusal(contact) ? undefined : contact.email
}

export const authorizeOrderAccess = read(AuthorizeOrderAccess, async (context) => {
  const { input, db } = context
  const order = await findOrder(db, input.orderId)
  if (!order) return refuse('not-found')
  const allowed =
    input.staff || opens(context, order, input.token) || (input.accountId !== undefined && input.accountId === order.accountId)
  if (!allowed) return refuse('not-found')
  return {
    orderId: order.orderId,
    status: order.status,
    number: numberOf(order.number),
    total: { amount: order.totalMinor, currency: order.currency },
  }
})

export const orderStates = read(OrderStates, async ({ input, db }) => {
  const rows = await statesOf(db, input.orderIds)
  return {
    items: rows.map((one) => ({ orderId: one.orderId, status: one.status, total: { amount: one.totalMinor, currency: one.currency } })),
  }
})
