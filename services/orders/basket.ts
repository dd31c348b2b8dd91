/** What is bought: items by SKU or product, or the cart, with the facts an order keeps of them. */
import { refuse, type FieldError, type Refusal } from '@stoa/chassis/contract.ts'
import type { CallFn, FaultsOf } from '@stoa/chassis/service.ts'
import { Demo } from '@stoa/chassis/settings.ts'
import { CartOf } from '@stoa/contracts/cart.ts'
import { DescribeSkus, type SkuFacts } from '@stoa/contracts/catalog.ts'

export interface BasketInput {
  readonly items?: readonly { sku?: string; productId?: string; quantity: number }[]
  readonly cart?: { readonly accountId?: string; readonly guestToken?: string }
}

export interface BasketLine {
  readonly sku: string
  readonly productId: string
  readonly name: string
  readonly quantity: number
}

export interface Basket {
  readonly cartId: string | null
  readonly lines: readonly BasketLine[]
}

/** Units of one SKU in an order, as `Quantity` of the contracts says of each line. */
const QUANTITY_MAX = 10_000

/** Finds out what a basket holds; one line per SKU. Refuses: `invalid-request`, `unknown-sku`, `cart-empty`. */
export async function basketOf(
  call: CallFn,
  input: BasketInput,
): Promise<Basket | Refusal<'invalid-request' | 'unknown-sku' | 'cart-empty'>> {
  const cart = input.cart ? await call(CartOf, input.cart) : { cartId: null, items: [] as { sku: string; quantity: number }[] }
  const asked: NonNullable<BasketInput['items']> = input.cart ? cart.items : (input.items ?? [])
  if (asked.length === 0) return refuse('cart-empty', { detail: 'There is nothing in the cart.' })
  const { items } = await call(DescribeSkus, {
    skus: unique(asked.map((one) => one.sku)),
    productIds: unique(asked.map((one) => one.productId)),
  })
  return linesOf(asked, items, cart.cartId)
}

function linesOf(
  asked: NonNullable<BasketInput['items']>,
  facts: readonly SkuFacts[],
  cartId: string | null,
): Basket | Refusal<'invalid-request' | 'unknown-sku'> {
  const errors: FieldError[] = []
  const unknown: string[] = []
  const lines = new Map<string, BasketLine>()
  asked.forEach((item, index) => {
    const found = facts.filter((one) => one.active && (item.sku === undefined ? one.productId === item.productId : one.sku === item.sku))
    const [first] = found
    const before = first ? (lines.get(first.sku)?.quantity ?? 0) : 0
    if (!first) unknown.push(item.sku ?? item.productId ?? '')
    else if (found.length > 1)
      errors.push({ path: `items[${index}].productId`, code: 'ambiguous', message: 'has several variants: name one by its sku' })
    else if (before + item.quantity > QUANTITY_MAX)
      errors.push({ path: `items[${index}].quantity`, code: 'too-many', message: `makes more than ${QUANTITY_MAX} of ${first.sku}` })
    else
      lines.set(first.sku, {
        sku: first.sku,
        productId: first.productId,
        name: nameOf(first),
        quantity: before + item.quantity,
      })
  })
  if (errors.length > 0) return refuse('invalid-request', { errors })
  if (unknown.length > 0) return refuse('unknown-sku', { detail: `Nothing on sale is known as ${unknown.join(', ')}.`, skus: unknown })
  return { cartId, lines: [...lines.values()] }
}

/** The product's name with the options that tell its variants apart. */
function nameOf(facts: SkuFacts): string {
  const options = Object.values(facts.options)
  return options.length === 0 ? facts.name : `${facts.name}, ${options.join(', ')}`
}

function unique(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((one) => one !== undefined))]
}

/**
 * Faults that a schema cannot name: items or cart, not both; exactly one of sku and productId on each line; a guest's e-mail; a card in
 * a shop that takes none (the one provider of cards is the sandbox of a demo).
 */
export function faultsOf(body: unknown, { caller, setting }: Parameters<FaultsOf>[1]): FieldError[] {
  const { items, cart, email, payment } = body as { items?: unknown; cart?: unknown; email?: unknown; payment?: { method?: unknown } }
  const faults: FieldError[] = [
    ...(caller.kind === 'guest' && email === undefined ? [{ path: 'email', code: 'required', message: 'is required for guests' }] : []),
    ...(payment?.method === 'card' && setting(Demo) === 'off'
      ? [{ path: 'payment.method', code: 'not-offered', message: 'cards are not taken here' }]
      : []),
  ]
  if ((items === undefined) === (cart === undefined))
    return [...faults, { path: 'items', code: 'exactly-one', message: 'give either items or cart' }]
  const lines = Array.isArray(items) ? (items as readonly { sku?: unknown; productId?: unknown }[]) : []
  const unclear = lines.flatMap((one, index) =>
    (one?.sku === undefined) === (one?.productId === undefined)
      ? [{ path: `items[${index}]`, code: 'exactly-one', message: 'give either sku or productId' }]
      : [],
  )
  return [...faults, ...unclear]
}
