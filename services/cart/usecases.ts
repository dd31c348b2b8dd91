import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { isRefusal, refuse, type Refusal } from '@stoa/chassis/contract.ts'
import type { Kept } from '@stoa/chassis/cache/kept.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { CallFn, Common, TransactionFn } from '@stoa/chassis/service.ts'
import { CartChanged } from '@stoa/contracts/cart.ts'
import type { Buyer } from '@stoa/contracts/pricing.ts'
import {
  apply,
  covers,
  decide,
  giveBack,
  merge,
  plan,
  show,
  take,
  type CartLine,
  type Change,
  type Command,
  type Refusals,
} from './domain.ts'
import { askAbout, askAvailability } from './neighbours.ts'
import * as store from './store.ts'

/** What a use case needs of its context. */
export interface Doing extends Common {
  readonly db: Db
  readonly call: CallFn
  readonly transaction: TransactionFn
}

/** Who stands before the cart: an account, or the holder of a guest's cookie, or both at once. */
export interface Visitor {
  readonly accountId?: string | undefined
  readonly guestToken?: string | undefined
}

/** A visitor for whom goods are priced. */
export interface Shopper extends Visitor {
  readonly buyer: Buyer
}

/** Ids fixed for a command. `additionId` is given with an idempotency key: a retry after a crash then adds nothing twice. */
export interface Fixed {
  readonly cartId: string
  readonly additionId?: string
}

const OPEN_TRIES_MAX = 3
const NONCE_LENGTH = 22
/** A shopper's next page shows the same cart. */
const CART_KEPT_MS = 5000
const EMPTY = { id: null, version: 0, lines: [] } as const

/** The visitor's cart. An account that still carries a guest's cookie has both made into one first. */
export async function findCart(doing: Doing, { accountId, guestToken: cookie }: Visitor): Promise<store.StoredCart | undefined> {
  const guestToken = verifiedToken(doing, cookie)
  if (accountId === undefined) return guestToken === undefined ? undefined : store.loadCart(doing.db, guestOf(guestToken))
  if (guestToken !== undefined) await mergeGuestCart(doing, accountId, guestToken)
  return store.loadCart(doing.db, { accountId })
}

/**
 * The visitor's cart with prices and stock of this moment; kept until the cart or anything about its goods is touched. Refuses:
 * `unavailable` when pricing is away.
 */
export async function viewCart(doing: Doing & { readonly kept: Kept }, visitor: Shopper) {
  const name = nameOf(doing, visitor)
  if (name === undefined) return (await lookAtCart(doing, visitor)).shown
  const { shown } = await doing.kept.through<Look>(name, {
    ms: CART_KEPT_MS,
    make: () => lookAtCart(doing, visitor),
    pack: (look) => (look.shows.length === 0 ? undefined : { value: JSON.stringify(look.shown), shows: look.shows }),
    unpack: (value) => ({ shown: JSON.parse(value) as ReturnType<typeof show>, shows: [] }),
  })
  return shown
}

/** Whose cart, for whom priced. None for an account that still carries a guest's cookie: its cart is about to be another. */
function nameOf(doing: Common, { accountId, guestToken, buyer }: Shopper): string | undefined {
  if (accountId !== undefined) return guestToken === undefined ? `account ${accountId} ${JSON.stringify(buyer)}` : undefined
  const token = verifiedToken(doing, guestToken)
  return token && `guest ${hashOf(token).toString('base64url')}`
}

/** What a look at a cart shows. Where that is nothing to keep, for there is no cart or somebody is away, it names nothing. */
interface Look {
  readonly shown: ReturnType<typeof show> | ReturnType<typeof refusePriceless>
  readonly shows: readonly string[]
}

async function lookAtCart(doing: Doing, visitor: Shopper): Promise<Look> {
  const cart = await findCart(doing, visitor)
  const { lines } = cart ?? EMPTY
  const goods = await askAbout(doing.call, plan(lines), visitor.buyer)
  if (!goods) return { shown: refusePriceless(), shows: [] }
  const shown = show(cart ?? EMPTY, goods)
  if (!cart || !goods.described || !goods.available) return { shown, shows: [] }
  return { shown, shows: [cart.id, ...shown.items.map((item) => item.productId)] }
}

/** Carries out a shopper's command: the neighbours are asked first, then one transaction. Answers the cart, a guest's cookie, and what the neighbours said. */
export async function changeCart(doing: Doing, visitor: Shopper, command: Command, fixed: Fixed) {
  const found = await findCart(doing, visitor)
  const goods = await askAbout(doing.call, plan(found?.lines ?? [], command), visitor.buyer)
  if (!goods) return refusePriceless()
  const guestToken = verifiedToken(doing, visitor.guestToken) ?? makeGuestToken(doing, fixed.cartId)
  const owner = visitor.accountId === undefined ? guestOf(guestToken) : { accountId: visitor.accountId }
  const decideOn = (lines: readonly CartLine[]) => decide(lines, command, goods, doing.now)
  const changed = await doing.transaction((tx) => changeOnce(tx, found, owner, fixed, decideOn))
  if (isRefusal(changed)) return changed
  // Somebody else's change may have come in between: then the neighbours are asked again about what is there now.
  const current = covers(goods, changed.lines) ? goods : ((await askAbout(doing.call, plan(changed.lines), visitor.buyer)) ?? goods)
  return { cart: show(changed, current), guestToken, goods }
}

/** Takes ordered lines out of a cart, once per order. False when the cart is gone. */
export async function takeOrdered(
  tx: Tx,
  order: { cartId: string; orderId: string; lines: readonly { sku: string; quantity: number }[] },
): Promise<boolean> {
  const cart = await store.lockCart(tx, order.cartId)
  if (!cart) return false
  const { taken, ...change } = take(cart.lines, order.lines)
  const first = await store.rememberTaken(tx, order.orderId, cart.id, taken)
  if (first && taken.length > 0) await write(tx, cart, change)
  return true
}

/** Gives back what an order took, once per order. */
export async function giveBackOrdered(tx: Tx, orderId: string): Promise<void> {
  const order = await store.claimTaken(tx, orderId)
  const cart = order && (await store.lockCart(tx, order.cart_id))
  if (!order || !cart) return
  const change = giveBack(cart.lines, order.lines)
  if (change.put.length > 0) await write(tx, cart, change)
}

/** The change on the cart as it was read; when it is new or somebody was quicker, on the locked cart as it is. */
async function changeOnce(
  tx: Tx,
  found: store.StoredCart | undefined,
  owner: store.Owner,
  fixed: Fixed,
  decideOn: (lines: readonly CartLine[]) => Change | Refusal<Refusals>,
) {
  if (fixed.additionId !== undefined && !(await store.rememberAddition(tx, fixed.additionId))) {
    const [cart] = await store.lockCartsOf(tx, [owner])
    return cart ?? EMPTY
  }
  const decided = decideOn(found?.lines ?? [])
  if (isRefusal(decided)) return decided
  const written = found && (await write(tx, found, decided))
  if (written) return written
  const locked = await lockOrOpen(tx, owner, fixed.cartId)
  const again = decideOn(locked.lines)
  if (isRefusal(again)) return again
  const rewritten = await write(tx, locked, again)
  if (!rewritten) throw new Error(`cart ${locked.id} changed under its lock`)
  return rewritten
}

/** The owner's cart, locked; made if there is none. A guest's may be merged away between making and locking: then again. */
async function lockOrOpen(tx: Tx, owner: store.Owner, cartId: string): Promise<store.StoredCart> {
  for (let tries = 0; tries < OPEN_TRIES_MAX; tries++) {
    const made = await store.insertCart(tx, cartId, owner)
    if (made) return made
    const [locked] = await store.lockCartsOf(tx, [owner])
    if (locked) return locked
  }
  throw new Error(`cart ${cartId} cannot be opened`)
}

/** Puts a guest's lines into the account's cart, in one transaction; whoever comes second finds nothing left to do. */
async function mergeGuestCart(doing: Doing, accountId: string, guestToken: string): Promise<void> {
  const owners = [{ accountId }, guestOf(guestToken)] as const
  const guest = await store.loadCart(doing.db, owners[1])
  if (!guest) return
  const available = await askAvailability(
    doing.call,
    guest.lines.map((line) => line.sku),
  )
  await doing.transaction(async (tx) => {
    await store.insertCart(tx, doing.newId(), owners[0])
    const carts = await store.lockCartsOf(tx, owners)
    const own = carts.find((cart) => cart.accountId === accountId)
    const other = carts.find((cart) => cart.accountId === null)
    if (!own || !other) return
    if (other.lines.length > 0) await write(tx, own, merge(own.lines, other.lines, available))
    await store.closeMerged(tx, other.id, own.id)
    tx.publish(CartChanged, { cartId: other.id, accountId: null, version: other.version + 1, items: [] })
  })
}

/** Writes a change and tells of it; undefined when the cart is no longer as it was read. */
async function write(tx: Tx, cart: store.StoredCart, change: Change): Promise<store.StoredCart | undefined> {
  const version = await store.writeChange(tx, cart, change)
  if (version === undefined) return undefined
  const lines = apply(cart.lines, change)
  const items = lines.map(({ sku, quantity }) => ({ sku, quantity }))
  tx.publish(CartChanged, { cartId: cart.id, accountId: cart.accountId, version, items })
  return { ...cart, version, lines }
}

function refusePriceless() {
  return refuse('unavailable', { detail: 'Prices cannot be asked for the moment.' })
}

/**
 * A guest's cookie: a nonce and its signature, both from a secret. A repeated request is given the same one, and one that
 * was given stays its holder's: additions under it meet in one cart even when the cart before was merged away.
 */
function makeGuestToken({ secret }: Common, cartId: string): string {
  const nonce = createHmac('sha256', secret('guest-carts')).update(`nonce of ${cartId}`).digest('base64url').slice(0, NONCE_LENGTH)
  return nonce + signatureOf(secret('guest-carts'), nonce)
}

/** The cookie, if this shop gave it: made-up ones name nothing. */
function verifiedToken({ secret }: Common, token: string | undefined): string | undefined {
  if (token === undefined) return undefined
  const expected = Buffer.from(signatureOf(secret('guest-carts'), token.slice(0, NONCE_LENGTH)))
  const given = Buffer.from(token.slice(NONCE_LENGTH))
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined
}

function signatureOf(key: KeyObject, nonce: string): string {
  return createHmac('sha256', key).update(`signature of ${nonce}`).digest('base64url')
}

function guestOf(token: string): store.Owner {
  return { guestHash: hashOf(token) }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
