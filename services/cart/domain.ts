import { isRefusal, refuse, type Refusal } from '@stoa/chassis/contract.ts'
import type { Static } from 'typebox'
import type { Cart, ShortReason as ShortReasonSchema } from '@stoa/contracts/cart.ts'
import { money } from '@stoa/kit/money.ts'

type ShortReason = Static<typeof ShortReasonSchema>

/** The most lines a shopper may put into a cart: an order takes no more. */
export const CART_LINES_MAX = 100
/** The most lines a cart ever holds, when lines come back from an order. */
const LINES_KEPT_MAX = 200
/** The most units of a line. */
export const LINE_UNITS_MAX = 10_000

/** What the catalogue last said of a SKU. */
export interface Description {
  readonly productId: string
  readonly slug: string
  readonly name: string
  readonly options: Record<string, string>
  readonly image: Static<typeof Cart>['items'][number]['image']
}

/** A line as it is kept. `seenPriceMinor` is the unit price when the shopper last changed the line. */
export interface CartLine {
  readonly sku: string
  readonly quantity: number
  readonly seenPriceMinor: number
  readonly description: Description
  readonly addedAt: string
}

/** What changes in a cart: lines that are now so, and SKUs that are gone. */
export interface Change {
  readonly put: readonly CartLine[]
  readonly remove: readonly string[]
}

export interface Wanted {
  readonly sku: string
  readonly quantity: number
}
/** What a shopper asks for. Setting to 0 removes. Refilling brings lines up to what is wanted. */
export type Command = ({ readonly kind: 'add' | 'set' } & Wanted) | { readonly kind: 'refill'; readonly lines: readonly Wanted[] }

/** What pricing says of a line. Units: minor units. */
export interface LinePrice {
  readonly unitMinor: number
  readonly discountMinor: number
  readonly taxMinor: number
}

/** What the neighbours say of the goods in a cart. Undefined: the neighbour is away. */
export interface Goods {
  /** What was asked for: prices hold for these units only. */
  readonly asked: ReadonlyMap<string, number>
  readonly described: ReadonlyMap<string, Description & { readonly active: boolean }> | undefined
  readonly prices: ReadonlyMap<string, LinePrice>
  readonly available: ReadonlyMap<string, number> | undefined
  readonly taxIncluded: boolean
  readonly currency: string
}

/** Units per SKU that the cart would hold after `command`, to ask the neighbours about. */
export function plan(lines: readonly CartLine[], command?: Command): Map<string, number> {
  const units = new Map(lines.map((line) => [line.sku, line.quantity]))
  if (!command) return units
  if (command.kind === 'refill') return planRefill(units, command.lines)
  const quantity = command.kind === 'add' ? (units.get(command.sku) ?? 0) + command.quantity : command.quantity
  if (quantity === 0) units.delete(command.sku)
  else units.set(command.sku, quantity)
  return units
}

/** What finds no line free is not asked for. */
function planRefill(units: Map<string, number>, wanted: readonly Wanted[]): Map<string, number> {
  for (const { sku, quantity } of wanted) {
    const there = units.get(sku)
    if (there !== undefined || units.size < CART_LINES_MAX) units.set(sku, Math.max(there ?? 0, quantity))
  }
  return units
}

/**
 * Decides a shopper's command. Refuses: `unknown-sku` (not sold, or not in the cart when it is to be changed),
 * `insufficient-stock` with `availableUnits`, `cart-full`, `unavailable` when the catalogue is away and the SKU is new here.
 */
export function decide(lines: readonly CartLine[], command: Command, goods: Goods, now: Date): Change | Refusal<Refusals> {
  if (command.kind === 'refill') return refill(lines, command.lines, goods, now)
  const { sku } = command
  const line = lines.find((one) => one.sku === sku)
  if (command.kind === 'set' && !line) return refuse('unknown-sku', { detail: `${sku} is not in the cart.` })
  const quantity = plan(lines, command).get(sku)
  if (quantity === undefined) return { put: [], remove: [sku] }
  const described = goods.described ? goods.described.get(sku) : line && { ...line.description, active: true }
  if (!described && !goods.described) return refuse('unavailable', { detail: 'The catalogue cannot be asked for the moment.' })
  if (!described?.active) return refuse('unknown-sku', { detail: `${sku} is not sold here.` })
  const availableUnits = availableOf(sku, goods)
  if (quantity > availableUnits)
    return refuse('insufficient-stock', { detail: `Of ${sku}, ${availableUnits} can be had.`, sku, availableUnits })
  const price = goods.prices.get(sku)
  if (!price) return refuse('unknown-sku', { detail: `${sku} is not sold here.` })
  if (!line && lines.length >= CART_LINES_MAX) return refuse('cart-full', { detail: `A cart holds ${CART_LINES_MAX} lines.` })
  const { productId, slug, name, options, image } = described
  const description = { productId, slug, name, options, image }
  return { put: [{ sku, quantity, seenPriceMinor: price.unitMinor, description, addedAt: line?.addedAt ?? now.toISOString() }], remove: [] }
}

/** Nothing shrinks, and what cannot be had is left out. Refuses: `unavailable` when the catalogue is away and a SKU is new here. */
function refill(lines: readonly CartLine[], wanted: readonly Wanted[], goods: Goods, now: Date): Change | Refusal<Refusals> {
  let filled = lines
  const put: CartLine[] = []
  for (const { sku, quantity } of wanted) {
    const there = lines.find((one) => one.sku === sku)?.quantity ?? 0
    const reached = Math.min(quantity, availableOf(sku, goods))
    if (reached <= there) continue
    const step = decide(filled, { kind: there === 0 ? 'add' : 'set', sku, quantity: reached }, goods, now)
    if (isRefusal(step) && step.refused === 'unavailable') return step
    if (isRefusal(step)) continue
    put.push(...step.put)
    filled = apply(filled, step)
  }
  return { put, remove: [] }
}

/** What a cart holds less of than was wanted, and why. */
export function shortOf(lines: readonly Wanted[], wanted: readonly Wanted[], goods: Goods) {
  return wanted.flatMap(({ sku, quantity }) => {
    const inCart = lines.find((one) => one.sku === sku)?.quantity ?? 0
    if (inCart >= quantity) return []
    const sold = goods.prices.has(sku) && (goods.described?.get(sku)?.active ?? true)
    const full = !goods.asked.has(sku) || (sold && inCart < Math.min(quantity, availableOf(sku, goods)))
    const reason: ShortReason = full ? 'cart-full' : sold ? 'insufficient-stock' : 'unavailable'
    return [{ sku, wanted: quantity, inCart, reason }]
  })
}

/** Units of a SKU that a line may hold. Where inventory is away, the order decides. */
function availableOf(sku: string, goods: Goods): number {
  return Math.min(LINE_UNITS_MAX, goods.available ? (goods.available.get(sku) ?? 0) : LINE_UNITS_MAX)
}

/** What a shopper's command may be refused for. */
export type Refusals = 'unknown-sku' | 'insufficient-stock' | 'cart-full' | 'unavailable'

/**
 * Puts a guest's lines into an account's cart: units of one SKU add up to what is available, yet a line that was there
 * before never shrinks, and one that came along never vanishes. What nobody asked about adds up in full. The account's
 * lines come first when there are too many.
 */
export function merge(own: readonly CartLine[], guest: readonly CartLine[], available: ReadonlyMap<string, number> | undefined): Change {
  const known = new Map(own.map((line) => [line.sku, line]))
  const put: CartLine[] = []
  let room = CART_LINES_MAX - own.length
  for (const line of guest) {
    const mine = known.get(line.sku)
    if (!mine && room-- <= 0) continue
    const there = mine?.quantity ?? 0
    const most = Math.max(available?.get(line.sku) ?? LINE_UNITS_MAX, there, 1)
    const quantity = Math.min(there + line.quantity, most, LINE_UNITS_MAX)
    put.push({ ...line, quantity, addedAt: mine?.addedAt ?? line.addedAt })
  }
  return { put, remove: [] }
}

/** Takes ordered units out of a cart; `taken` is what really left, to be given back if the payment is declined. */
export function take(lines: readonly CartLine[], ordered: readonly { sku: string; quantity: number }[]): Change & { taken: CartLine[] } {
  const units = new Map<string, number>()
  for (const one of ordered) units.set(one.sku, (units.get(one.sku) ?? 0) + one.quantity)
  const touched = lines.filter((line) => units.has(line.sku))
  const taken = touched.map((line) => ({ ...line, quantity: Math.min(line.quantity, units.get(line.sku) ?? 0) }))
  const left = touched.map((line, index) => ({ ...line, quantity: line.quantity - (taken[index]?.quantity ?? 0) }))
  return {
    taken,
    put: left.filter((line) => line.quantity > 0),
    remove: left.filter((line) => line.quantity === 0).map((line) => line.sku),
  }
}

/** Gives lines back that an order took; units of one SKU add up. */
export function giveBack(lines: readonly CartLine[], taken: readonly CartLine[]): Change {
  const known = new Map(lines.map((line) => [line.sku, line]))
  const room = LINES_KEPT_MAX - lines.length
  const put = taken.map((line) => {
    const there = known.get(line.sku)
    return there ? { ...there, quantity: Math.min(there.quantity + line.quantity, LINE_UNITS_MAX) } : line
  })
  return { put: [...put.filter((line) => known.has(line.sku)), ...put.filter((line) => !known.has(line.sku)).slice(0, room)], remove: [] }
}

/** The lines after a change, in the order they were put in. */
export function apply(lines: readonly CartLine[], { put, remove }: Change): CartLine[] {
  const gone = new Set([...remove, ...put.map((line) => line.sku)])
  const rest = lines.filter((line) => !gone.has(line.sku))
  return [...rest, ...put].sort((a, b) => compare(a.addedAt, b.addedAt) || compare(a.sku, b.sku))
}

/** Whether `goods` were asked for exactly these units. */
export function covers(goods: Goods, lines: readonly CartLine[]): boolean {
  return goods.asked.size === lines.length && lines.every((line) => goods.asked.get(line.sku) === line.quantity)
}

/** A cart as its owner sees it. A line that cannot be bought counts for nothing in the sums. */
export function show(cart: { id: string | null; version: number; lines: readonly CartLine[] }, goods: Goods): Static<typeof Cart> {
  const { currency, taxIncluded } = goods
  const items = cart.lines.map((line) => showLine(line, goods))
  const priced = items.flatMap((item) => (item.problem === 'unavailable' ? [] : [{ item, price: goods.prices.get(item.sku) }]))
  const subtotal = priced.reduce((total, { item }) => total + item.lineTotal.amount, 0)
  const discount = priced.reduce((total, { price }) => total + (price?.discountMinor ?? 0), 0)
  const tax = priced.reduce((total, { price }) => total + (price?.taxMinor ?? 0), 0)
  return {
    id: cart.id,
    version: cart.version,
    items,
    coupons: [],
    subtotal: money(subtotal, currency),
    discount: money(discount, currency),
    tax: money(tax, currency),
    taxIncluded,
    total: money(subtotal - discount + (taxIncluded ? 0 : tax), currency),
    currency,
  }
}

type Item = Static<typeof Cart>['items'][number]

function showLine(line: CartLine, goods: Goods): Item {
  const { currency } = goods
  const described = goods.described ? goods.described.get(line.sku) : { ...line.description, active: true }
  const price = described?.active ? goods.prices.get(line.sku) : undefined
  const available = price ? (goods.available ? (goods.available.get(line.sku) ?? 0) : line.quantity) : 0
  const problem = problemOf(line, price, available)
  const { productId, slug, name, options, image } = described ?? line.description
  return {
    sku: line.sku,
    productId,
    slug,
    name,
    options,
    image,
    quantity: line.quantity,
    unitPrice: money(price?.unitMinor ?? line.seenPriceMinor, currency),
    lineTotal: money(price ? price.unitMinor * line.quantity : 0, currency),
    available,
    ...(problem && { problem }),
  }
}

function problemOf(line: CartLine, price: LinePrice | undefined, available: number): Item['problem'] {
  if (!price) return 'unavailable'
  if (line.quantity > available) return 'insufficient-stock'
  return price.unitMinor === line.seenPriceMinor ? undefined : 'price-changed'
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
