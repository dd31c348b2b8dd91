/** Placing an order: both doors (POST /orders, POST /order) tell this one story. Every step repeats harmlessly under the order's id. */
import type { KeyObject } from 'node:crypto'
import { isRefusal, refuse, type Refusal, type RefusalCode } from '@stoa/chassis/contract.ts'
import type { Kept } from '@stoa/chassis/cache/kept.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import { Origin, TransferDays } from '@stoa/chassis/settings.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import type { CallFn, Common, TransactionFn } from '@stoa/chassis/service.ts'
import { TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { ReleaseStock, ReservationsOf, ReserveStock } from '@stoa/contracts/inventory.ts'
import { OrderCreated, type PaymentMethod, type PlaceOrder } from '@stoa/contracts/orders.ts'
import { PreparePayment } from '@stoa/contracts/payments.ts'
import { PriceBasket, type Buyer, type PricedBasket } from '@stoa/contracts/pricing.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { basketOf, type Basket, type BasketInput } from './basket.ts'
import { emailIndexOf, personKey, sealContact, viewTokenOf, type Contact } from './contact.ts'
import { HOLD_SECONDS } from './domain.ts'
import { findOrder, insertOrder, type NewOrder, type OrderRow } from './store/orders.ts'
import { watchDeadline } from './workers.ts'

export interface Purchase {
  readonly orderId: string
  readonly accountId: string | null
  /** Who buys, as far as prices care. */
  readonly buyer: Buyer
  /** The account, or the guest made for this order. */
  readonly personId: string
  readonly basket: BasketInput
  readonly contact: Contact
  readonly shippingOption: string
  readonly quoteId?: string
  readonly coupon?: string
  readonly currency?: string
  readonly method: PaymentMethod
  readonly token?: string
}

export interface Placed {
  readonly orderId: string
  readonly number: string
  readonly status: OrderRow['status']
  readonly total: { amount: number; currency: string }
  readonly viewToken?: string
  readonly payment: { state: string; nextAction?: { type: 'redirect'; url: string } }
}

type PlaceRefusal = Refusal<RefusalCode<typeof PlaceOrder>>

export interface PlaceContext extends Common {
  readonly db: Db
  readonly call: CallFn
  readonly transaction: TransactionFn
  readonly triedBefore: boolean
  readonly kept: Kept
}

/** Names of providers by method. */
const PROVIDERS: Readonly<Record<PaymentMethod, string>> = {
  card: 'sandbox',
  'bank-transfer': 'bank-transfer',
  'cash-on-delivery': 'cash-on-delivery',
}
/** A pending order is looked at before its hold runs out, so that the hold can be prolonged in time. */
const WATCH_AFTER_SECONDS = HOLD_SECONDS - 60
/** While a crowd asks for what is sold out, inventory is not asked for each of them. Source: reliability §3. */
const SOLD_OUT_MS = 100

/** Prices, holds, prepares payment, and writes the order. `remember` keeps the answer in the same transaction. */
export async function placeOrder(
  context: PlaceContext,
  purchase: Purchase,
  remember: (tx: Tx, answer: Placed) => Promise<void>,
): Promise<Placed | PlaceRefusal> {
  const { call } = context
  const { orderId, accountId } = purchase
  const before = context.triedBefore ? await findOrder(context.db, orderId) : undefined
  if (before) return answerOf(context, before)
  const [basket, key] = await Promise.all([basketOf(call, purchase.basket), personKey(call, purchase.personId, accountId === null)])
  if (isRefusal(basket)) return letGo(context, orderId, basket as PlaceRefusal)
  const priced = await price(call, purchase, basket)
  if (isRefusal(priced)) return letGo(context, orderId, priced as PlaceRefusal)
  failPoint('orders.before-reserve')
  const held = await hold(context, purchase, basket)
  if (held) return held
  failPoint('orders.after-reserve')
  const payment = await call(PreparePayment, {
    orderId,
    amount: priced.total,
    method: purchase.method,
    returnUrl: returnUrl(context, purchase),
    ...(purchase.token === undefined ? {} : { token: purchase.token }),
  })
  if (isRefusal(payment)) {
    await call(ReleaseStock, { orderId })
    return refuse('unavailable', { detail: 'Payments cannot be taken just now.' })
  }
  failPoint('orders.after-prepare')
  const placed = await context.transaction((tx) => write(context, tx, { purchase, basket, priced, payment, key }, remember))
  failPoint('orders.after-commit')
  if (basket.cartId)
    await call(TakeOrderedLines, {
      cartId: basket.cartId,
      orderId,
      lines: basket.lines.map((one) => ({ sku: one.sku, quantity: one.quantity })),
    }).catch(() => context.log.warn({ orderId }, 'the cart is emptied by the event instead'))
  return placed
}

function price(call: CallFn, purchase: Purchase, basket: Basket) {
  return call(PriceBasket, {
    items: basket.lines.map((one) => ({ sku: one.sku, quantity: one.quantity })),
    ...purchase.buyer,
    place: purchase.contact.shippingAddress,
    shippingOption: purchase.shippingOption,
    ...(purchase.coupon === undefined ? {} : { coupon: purchase.coupon }),
    ...(purchase.currency === undefined ? {} : { currency: purchase.currency }),
    ...(purchase.quoteId === undefined ? {} : { quoteId: purchase.quoteId }),
  })
}

/** A refusal ends this order id: what an earlier try under it may have held, before it was cut short, is free again. */
async function letGo({ call, triedBefore }: PlaceContext, orderId: string, refusal: PlaceRefusal): Promise<PlaceRefusal> {
  if (!triedBefore) return refusal
  const { items } = await call(ReservationsOf, { orderIds: [orderId] })
  if (items.some((one) => one.state === 'held')) await call(ReleaseStock, { orderId })
  return refusal
}

/** A bank transfer must arrive within this. */
function payBySeconds({ setting }: PlaceContext): number {
  return setting(TransferDays) * 24 * 3600
}

/** Holds stock; undefined when it is held. */
async function hold(context: PlaceContext, purchase: Purchase, basket: Basket): Promise<PlaceRefusal | undefined> {
  const shortage = await shortageOf(context, basket)
  if (shortage?.known) return shortage.known
  const held = await context.call(ReserveStock, {
    orderId: purchase.orderId,
    lines: basket.lines.map((one) => ({ sku: one.sku, quantityUnits: one.quantity })),
    holdSeconds: purchase.method === 'bank-transfer' ? payBySeconds(context) + HOLD_SECONDS : HOLD_SECONDS,
  })
  if (!isRefusal(held)) return undefined
  if (held.refused === 'insufficient-stock') shortage?.keep(held)
  if (held.refused === 'insufficient-stock' || held.refused === 'unknown-sku') return held as PlaceRefusal
  // The id's hold ran out while the request lay abandoned: a new try gets new ids.
  return refuse('unavailable', { detail: 'Please try again.' })
}

/**
 * What inventory said a moment ago to whoever wanted exactly the same of one SKU. It is forgotten as soon as stock of the product moves, and
 * an order that may hold something already is never answered by it.
 */
async function shortageOf({ kept, triedBefore }: PlaceContext, { lines: [line, ...others] }: Basket) {
  if (triedBefore || !line || others.length > 0) return undefined
  const name = `sold-out ${line.quantity} ${line.sku}`
  const found = await kept.find(name)
  if (!found) return undefined
  if ('value' in found) return { known: JSON.parse(found.value) as PlaceRefusal }
  const keeping = { mark: found.mark, shows: [line.productId], ms: SOLD_OUT_MS }
  return { keep: (refusal: object) => void kept.keep(name, JSON.stringify(refusal), keeping) }
}

function returnUrl(context: PlaceContext, purchase: Purchase): string {
  const token = purchase.accountId === null ? `?token=${viewTokenOf(context, purchase.orderId)}` : ''
  return `${context.setting(Origin)}/orders/${purchase.orderId}${token}`
}

interface Ready {
  readonly purchase: Purchase
  readonly basket: Basket
  readonly priced: PricedBasket
  readonly payment: { state: string; nextAction?: { type: 'redirect'; url: string } }
  readonly key: KeyObject
}

async function write(context: PlaceContext, tx: Tx, ready: Ready, remember: (tx: Tx, answer: Placed) => Promise<void>): Promise<Placed> {
  const { purchase, basket, priced, payment } = ready
  const { orderId, accountId, method } = purchase
  const order = newOrder(context, ready)
  const written = await insertOrder(tx, order)
  if (!written) return answerOf(context, (await findOrder(tx, orderId)) as OrderRow)
  const number = numberOf(written.number)
  tx.publish(OrderCreated, {
    orderId,
    number,
    accountId,
    cartId: basket.cartId,
    lines: order.lines.map((line) => ({
      sku: line.sku,
      productId: line.productId,
      quantity: line.quantity,
      unitPriceMinor: line.unitPrice.amount,
    })),
    total: priced.total,
    method,
    placedAt: written.placedAt.toISOString(),
  })
  tx.schedule(watchDeadline, orderId, method === 'bank-transfer' ? payBySeconds(context) : WATCH_AFTER_SECONDS)
  const answer: Placed = {
    orderId,
    number,
    status: 'PENDING',
    total: priced.total,
    ...(accountId === null ? { viewToken: viewTokenOf(context, orderId) } : {}),
    payment: { state: order.paymentState, ...(payment.nextAction ? { nextAction: payment.nextAction } : {}) },
  }
  await remember(tx, answer)
  return answer
}

/** The row of an order to be: lines as they were priced, contact sealed, the saga's first state. */
function newOrder(context: PlaceContext, { purchase, basket, priced, payment, key }: Ready): NewOrder {
  const { orderId, accountId, method, contact } = purchase
  const { subtotal, discount, shipping, tax, taxIncluded, total } = priced
  const byTransfer = method === 'bank-transfer'
  return {
    orderId,
    accountId,
    personId: purchase.personId,
    emailIndex: accountId === null && contact.email ? emailIndexOf(context, contact.email) : null,
    sealedContact: sealContact(key, orderId, contact),
    lines: priced.lines.map((line) => orderLine(line, basket)),
    totals: { subtotal, discount, shipping, tax, taxIncluded, total },
    totalMinor: total.amount,
    currency: total.currency,
    shippingOption: purchase.shippingOption,
    method,
    provider: PROVIDERS[method],
    paymentState: method === 'card' && payment.state === 'none' ? 'authorizing' : payment.state,
    nextActionUrl: payment.nextAction?.url ?? null,
    cartId: basket.cartId,
    deadlineSeconds: byTransfer ? payBySeconds(context) : HOLD_SECONDS,
    payBySeconds: byTransfer ? payBySeconds(context) : null,
  }
}

function orderLine(line: PricedBasket['lines'][number], basket: Basket): OrderRow['lines'][number] {
  const facts = basket.lines.find((one) => one.sku === line.sku)
  if (!facts) throw new Error(`${line.sku} was priced but never asked for`)
  const { sku, quantity, unitPrice, discount, tax, total } = line
  return { sku, productId: facts.productId, name: facts.name, quantity, unitPrice, discount, tax, total }
}

/** The answer of an order placed before, for a request that goes on after a crash. */
function answerOf(context: PlaceContext, order: OrderRow): Placed {
  return {
    orderId: order.orderId,
    number: numberOf(order.number),
    status: 'PENDING',
    total: { amount: order.totalMinor, currency: order.currency },
    ...(order.accountId === null ? { viewToken: viewTokenOf(context, order.orderId) } : {}),
    payment: {
      state: order.paymentState,
      ...(order.nextActionUrl && order.paymentState === 'requires-action'
        ? { nextAction: { type: 'redirect', url: order.nextActionUrl } as const }
        : {}),
    },
  }
}

/** `S-100042`. */
export function numberOf(number: number): string {
  return `S-${number}`
}
