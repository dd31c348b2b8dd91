import type { Cart, Product, Variant } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { euro, type FakeRequest, type FakeRoute, problem, taxIn } from './fake-types.ts'

/** Carts by account or cookie, priced with tax included. */
export class CartBook {
  readonly #carts = new Map<string, Map<string, number>>()
  readonly #products: readonly Product[]

  constructor(products: readonly Product[]) {
    this.#products = products
  }

  find(sku: string): { product: Product; variant: Variant } | undefined {
    const product = this.#products.find((one) => one.variants.some((variant) => variant.sku === sku))
    const variant = product?.variants.find((one) => one.sku === sku)
    return product && variant ? { product, variant } : undefined
  }

  /** Units by SKU of whoever asks. */
  linesOf(request: FakeRequest): Map<string, number> {
    const key = request.account ?? request.cookies['stoa_cart']
    return (key === undefined ? undefined : this.#carts.get(key)) ?? new Map()
  }

  /** Sets the units of a SKU; a guest without a cart gets one, named by a cookie. */
  set(request: FakeRequest, sku: string, units: number): Response {
    const found = this.find(sku)
    if (!found) return problem(404, 'unknown-sku')
    if (units > found.variant.available) return problem(409, 'insufficient-stock', { availableUnits: found.variant.available })
    const known = request.account ?? request.cookies['stoa_cart']
    const key = known ?? `guest-${this.#carts.size + 1}`
    const lines = this.#carts.get(key) ?? new Map<string, number>()
    if (units === 0) lines.delete(sku)
    else lines.set(sku, units)
    this.#carts.set(key, lines)
    const answer = Response.json(this.cartOf(lines))
    if (known === undefined) answer.headers.append('Set-Cookie', `stoa_cart=${key}; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000`)
    return answer
  }

  /** My cart; a guest's cart is merged into the account's when both are shown. */
  show(request: FakeRequest): Response {
    const guest = request.cookies['stoa_cart']
    const brought = guest === undefined ? undefined : this.#carts.get(guest)
    if (request.account === null || guest === undefined || brought === undefined) return Response.json(this.cartOf(this.linesOf(request)))
    const own = this.#carts.get(request.account) ?? new Map<string, number>()
    for (const [sku, units] of brought) own.set(sku, Math.min((own.get(sku) ?? 0) + units, this.find(sku)?.variant.available ?? 0))
    this.#carts.set(request.account, own)
    this.#carts.delete(guest)
    const merged = Response.json(this.cartOf(own))
    merged.headers.append('Set-Cookie', 'stoa_cart=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
    return merged
  }

  cartOf(lines: Map<string, number>): Cart {
    const items = [...lines].flatMap(([sku, quantity]) => this.#line(sku, quantity))
    const total = items.reduce((sum, line) => sum + line.lineTotal.amount, 0)
    return {
      id: items.length > 0 ? idOf('cart') : null,
      version: 1,
      items,
      coupons: [],
      subtotal: euro(total),
      discount: euro(0),
      tax: euro(taxIn(total)),
      taxIncluded: true,
      total: euro(total),
      currency: 'EUR',
    }
  }

  #line(sku: string, quantity: number): Cart['items'] {
    const found = this.find(sku)
    if (!found) return []
    const { product, variant } = found
    const kind = Object.values(variant.options)[0]?.toLowerCase()
    return [
      {
        sku,
        productId: product.id,
        slug: product.slug,
        name: product.name,
        options: variant.options,
        image: product.images.find((image) => image.url.endsWith(`${kind}.svg`)) ?? null,
        quantity,
        unitPrice: variant.price,
        lineTotal: euro(variant.price.amount * quantity),
        available: variant.available,
        ...(quantity > variant.available ? { problem: 'insufficient-stock' as const } : {}),
      },
    ]
  }
}

export function cartRoutes(carts: CartBook): FakeRoute[] {
  return [
    [/^GET \/api\/cart$/, (request) => carts.show(request)],
    [
      /^POST \/api\/cart\/items$/,
      (request) => carts.set(request, request.body.sku, (carts.linesOf(request).get(request.body.sku) ?? 0) + request.body.quantity),
    ],
    [/^PATCH \/api\/cart\/items\/([^/]+)$/, (request, [sku]) => carts.set(request, sku ?? '', request.body.quantity)],
    [/^DELETE \/api\/cart\/items\/([^/]+)$/, (request, [sku]) => carts.set(request, sku ?? '', 0)],
  ]
}
