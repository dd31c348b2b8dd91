/**
 * Fuzzing from the shop's own API document: whatever is sent to a door, what comes back is what the document promises.
 * `FUZZ_SEED` replays a run, `FUZZ_CASES` makes it longer; a failure prints both.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { knock, speak, type Heard, type Sent } from '../support/fuzz-door.ts'
import { ShopDocument, type Door } from '../support/fuzz-document.ts'
import { faultsOf, problemFaults } from '../support/fuzz-judge.ts'
import { requestFor } from '../support/fuzz-requests.ts'
import { makeWorld, type World } from '../support/fuzz-world.ts'
import { sharedShop } from '../support/shared-shop.ts'
import { doctor, topology } from '../support/shop.ts'

const { origin, dataDir } = sharedShop()
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121)
const CASES = Number(process.env.FUZZ_CASES ?? 50)
/** Doors whose every answer is long: tried so many times less often. */
const DEAR = new Map([
  ['GET /exports/products', 4],
  ['GET /products/{id}/events', 2],
  ['GET /orders/{orderId}/events', 2],
])
/** Doors at which nobody succeeds without what only a mail, a cookie or another's signature gives. */
const NEVER_OPENED = [
  'POST /users/verify',
  'POST /password/reset',
  'POST /token/refresh',
  'POST /payments/webhooks/sandbox',
  'POST /dead-letters/replay',
  'POST /dead-letters/repair',
  'POST /dead-letters/drop',
  'POST /notifications/unsubscribe',
]
/** Doors that ask for the tag of what is there. */
const CHANGED_BY_TAG = ['PUT /products/{id}', 'PUT /price-lists/{id}', 'PUT /search/synonyms/{id}', 'PUT /search/placements/{id}']
const document = new ShopDocument((await ask(origin, 'GET /api/openapi.json')).body)

let world: World
const made: string[] = []
const seen = new Map<string, Set<number>>()
beforeAll(async () => {
  world = await makeWorld(origin)
  made.push(...world.products)
})
afterAll(async () => {
  const token = world.tokenFor(document.doors.find((one) => one.name === 'POST /products') as Door) as string
  for (const id of made) await ask(origin, `DELETE /api/products/${id}`, { token })
})

describe(`every answer keeps the document's promises (FUZZ_SEED=${SEED} FUZZ_CASES=${CASES})`, () => {
  test.each(document.doors)('$name', async (door) => {
    const wrong: string[] = []
    for (let number = 0; number < CASES / (DEAR.get(door.name) ?? 1); number++) {
      await world.prepare(door)
      const sent = await tagged(door, requestFor(document, door, world, SEED, number))
      const heard = await knock(origin, sent).catch((error: Error) => ({ status: 599, headers: {}, text: error.message }))
      remember(door, heard)
      const faults = faultsOf(document, door, sent, heard)
      if (faults.length > 0)
        wrong.push(`case ${number}: ${faults.join('; ')}\n  ${shown(sent)}\n  ${heard.status} ${heard.text.slice(0, 600)}`)
    }
    expect(wrong.join('\n'), `FUZZ_SEED=${SEED} FUZZ_CASES=${CASES}, ${wrong.length} bad answers`).toBe('')
  })

  test('also where a number of a query is none that a database holds', async () => {
    const numbers = document.doors.flatMap((door) =>
      door.parameters
        .filter((one) => one.in === 'query' && ['integer', 'number'].includes(String(one.schema.type)))
        .map(({ name }) => ({ door, name })),
    )
    expect(numbers.map(({ name }) => name)).toEqual(expect.arrayContaining(['minPrice', 'maxPrice', 'limit']))
    for (const { door, name } of numbers)
      for (const odd of [
        '1e300',
        '-1e300',
        'Infinity',
        '-Infinity',
        'NaN',
        '99999999999999999999',
        '9'.repeat(400),
        '0.5',
        '-0',
        '0x10',
        '',
      ]) {
        const fine = requestFor(document, door, world, SEED, 0)
        const sent = { ...fine, target: `${fine.target}${fine.target.includes('?') ? '&' : '?'}${name}=${odd}` }
        expect([name, odd, ...faultsOf(document, door, sent, await knock(origin, sent))]).toEqual([name, odd])
      }
  })

  test('and no door is known by its refusals alone', () => {
    expect(seen.size).toBe(document.doors.length)
    const closed = [...seen].filter(([name, statuses]) => !NEVER_OPENED.includes(name) && ![...statuses].some((status) => status < 300))
    expect(closed).toEqual([])
  })

  test('and every door that takes fields has refused some', () => {
    const taking = document.doors.filter((one) => one.body !== undefined || one.parameters.some((part) => part.in === 'query'))
    expect(taking.length).toBeGreaterThan(30)
    expect(taking.filter((one) => !seen.get(one.name)?.has(422)).map((one) => one.name)).toEqual([])
  })
})

describe('what no schema speaks of', () => {
  const open = (door: Door) => ({ authorization: `Bearer ${world.tokenFor(door)}`, 'idempotency-key': randomUUID() })
  /** A path of a door, with ids of nothing. */
  const pathOf = (door: Door) => `/api${door.path.replaceAll(/\{\w+\}/g, randomUUID())}`
  const told = (heard: Heard) => [heard.status, codeOf(heard), ...problemFaults(document, undefined, heard)]

  /** NGINX refuses to read some addresses at all. */
  const nowhere = topology === 'cluster' ? ([400, 'invalid-request'] as const) : ([404, 'not-found'] as const)

  test('every door for JSON refuses a body too large and one of another type', async () => {
    const doors = document.doors.filter((one) => one.body)
    expect(doors.length).toBeGreaterThan(25)
    // A price list may be of two MiB.
    const huge = JSON.stringify({ surprise: 'x'.repeat(2_200_000) })
    for (const door of doors) {
      const sent = { method: door.method, target: pathOf(door), headers: open(door), body: huge }
      const typed = (type: string) => ({ ...sent, headers: { ...sent.headers, 'content-type': type } })
      expect([door.name, ...told(await knock(origin, typed('application/json')))]).toEqual([door.name, 413, 'payload-too-large'])
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'image/png'])
        expect([door.name, ...told(await knock(origin, { ...typed(type), body: '{}' }))]).toEqual([
          door.name,
          415,
          'unsupported-media-type',
        ])
    }
  })

  test('a path that is known by other methods names them, an unknown one is not found', async () => {
    const shapes = document.doors.map(({ method, path }) => ({
      method,
      shape: new RegExp(`^/api${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }))
    for (const door of document.doors) {
      const target = pathOf(door)
      const known = shapes.filter(({ shape }) => shape.test(target)).map(({ method }) => method)
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !known.includes(one))) {
        const heard = await knock(origin, { method, target, headers: open(door) })
        expect([method, target, ...told(heard)]).toEqual([method, target, 405, 'method-not-allowed'])
        expect(new Set(String(heard.headers.allow).split(', '))).toEqual(new Set(known))
      }
      expect([target, ...told(await knock(origin, { method: door.method, target: `${target}/no/such/door`, headers: {} }))]).toEqual([
        target,
        404,
        'not-found',
      ])
    }
  })

  test('OPTIONS is answered, also when no other origin asks', async () => {
    for (const target of ['/api/products', '/api/orders', '/api/no-such-door'])
      expect((await knock(origin, { method: 'OPTIONS', target, headers: {} })).status).toBe(204)
  })

  test.each([
    ['an escape that is none', 'GET /api/products/%zz', 400, 'invalid-request'],
    ['an escape that is cut off', 'GET /api/products/%', 400, 'invalid-request'],
    ['bytes that are no UTF-8', 'GET /api/products/%ff%fe', 400, 'invalid-request'],
    ['a name too long for any product', `GET /api/products/${'x'.repeat(3000)}`, 404, 'not-found'],
    ['an unknown path with U+0000', 'GET /api/no%00where', ...nowhere],
    ['a path that climbs', 'GET /api/../../etc/passwd', ...nowhere],
    ['headers too large', `GET /api/products HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}`, 431, 'header-too-large'],
    ['an address too large', `GET /api/products?q=${'x'.repeat(20_000)}`, 431, 'header-too-large'],
    ['a method nobody knows', 'FETCH /api/products', 400, 'invalid-request'],
    ['two lengths of one body', 'POST /api/login HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', 400, 'invalid-request'],
    ['a length that is no number', 'POST /api/login HTTP/1.1\r\nContent-Length: two', 400, 'invalid-request'],
  ])('%s is answered with a problem document', async (_, request, status, code) => {
    const [line, ...more] = request.split('\r\n')
    const head = [line?.endsWith('HTTP/1.1') ? line : `${line} HTTP/1.1`, 'Host: shop', 'Connection: close', ...more, '', '']
    expect(told(await speak(origin, head.join('\r\n')))).toEqual([status, code])
  })
})

describe('after all that', () => {
  test('the shop is ready, sells, and its books are right', async () => {
    expect((await ask(origin, 'GET /health/ready')).status).toBe(200)
    const token = world.tokenFor(document.doors.find((one) => one.name === 'POST /products') as Door) as string
    const { id, sku } = await makeProduct(origin, token, 3)
    made.push(id)
    const { orderId, viewToken } = (await postOrder(origin, { sku })).body
    expect((await untilStatus(origin, orderId, viewToken, ['CONFIRMED', 'CANCELLED'], 20)).body.status).toBe('CONFIRMED')
    const { ok, checks } = await doctor(dataDir)
    expect([ok, checks.filter((one) => !one.ok)]).toEqual([true, []])
  })
})

function codeOf(heard: Heard): unknown {
  return (JSON.parse(heard.text) as { code?: unknown }).code
}

/** What asks for a tag is changed with the one it has now, unless a bad one is tried. */
async function tagged(door: Door, sent: Sent): Promise<Sent> {
  if (!CHANGED_BY_TAG.includes(door.name) || sent.headers['if-match'] !== undefined) return sent
  return { ...sent, headers: { ...sent.headers, 'if-match': await tagOf(door) } }
}

/** As one that is shown alone says it, or by the version that stands in its list. */
async function tagOf(door: Door): Promise<string> {
  const id = String(world.live(door, 'id'))
  const token = world.tokenFor(door) as string
  if (!door.path.startsWith('/search/'))
    return (await ask(origin, `GET /api${door.path.replace('{id}', id)}`, { token })).headers.get('etag') ?? '"0"'
  const { body } = await ask(origin, `GET /api${door.path.replace('/{id}', '')}?limit=100`, { token })
  return `"${body.items.find((one: { id: string }) => one.id === id)?.version ?? 0}"`
}

function remember(door: Door, heard: Heard): void {
  seen.set(door.name, (seen.get(door.name) ?? new Set()).add(heard.status))
  const [, id] = /^\/api\/products\/([0-9a-f-]{36})$/.exec(String(heard.headers.location)) ?? []
  if (id) made.push(id)
}

function shown({ method, target, headers, body }: Sent): string {
  const { authorization, ...open } = headers
  return `${method} ${target.slice(0, 300)} ${JSON.stringify(open).slice(0, 300)}${authorization ? ' +Bearer' : ''} ${String(body ?? '').slice(0, 500)}`
}
