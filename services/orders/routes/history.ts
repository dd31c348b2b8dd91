/** Doors to orders of the past. */
import type { Static } from 'typebox'
import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { orchestrate, read, type CallFn, type Common } from '@stoa/chassis/service.ts'
import { CART_COOKIE, RefillCart } from '@stoa/contracts/cart.ts'
import { AccountByEmail } from '@stoa/contracts/identity.ts'
import { ListOrders, Reorder } from '@stoa/contracts/orders.ts'
import { buyerOf } from '@stoa/contracts/pricing.ts'
import { emailIndexOf } from '../contact.ts'
import { ordersOf, type Buyer, type OrderFilter } from '../store/history.ts'
import type { OrderRow } from '../store/orders.ts'
import { numberOf } from '../usecases.ts'
import { isStaff, owns, visibleOrder, visitorOf } from '../view.ts'

const PAGE = 20
/** A cookie of another shape names no cart. Units: characters. */
const CART_TOKEN_MAX = 200
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

export const reorder = orchestrate(Reorder, async (context) => {
  const { params, caller, cookies, db, call, reply, fixedIds } = context
  const visitor = visitorOf(context)
  const order = await visibleOrder(context, db, params.orderId, visitor)
  // Staff see every order; buying again is its owner's alone.
  if (!order || !owns(context, order, visitor)) return refuse('not-found')
  const { cartId } = await fixedIds('cartId')
  const guestToken = cookies[CART_COOKIE.name] ?? ''
  const refilled = await call(RefillCart, {
    ...(caller.kind === 'account' ? { accountId: caller.accountId } : {}),
    ...(guestToken === '' || guestToken.length > CART_TOKEN_MAX ? {} : { guestToken }),
    ...buyerOf(caller),
    cartId,
    lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
  })
  if (isRefusal(refilled)) return refilled
  if (refilled.guestToken !== null) reply.cookie(CART_COOKIE.name, refilled.guestToken, CART_COOKIE)
  else if (guestToken !== '') reply.clearCookie(CART_COOKIE.name)
  const names = new Map(order.lines.map((line) => [line.sku, line.name]))
  return { cart: refilled.cart, notAdded: refilled.short.map((one) => ({ ...one, name: names.get(one.sku) ?? one.sku })) }
})
