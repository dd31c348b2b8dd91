/** Doors to orders of the past. */
import type { Static } from 'typebox'
import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { read, type CallFn, type Common } from '@stoa/chassis/service.ts'
import { AccountByEmail } from '@stoa/contracts/identity.ts'
import { ListOrders } from '@stoa/contracts/orders.ts'
import { emailIndexOf } from '../contact.ts'
import { ordersOf, type Buyer, type OrderFilter } from '../store/history.ts'
import type { OrderRow } from '../store/orders.ts'
import { numberOf } from '../usecases.ts'
import { isStaff } from '../view.ts'

const PAGE = 20
const DAY_SECONDS = 24 * 3600

export const listOrders = read(ListOrders, async (context) => {
  const { caller, query, db } = context
  if (caller.kind === 'guest') return { items: [], nextCursor: null }
  const { limit = PAGE, cursor, ...wish } = query
  if (wish.email !== undefined && !isStaff(caller))
    return refuse('forbidden', { detail: 'Only staff may look for the orders of an address.' })
  const scope = ['orders', caller.accountId, wish]
  const before = beginOfPage(scope, cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const buyer = wish.email === undefined ? { accountId: caller.accountId, emailIndex: null } : await buyerBy(context, wish.email)
  const rows = await ordersOf(db, buyer, filterOf(wish), before, limit + 1)
  const items = rows.slice(0, limit)
  return { items: items.map(summaryOf), nextCursor: rows.length > limit ? encodeCursor(scope, [items.at(-1)?.orderId]) : null }
})

/** Whose orders an address leads to: what a guest placed with it, and its account's. */
async function buyerBy(context: Common & { readonly call: CallFn }, email: string): Promise<Buyer> {
  const account = await context.call(AccountByEmail, { email })
  return { accountId: isRefusal(account) ? null : account.accountId, emailIndex: emailIndexOf(context, email) }
}

function filterOf({ q, status, from, to }: Static<NonNullable<typeof ListOrders.query>>): OrderFilter {
  return {
    words: (q ?? '').split(/\s+/).filter((word) => word !== ''),
    statuses: status ?? null,
    fromSeconds: from === undefined ? null : Date.parse(from) / 1000,
    untilSeconds: to === undefined ? null : Date.parse(to) / 1000 + DAY_SECONDS,
  }
}

function summaryOf(order: OrderRow) {
  return {
    orderId: order.orderId,
    number: numberOf(order.number),
    status: order.status,
    total: { amount: order.totalMinor, currency: order.currency },
    placedAt: order.placedAt.toISOString(),
    lines: order.lines.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
  }
}
