/**
 * The API in memory, in the shapes of the contracts, so that the storefront is tested without the shop behind it. It keeps stock,
 * carts, accounts and orders, refuses like the real one, and settles cards by the sandbox's rules.
 */
import type { ApiFetch } from '../app/visit/visit.ts'
import { AccountBook, accountRoutes } from './fake-accounts.ts'
import { CartBook, cartRoutes } from './fake-carts.ts'
import { fakeCategories, fakeProducts } from './fake-goods.ts'
import { cardOf, listProducts } from './fake-listing.ts'
import { OrderBook, orderRoutes } from './fake-orders.ts'
import { type FakeRequest, type FakeRoute, type FakeShop, problem } from './fake-types.ts'

/** A fresh shop with nothing sold. `calls` tells what was asked, in order. */
export function createFakeApi(): { api: ApiFetch; shop: FakeShop; calls: string[] } {
  const products = fakeProducts()
  const shop: FakeShop = { products, accounts: new AccountBook(), carts: new CartBook(products), mails: [] }
  const routes = [...catalogRoutes(shop), ...accountRoutes(shop), ...cartRoutes(shop.carts), ...orderRoutes(new OrderBook(shop))]
  const calls: string[] = []
  const api: ApiFetch = async (path, init) => {
    const url = new URL(path, 'http://fake')
    const door = `${init.method} ${url.pathname}`
    calls.push(door)
    const bearer = init.headers['Authorization']?.replace('Bearer ', '')
    const account = bearer === undefined ? null : shop.accounts.byToken(bearer)
    if (bearer !== undefined && account === null) return problem(401, 'unauthenticated')
    const request: FakeRequest = {
      method: init.method,
      path: url.pathname,
      query: url.searchParams,
      headers: init.headers,
      body: init.body === undefined ? undefined : JSON.parse(init.body),
      cookies: Object.fromEntries((init.headers['Cookie'] ?? '').split('; ').map((pair) => pair.split('=') as [string, string])),
      account,
    }
    for (const [pattern, answer] of routes) {
      const found = pattern.exec(door)
      if (found) return answer(request, found.slice(1).map(decodeURIComponent))
    }
    return problem(404, 'not-found')
  }
  return { api, shop, calls }
}

function catalogRoutes(shop: FakeShop): FakeRoute[] {
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
        const family = product.categories[0]?.slug
        const similar = shop.products.filter((one) => one.id !== product.id && one.categories[0]?.slug === family)
        return Response.json({ ...product, similar: similar.map(cardOf) })
      },
    ],
    [
      /^GET \/api\/sandbox\/inbox$/,
      ({ query }) =>
        Response.json({ items: shop.mails.filter((mail) => !query.has('to') || mail.to === query.get('to')), nextCursor: null }),
    ],
  ]
}
