import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Account } from '@stoa/chassis/testing/room.ts'
import { AccountVerified } from '@stoa/contracts/identity.ts'
import { AuthorizeOrderAccess, OrderCancelled, OrderForMessage, OrderStates } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, eur } from './testing/neighbours.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.room.stop())

const get = (path: string, as?: Account, headers: Record<string, string> = {}) =>
  shop.room.request(`GET /api/orders${path}`, { ...(as ? { as } : {}), headers })

describe('who may see an order', () => {
  test('a guest shows its token, in the query or the header; a wrong one and none are not-found', async () => {
    const { orderId, viewToken } = await shop.place()
    const other = await shop.place()
    expect((await get(`/${orderId}?token=${viewToken}`)).body).toMatchObject({ orderId, shippingAddress: ADDRESS })
    expect((await get(`/${orderId}`, undefined, { 'order-token': viewToken })).status).toBe(200)
    for (const path of ['', `?token=${other.viewToken}`, `?token=${viewToken.slice(1)}`, '?token=x', `/events?token=${other.viewToken}`])
      expect([path, (await get(`/${orderId}${path}`)).body.code]).toEqual([path, 'not-found'])
  })

  test('its owner and staff need no token; another customer does', async () => {
    const as = shop.room.account()
    const { orderId } = await shop.place({ as })
    expect((await get(`/${orderId}`, as)).status).toBe(200)
    for (const role of ['admin', 'warehouse', 'pos'] as const)
      expect((await get(`/${orderId}`, shop.room.account({ roles: [role] }))).status).toBe(200)
    for (const stranger of [undefined, shop.room.account(), shop.room.account({ roles: ['vendor'] })])
      expect((await get(`/${orderId}`, stranger)).body.code).toBe('not-found')
  })

  test('when the order is older than 90 days, its token opens nothing any more', async () => {
    const { orderId, viewToken } = await shop.place()
    const age = (days: number) =>
      shop.room.db('orders').run(sql`UPDATE orders SET placed_at = now() - make_interval(days => ${days}) WHERE order_id = ${orderId}`)
    await age(89)
    expect((await get(`/${orderId}?token=${viewToken}`)).status).toBe(200)
    await age(90)
    expect((await get(`/${orderId}?token=${viewToken}`)).body.code).toBe('not-found')
    expect((await get(`/${orderId}`, shop.staff)).status).toBe(200)
  })

  test('ids that name nothing are not-found, whatever they look like', async () => {
    for (const id of [newId(), 'nonsense', "'--", '00000000-0000-0000-0000-00000000000g'])
      expect([id, (await get(`/${id}`, shop.staff)).status]).toEqual([id, 404])
  })

  test('when the room of the keys is away, the address cannot be shown: unavailable', async () => {
    const { orderId } = await shop.place()
    shop.neighbours.away.add('identity.OpenPersonKey')
    expect((await get(`/${orderId}`, shop.staff)).body).toMatchObject({ status: 503, code: 'unavailable' })
    shop.neighbours.away.clear()
  })

  test('when shipping is away, the order is shown without its parcels', async () => {
    const { orderId } = await shop.place()
    await shop.paid(orderId, 'authorized')
    await shop.move(orderId, 'SHIPPED')
    expect((await shop.see(orderId)).shipments).toHaveLength(1)
    shop.neighbours.away.add('shipping.ShipmentsOf')
    expect(await shop.see(orderId)).toMatchObject({ status: 'SHIPPED', shipments: [] })
    shop.neighbours.away.clear()
  })
})

describe('cancelling', () => {
  test('when nothing runs yet, the order ends at once, also when asked again', async () => {
    const placed = await shop.place({ token: null })
    for (let time = 0; time < 2; time++)
      expect((await shop.cancel(placed)).body).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer', cancellableUntil: null })
    expect((await shop.room.events(OrderCancelled)).filter((one) => one.orderId === placed.orderId)).toEqual([
      expect.objectContaining({ reason: 'customer', from: 'PENDING' }),
    ])
  })

  test('when the payment runs, the wish is kept and fulfilled when the payment ends either way', async () => {
    const [paid, declined] = [await shop.place(), await shop.place()]
    for (const placed of [paid, declined]) {
      expect((await shop.cancel(placed)).body).toMatchObject({ status: 'PENDING', cancelRequested: true })
      expect((await shop.cancel(placed)).body).toMatchObject({ status: 'PENDING', cancelRequested: true })
    }
    await shop.paid(paid.orderId, 'authorized')
    expect(await shop.see(paid.orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer', payment: { state: 'authorized' } })
    await shop.paid(declined.orderId, 'declined')
    expect(await shop.see(declined.orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-declined' })
  })

  test('when it is confirmed, it ends at once within 30 minutes; later and once prepared it is cancel-window-passed', async () => {
    const confirmed = async () => {
      const placed = await shop.place()
      await shop.paid(placed.orderId, 'authorized')
      return placed
    }
    const soon = await confirmed()
    expect(Date.parse((await shop.see(soon.orderId)).cancellableUntil)).toBeGreaterThan(Date.now())
    expect((await shop.cancel(soon)).body).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer' })
    const late = await confirmed()
    await shop.room.db('orders').run(sql`UPDATE orders SET placed_at = placed_at - interval '30 minutes' WHERE order_id = ${late.orderId}`)
    expect((await shop.cancel(late)).body).toMatchObject({ status: 409, code: 'cancel-window-passed' })
    const prepared = await confirmed()
    await shop.move(prepared.orderId, 'PROCESSING')
    expect((await shop.cancel(prepared)).body.code).toBe('cancel-window-passed')
  })

  test('when buyer and staff are at it at the same moment, one of them wins and the other is told', async () => {
    const placed = await shop.place()
    await shop.paid(placed.orderId, 'authorized')
    const [cancelled, prepared] = await Promise.all([shop.cancel(placed), shop.move(placed.orderId, 'PROCESSING')])
    expect([cancelled.status, prepared.status].sort()).toEqual([200, 409])
    expect((await shop.see(placed.orderId)).status).toBe(cancelled.status === 200 ? 'CANCELLED' : 'PROCESSING')
  })

  test('a stranger’s wish is not-found', async () => {
    const { orderId } = await shop.place()
    const { status } = await shop.room.request(`POST /api/orders/${orderId}/cancel`, { as: shop.room.account(), body: {} })
    expect([status, (await shop.see(orderId)).cancelRequested]).toEqual([404, undefined])
  })
})

describe('my orders', () => {
  test('come newest first, in pages, and nobody else’s; a foreign or broken cursor is invalid-cursor', async () => {
    const as = shop.room.account()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) ids.unshift((await shop.place({ as })).orderId)
    await shop.place({ as: shop.room.account() })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await get(`?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`, as)
      seen.push(...body.items.map((one: { orderId: string }) => one.orderId))
      cursor = body.nextCursor
    }
    expect(seen).toEqual(ids)
    const { nextCursor } = (await get('?limit=2', as)).body
    expect((await get(`?cursor=${nextCursor}`, shop.room.account())).body).toMatchObject({ status: 422, code: 'invalid-cursor' })
    expect((await get('?cursor=nonsense', as)).body.code).toBe('invalid-cursor')
    expect((await get('')).body.code).toBe('unauthenticated')
  })
})

describe('an order that is watched', () => {
  test('begins with its timeline, or after the entry last seen, and goes on with what happens', async () => {
    const address = await shop.room.house.server.listen({ host: '127.0.0.1', port: 0 })
    const { orderId, viewToken } = await shop.place()
    const pages: IncomingMessage[] = []
    const open = async (path: string, headers: Record<string, string> = {}) => {
      const [page] = (await once(request(`${address}/api/orders/${path}`, { agent: false, headers }).end(), 'response')) as [
        IncomingMessage,
      ]
      pages.push(page)
      return page.setEncoding('utf8')
    }
    const watch = async (headers?: Record<string, string>) => {
      const page = await open(`${orderId}/events?token=${viewToken}`, headers)
      expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
      let seen = ''
      page.on('data', (chunk: string) => {
        seen += chunk
      })
      return async (text: string) => {
        while (!seen.includes(text)) await once(page, 'data')
        return seen
      }
    }
    try {
      const [whole, rest] = [await watch(), await watch({ 'last-event-id': '1' })]
      expect(await whole('PENDING')).toMatch(/id: 1\nevent: status\ndata: \{"at":"[^"]+","status":"PENDING","text":"[^"]+"\}\n\n/)
      await shop.paid(orderId, 'authorized')
      expect(await whole('CONFIRMED')).toContain('id: 2\nevent: status')
      await shop.move(orderId, 'PROCESSING')
      expect((await whole('PROCESSING')).match(/^id: /gm)).toHaveLength(3)
      expect((await rest('PROCESSING')).match(/^id: \d/gm)).toEqual(['id: 2', 'id: 3'])
      expect((await open(`${orderId}/events`)).statusCode).toBe(404)
    } finally {
      for (const page of pages) page.destroy()
    }
  })
})

describe('a guest who opens an account', () => {
  test('gets the orders placed with the address they proved, in whatever case it was written, and keeps the token', async () => {
    const email = `${newId()}@example.com`
    const mine = await shop.place({ email: email.toUpperCase() })
    const foreign = await shop.place()
    const as = shop.room.account()
    shop.neighbours.contacts.set(as.accountId, email)
    await shop.room.publish(AccountVerified, { accountId: as.accountId })
    await shop.room.settled()
    expect((await get('', as)).body.items.map((one: { orderId: string }) => one.orderId)).toEqual([mine.orderId])
    expect((await get(`/${mine.orderId}`, as)).body.shippingAddress).toEqual(ADDRESS)
    expect((await get(`/${mine.orderId}?token=${mine.viewToken}`)).status).toBe(200)
    expect((await get(`/${foreign.orderId}`, as)).status).toBe(404)
    expect(await shop.room.call(OrderForMessage, { orderId: mine.orderId })).toMatchObject({
      accountId: as.accountId,
      email: email.toUpperCase(),
      viewToken: mine.viewToken,
    })
  })

  test('gets nothing while identity does not know them', async () => {
    const as = shop.room.account()
    await shop.place()
    await shop.room.publish(AccountVerified, { accountId: as.accountId })
    await shop.room.settled()
    expect((await get('', as)).body.items).toEqual([])
  })
})

describe('what is personal', () => {
  test('lies in no row and no event in the clear', async () => {
    const email = 'eratosthenes@example.com'
    const billingAddress = { ...ADDRESS, line1: 'Library Lane 3' }
    const { orderId } = await shop.place({ email, body: { billingAddress } })
    await shop.paid(orderId, 'authorized')
    await shop.move(orderId, 'SHIPPED')
    await shop.room.settled()
    const tables = await shop.room.db('orders').rows<{ name: string }>(sql`
      SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'chassis')`)
    let rows = 0
    for (const { name } of tables) {
      const { n, all } = await shop.room.db('orders').one<{ n: number; all: string | null }>({
        text: `SELECT count(*) AS n, string_agg(t::text, ' ') AS all FROM ${name} t`,
        values: [],
      })
      rows += n
      for (const secret of [ADDRESS.line1, ADDRESS.name, 'Hypatia', billingAddress.line1, email, 'eratosthenes', 'tok_ok'])
        expect([name, secret, all?.includes(secret) ?? false]).toEqual([name, secret, false])
    }
    expect(rows).toBeGreaterThan(10)
    expect((await shop.see(orderId)).billingAddress).toEqual(billingAddress)
  })
})

describe('what other rooms ask', () => {
  test('a mail about an order gets its words; one of an order nobody placed is not-found', async () => {
    const as = shop.room.account()
    const { orderId } = await shop.place({ as })
    expect(await shop.room.call(OrderForMessage, { orderId })).toMatchObject({ refused: 'not-found' })
    shop.neighbours.contacts.set(as.accountId, 'account@example.com')
    expect(await shop.room.call(OrderForMessage, { orderId })).toMatchObject({
      email: 'account@example.com',
      viewToken: null,
      name: ADDRESS.name,
      status: 'PENDING',
      totals: { total: eur(2490) },
    })
    expect(await shop.room.call(OrderForMessage, { orderId: newId() })).toMatchObject({ refused: 'not-found' })
  })

  test('whether somebody may act on an order follows the same rule as seeing it', async () => {
    const { orderId, viewToken: token } = await shop.place()
    const may = async (more: object) => shop.room.call(AuthorizeOrderAccess, { orderId, staff: false, ...more })
    expect(await may({ token })).toMatchObject({ orderId, status: 'PENDING', total: eur(2490) })
    expect(await may({ staff: true })).toMatchObject({ orderId })
    for (const more of [{}, { accountId: newId() }, { token: 'x' }, { orderId: newId(), staff: true }])
      expect(await may(more)).toMatchObject({ refused: 'not-found' })
  })

  test('states are told of orders that exist', async () => {
    const { orderId } = await shop.place()
    expect(await shop.room.call(OrderStates, { orderIds: [orderId, newId()] })).toEqual({
      items: [{ orderId, status: 'PENDING', total: eur(2490) }],
    })
  })
})
