/**
 * The API in memory, in the shapes of the contracts, so that the storefront is tested without the shop behind it. It keeps stock,
 * carts, accounts and orders, refuses like the real one, and settles cards by the sandbox's rules.
 */
import type { ApiFetch } from '../app/visit/visit.ts'
import { fakeAccounts, type FakeAccounts } from './fake-accounts.ts'
import { fakeCarts, type FakeCarts } from './fake-carts.ts'
import { fakeCategories, fakeProducts } from './fake-goods.ts'
import { cardOf, listProducts } from './fake-listing.ts'
import { fakeOrders } from './fake-orders.ts'
import type { Product } from '../app/visit/shop.ts'

/** A request as the routes of the fake see it. */
export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Record<string, string>
  // Bodies are whatever the storefront sent; each route reads what it needs.
  // biome-ignore lint/suspicious/noExplicitAny: shapes differ by route and are checked by the tests that send them
  readonly body: any
  readonly cookies: Record<string, string>
  readonly account: string | null
}
export type FakeRoute = (request: FakeRequest, params: string[]) => Response | null
export interface FakeShop {
  readonly products: Product[]
  readonly accounts: FakeAccounts
  readonly carts: FakeCarts
  readonly mails: { id: string; channel: string; to: string; subject: string; text: string; html: string; links: string[]; at: string }[]
}

/** A problem document. */
export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return Response.json(
    { type: `https://stoa.example/problems/${code}`, title: code.replaceAll('-', ' '), status, code, ...more },
    { status },
  )
}

/** A fresh shop with nothing sold. `calls` tells what was asked, in order. */
export function createFakeApi(): { api: ApiFetch; shop: FakeShop; calls: string[] } {
  const products = fakeProducts()
  const shop: FakeShop = { products, accounts: fakeAccounts(), carts: fakeCarts(products), mails: [] }
  const routes: [RegExp, FakeRoute][] = [...catalogRoutes(shop), ...shop.accounts.routes(shop), ...shop.carts.routes(), ...fakeOrders(shop)]
  const calls: string[] = []
  const api: ApiFetch = async (path, init) => {
    const url = new URL(path, 'http://fake')
    calls.push(`${init.method} ${url.pathname}`)
    const cookies = Object.fromEntries((init.headers['Cookie'] ?? '').split('; ').map((pair) => pair.split('=') as [string, string]))
    const bearer = init.headers['Authorization']?.replace('Bearer ', '')
    const account = bearer === undefined ? null : shop.accounts.byToken(bearer)
    if (bearer !== undefined && account === null) return problem(401, 'unauthenticated')
    const request: FakeRequest = {
      method: init.method,
      path: url.pathname,
      query: url.searchParams,
      headers: init.headers,
      body: init.body === undefined ? undefined : JSON.parse(init.body),
      cookies,
      account,
    }
    for (const [pattern, answer] of routes) {
      const found = pattern.exec(`${init.method} ${url.pathname}`)
      const response = found ? answer(request, found.slice(1).map(decodeURIComponent)) : null
      if (response) return response
    }
    return problem(404, 'not-found')
  }
  return { api, shop, calls }
}

function catalogRoutes(shop: FakeShop): [RegExp, FakeRoute][] {
  return [
    [/^GET \/api\/categories$/, () => Response.json({ items: fakeCategories() })],
    [
      /^GET \/api\/products$/,
      ({ query }) => {
        const listing = listProducts(shop.products, query)
        return listing ? Response.json(listing) : problem(422, 'invalid-cursor')
      },
    ],
    [
      /^GET \/api\/products\/([^/]+)$/,
      (_request, [id]) => {
        const product = shop.products.find((one) => one.id === id || one.slug === id)
        if (!product) return problem(404, 'not-found')
        const similar = shop.products.filter((one) => one.id !== product.id && one.categories[0]?.slug === product.categories[0]?.slug)
        return Response.json({ ...product, similar: similar.map(cardOf) })
      },
    ],
    [
      /^GET \/api\/sandbox\/inbox$/,
      ({ query }) =>
        Response.json({ items: shop.mails.filter((mail) => !query.get('to') || mail.to === query.get('to')), nextCursor: null }),
    ],
  ]
}
