/** Who may use which door: every operation of the API document, and what belongs to somebody else. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { ADDRESS, ask, logIn, makeProduct, postOrder, until, type Answer, type Ask } from '../support/client.ts'
import { newPerson, type Person } from '../support/people.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
const send = (door: string, options?: Ask) => ask(origin, door, options)
const codeOf = ({ status, body }: Answer) => [status, body.code]

interface Operation {
  readonly door: string
  readonly permission: string
  readonly roles: readonly string[]
}

const ROLES = ['admin', 'warehouse', 'vendor', 'pos'] as const
const tokens = new Map<string, string>()
let operations: readonly Operation[]
let owner: Person
let stranger: Person
beforeAll(async () => {
  const { body } = await send('GET /api/openapi.json')
  operations = Object.entries(body.paths as Record<string, Record<string, Record<string, unknown>>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      door: `${method.toUpperCase()} /api${path.replaceAll(/\{\w+\}/g, randomUUID())}`,
      permission: operation['x-permission'] as string,
      roles: (operation['x-roles'] as string[] | undefined) ?? [],
    })),
  )
  for (const role of ROLES) tokens.set(role, (await logIn(origin, `${role}@stoa.example`)).token)
  owner = await newPerson(origin, { address: true })
  stranger = await newPerson(origin)
})

/** A request whose headers are in order; its body need not be: who asks is checked first. */
const knock = ({ door }: Operation, token?: string) =>
  send(door, { ...(token ? { token } : {}), ...(door.startsWith('GET') ? {} : { body: {}, key: randomUUID() }) })

describe('every operation of the document', () => {
  test('says who may use it', () => {
    expect(operations.length).toBeGreaterThan(40)
    for (const { door, permission, roles } of operations)
      expect([door, permission === 'public' || permission === 'customer' || roles.length > 0]).toEqual([door, true])
  })

  test('that is not public refuses guests as unauthenticated', async () => {
    const closed = operations.filter((one) => one.permission !== 'public')
    expect(closed.length).toBeGreaterThan(20)
    for (const one of closed) expect([one.door, ...codeOf(await knock(one))]).toEqual([one.door, 401, 'unauthenticated'])
  })

  test('of staff refuses customers and the staff it is not for as forbidden', async () => {
    for (const one of operations.filter(({ roles }) => roles.length > 0)) {
      expect([one.door, ...codeOf(await knock(one, stranger.token))]).toEqual([one.door, 403, 'forbidden'])
      for (const role of ROLES.filter((name) => !one.roles.includes(name)))
        expect([one.door, role, ...codeOf(await knock(one, tokens.get(role)))]).toEqual([one.door, role, 403, 'forbidden'])
    }
  })

  test('lets those in whom it is for', async () => {
    for (const one of operations.filter(({ door, roles }) => roles.length > 0 && door.startsWith('GET')))
      for (const role of one.roles) expect([one.door, role, [401, 403]]).not.toContain((await knock(one, tokens.get(role))).status)
  })

  test('refuses a Bearer that is none, also where guests are welcome', async () => {
    const [head, payload, signature] = owner.token.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      'garbage',
      `${head}.${payload}.${'A'.repeat(signature.length)}`,
      `${head}.${encoded({ ...claims, roles: ['admin'] })}.${signature}`,
      `${head}.${encoded({ ...claims, exp: 4_000_000_000 })}.${signature}`,
      `${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded({ ...claims, roles: ['admin'] })}.`,
    ]
    for (const token of forged) expect(codeOf(await send('GET /api/products', { token }))).toEqual([401, 'unauthenticated'])
    for (const one of operations.filter(({ door }) => !door.includes('/sandbox')))
      expect([one.door, ...codeOf(await knock(one, forged[2]))]).toEqual([one.door, 401, 'unauthenticated'])
    for (const authorization of ['Basic YTpi', 'Bearer', owner.token])
      expect(codeOf(await send('GET /api/products', { headers: { authorization } }))).toEqual([401, 'unauthenticated'])
  })

  test('believes no header about who asks or what is done', async () => {
    const claimed = { 'x-user-id': owner.id, 'x-roles': 'admin', 'x-forwarded-user': 'admin', 'x-http-method-override': 'DELETE' }
    expect(codeOf(await send('GET /api/profile', { headers: claimed }))).toEqual([401, 'unauthenticated'])
    const { id } = await makeProduct(origin, tokens.get('admin') as string, 1)
    expect((await send(`GET /api/products/${id}`, { headers: claimed, token: tokens.get('admin') as string })).status).toBe(200)
    expect((await send(`GET /api/products/${id}`)).body.status).toBe('active')
  })
})

describe('what belongs to somebody else', () => {
  const others = () => [undefined, stranger.token, tokens.get('vendor') as string]

  test('an order, its events, payment and parcel are not-found, and cannot be cancelled or paid', async () => {
    const { sku } = await makeProduct(origin, tokens.get('admin') as string, 5)
    const { orderId } = (await postOrder(origin, { sku, token: owner.token, method: 'bank-transfer' })).body
    const guests = (await postOrder(origin, { sku })).body
    const doors: readonly (readonly [string, object?])[] = [
      [`GET /api/orders/${orderId}`],
      [`GET /api/orders/${orderId}?token=${guests.viewToken}`],
      [`GET /api/orders/${guests.orderId}`],
      [`GET /api/orders/${orderId}/events`],
      [`POST /api/orders/${orderId}/cancel`, {}],
      [`GET /api/payment/status?orderId=${orderId}`],
      ['POST /api/payment/checkout', { orderId, method: 'card', token: 'tok_ok' }],
      ['POST /api/shipping/track', { orderId }],
    ]
    for (const token of others())
      for (const [door, body] of doors)
        expect([door, ...codeOf(await send(door, { ...(body ? { body } : {}), ...(token ? { token } : {}) }))]).toEqual([
          door,
          404,
          'not-found',
        ])
    expect((await send(`GET /api/orders/${orderId}`, { token: owner.token })).body).toMatchObject({ status: 'PENDING' })
  })

  test('lists hold one’s own alone; another’s cursor is worth nothing', async () => {
    const { sku } = await makeProduct(origin, tokens.get('admin') as string, 5)
    for (let count = 0; count < 2; count++) await postOrder(origin, { sku, token: owner.token })
    const { body } = await send('GET /api/orders?limit=1', { token: owner.token })
    expect(body.nextCursor).not.toBeNull()
    expect((await send('GET /api/orders', { token: stranger.token })).body.items).toEqual([])
    expect(codeOf(await send(`GET /api/orders?cursor=${body.nextCursor}`, { token: stranger.token }))).toEqual([422, 'invalid-cursor'])
    const sessions = async (token: string) => (await send('GET /api/sessions', { token })).body.items.map((one: { id: string }) => one.id)
    const [mine, theirs] = [await sessions(owner.token), await sessions(stranger.token)]
    expect(mine.filter((id: string) => theirs.includes(id))).toEqual([])
    expect([mine.length, theirs.length]).toEqual([1, 1])
  })

  test('an address can be neither read nor taken over by its id', async () => {
    const { id } = (await send('GET /api/profile', { token: owner.token })).body.addresses[0]
    const taken = { ...ADDRESS, name: 'A Thief', id, default: true }
    await send('PUT /api/users/update', { token: stranger.token, body: { addresses: [taken] } })
    expect((await send('GET /api/profile', { token: owner.token })).body.addresses).toEqual([{ ...ADDRESS, id, default: true }])
    const { addresses } = (await send('GET /api/profile', { token: stranger.token })).body
    expect(addresses.map((one: { id: string }) => one.id)).not.toContain(id)
  })

  test('a product of the house cannot be changed by a vendor', async () => {
    const { id } = await makeProduct(origin, tokens.get('admin') as string, 5)
    const seen = await send(`GET /api/products/${id}`)
    const headers = { 'if-match': seen.headers.get('etag') as string }
    const token = tokens.get('vendor') as string
    expect([403, 404]).toContain(
      (await send(`PUT /api/products/${id}`, { token, headers, body: { ...seen.body, name: 'Mine now' } })).status,
    )
    expect([403, 404]).toContain((await send(`DELETE /api/products/${id}`, { token })).status)
    expect((await send(`GET /api/products/${id}`)).body).toMatchObject({ name: seen.body.name, status: 'active' })
  })

  test('a cart is the account’s own', async () => {
    const { sku } = await makeProduct(origin, tokens.get('admin') as string, 5)
    await send('POST /api/cart/items', { token: owner.token, body: { sku, quantity: 1 } })
    for (const token of [undefined, stranger.token]) expect((await send('GET /api/cart', token ? { token } : {})).body.items).toEqual([])
    expect((await send('GET /api/cart', { token: owner.token })).body.items).toHaveLength(1)
  })
})

describe('headers of proxies nobody trusts', () => {
  const isTls = origin.startsWith('https:')
  const forwarded = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': isTls ? 'http' : 'https',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=203.0.113.9;host=evil.example;proto=https',
  }

  test('change neither scheme nor host of what is answered', async () => {
    const login = await send('POST /api/login', { headers: forwarded, body: { email: owner.email, password: owner.password } })
    expect(/secure/i.test(login.headers.getSetCookie().join())).toBe(isTls)
    expect(JSON.stringify([...login.headers])).not.toContain('evil.example')
  })

  test('do not lead the links of mails elsewhere', async () => {
    await send('POST /api/password/forgot', { headers: forwarded, body: { email: stranger.email } })
    const inbox = await until(
      () => send(`GET /api/sandbox/inbox?to=${stranger.email}`),
      ({ body }) => body.items.some((one: { links: string[] }) => one.links.some((link) => link.includes('/reset'))),
      20,
    )
    expect(JSON.stringify(inbox.body)).not.toContain('evil.example')
  })

  test('do not give more tries at a password', async () => {
    const email = `nobody-${randomUUID()}@example.com`
    const statuses: number[] = []
    for (let count = 0; count < 12; count++) {
      const headers = { ...forwarded, 'x-forwarded-for': `203.0.113.${count}` }
      statuses.push((await send('POST /api/login', { headers, body: { email, password: 'a guess at it' } })).status)
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
    expect(statuses.at(-1)).toBe(429)
  })
})
