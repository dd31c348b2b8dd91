import type { Cart, Product, Variant } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { problem, type FakeRequest, type FakeRoute } from './fake-api.ts'

const money = (amount: number) => ({ amount, currency: 'EUR' })
/** Tax inside a price, as a share of 24 %. */
const taxIn = (amount: number) => Math.round((amount * 24) / 124)

export interface FakeCarts {
  routes(): [RegExp, FakeRoute][]
  /** Units by SKU of whoever asks. */
  linesOf(request: FakeRequest): Map<string, number>
  find(sku: string): { product: Product; variant: Variant } | undefined
}

/** Carts by account or cookie, priced with 24 % tax included. */
export function fakeCarts(products: readonly Product[]): FakeCarts {
  const carts = new Map<string, Map<string, number>>()
  const find: FakeCarts['find'] = (sku) => {
    const product = products.find((one) => one.variants.some((variant) => variant.sku === sku))
    const variant = product?.variants.find((one) => one.sku === sku)
    return product && variant ? { product, variant } : undefined
  }
  const keyOf = (request: FakeRequest) => request.account ?? request.cookies['stoa_cart']
  function linesOf(request: FakeRequest): Map<string, number> {
    const key = keyOf(request)
    return (key === undefined ? undefined : carts.get(key)) ?? new Map()
  }
  function answer(lines: Map<string, number>, cookie?: string): Response {
    const headers =
      cookie === undefined ? undefined : { 'Set-Cookie': `stoa_cart=${cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000` }
    return Response.json(cartOf(lines, find), headers ? { headers } : {})
  }
  function set(request: FakeRequest, sku: string, units: number): Response {
    const found = find(sku)
    if (!found) return problem(404, 'unknown-sku')
    if (units > found.variant.available) return problem(409, 'insufficient-stock', { availableUnits: found.variant.available })
    let key = keyOf(request)
    const isNew = key === undefined
    key ??= `guest-${carts.size + 1}`
    const lines = carts.get(key) ?? new Map<string, number>()
    if (units === 0) lines.delete(sku)
    else lines.set(sku, units)
    carts.set(key, lines)
    return answer(lines, isNew ? key : undefined)
  }
  return {
    find,
    linesOf,
    routes: () => [
      [
        /^GET \/api\/cart$/,
        (request) => {
          const guest = request.cookies['stoa_cart']
          if (request.account && guest && carts.has(guest)) {
            const own = carts.get(request.account) ?? new Map<string, number>()
            for (const [sku, units] of carts.get(guest) ?? [])
              own.set(sku, Math.min((own.get(sku) ?? 0) + units, find(sku)?.variant.available ?? 0))
            carts.set(request.account, own)
            carts.delete(guest)
            const merged = answer(own)
            merged.headers.append('Set-Cookie', 'stoa_cart=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
            return merged
          }
          return answer(linesOf(request))
        },
      ],
      [
        /^POST \/api\/cart\/items$/,
        (request) => set(request, request.body.sku, (linesOf(request).get(request.body.sku) ?? 0) + request.body.quantity),
      ],
      [/^PATCH \/api\/cart\/items\/([^/]+)$/, (request, [sku]) => set(request, sku as string, request.body.quantity)],
      [/^DELETE \/api\/cart\/items\/([^/]+)$/, (request, [sku]) => set(request, sku as string, 0)],
    ],
  }
}

function cartOf(lines: Map<string, number>, find: FakeCarts['find']): Cart {
  const items = [...lines].flatMap(([sku, quantity]) => {
    const found = find(sku)
    if (!found) return []
    const { product, variant } = found
    return [
      {
        sku,
        productId: product.id,
        slug: product.slug,
        name: product.name,
        options: variant.options,
        image: product.images.find((image) => image.url.endsWith(`${Object.values(variant.options)[0]?.toLowerCase()}.svg`)) ?? null,
        quantity,
        unitPrice: variant.price,
        lineTotal: money(variant.price.amount * quantity),
        available: variant.available,
        ...(quantity > variant.available ? { problem: 'insufficient-stock' as const } : {}),
      },
    ]
  })
  const total = items.reduce((sum, line) => sum + line.lineTotal.amount, 0)
  return {
    id: items.length > 0 ? idOf('cart') : null,
    version: 1,
    items,
    coupons: [],
    subtotal: money(total),
    discount: money(0),
    tax: money(taxIn(total)),
    taxIncluded: true,
    total: money(total),
    currency: 'EUR',
  }
}
