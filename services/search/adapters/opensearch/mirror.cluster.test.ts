/** What only a mirror has: losses, crashes and old news between the rows and an OpenSearch of this test's own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { serversCache } from '../../../../cli/servers/cache.ts'
import { startOpenSearch } from '../../../../cli/servers/opensearch.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { setFailPoints } from '@stoa/chassis/fail-point.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { ProductArchived, ProductCreated, type ProductDocument } from '@stoa/contracts/catalog.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import { newId } from '@stoa/kit/ids.ts'
import type { Entry } from '../../engine.ts'
import { engineOf } from '../../engines.ts'
import search from '../../service.ts'
import { mirrorOf, wantAnew } from '../../store/mirror.ts'
import { listedEntries } from '../../store/unsent.ts'
import { openLine } from './line.ts'
import { tendMirrorOf } from './mirror.ts'
import { add, document, list, names, openMarket, stocked, tended, until } from '../../testing/market.ts'

const PATIENCE_MS = 60_000
/** Longer than a list is shown again. */
const KEPT_MS = 1200
const dataDir = mkdtempSync(join(tmpdir(), 'stoa-opensearch-'))
const start = () => startOpenSearch({ cacheDir: serversCache(), dataDir })
let server: Awaited<ReturnType<typeof start>>
let room: Room

beforeAll(async () => {
  server = await start()
  process.env.STOA_TEST_OPENSEARCH = server.url
  room = await openMarket()
})
afterEach(() => setFailPoints(''))
afterAll(async () => {
  await room?.stop()
  await server?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const db = () => room.db('search')
const live = async () => (await mirrorOf(db()))?.live ?? null
const unsent = async () => (await db().one<{ count: number }>(sql`SELECT count(*) AS count FROM unsent`)).count
const check = () => room.house.services.get('search')?.runCheck(search.checks?.[1] as never)
const service = () => room.house.services.get('search') as NonNullable<ReturnType<Room['house']['services']['get']>>
const context = () => ({
  db: db(),
  transaction: service().database.transaction.bind(service().database),
  signal: AbortSignal.timeout(PATIENCE_MS),
})
const send = async (...entries: Entry[]) => engineOf(service().common()).send?.(entries, context())
/** Who made a page, as its cursor tells. */
const madeBy = (cursor: string | null) => (JSON.parse(Buffer.from(cursor ?? 'W10', 'base64url').toString()) as unknown[])[1]
const pageOf = async (query: string) => (await list(query)).body as { items: Card[]; nextCursor: string | null }

const patiently = (what: string, isSo: () => Promise<boolean>) => until(what, isSo, PATIENCE_MS)
const gaugeOf = (name: string) => search.gauges?.find((one) => one.name === name)?.read({ db: db() })

async function ask(method: string, path: string, body?: unknown) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('lists are made by OpenSearch, and the check compares it with the rows', async () => {
  const [one] = await add({ name: 'Mirror of glass' }, { name: 'Mirror of steel' })
  expect(madeBy((await pageOf('q=mirror&limit=1')).nextCursor)).toBe('opensearch')
  expect(await check()).toMatchObject({ broken: 0 })
  await ask('DELETE', `/${await live()}/_doc/${one?.productId}?refresh=true`)
  expect(await check()).toMatchObject({ broken: 1, examples: [one?.productId] })
  await stocked(one as ProductDocument, 4)
  await room.settled()
  expect(await check()).toMatchObject({ broken: 0 })
  const stranger = newId()
  await ask('PUT', `/${await live()}/_doc/${stranger}?refresh=true`, { id: stranger })
  expect(await check()).toMatchObject({ broken: 1, examples: [stranger] })
  await ask('DELETE', `/${await live()}/_doc/${stranger}?refresh=true`)
})

test.each(['search.before-bulk', 'search.after-bulk'])('a crash at %s only repeats', async (point) => {
  const [one] = (await add({ name: `Crash at ${point}`, tags: [point] })) as [ProductDocument]
  setFailPoints(`${point}=throw`)
  await stocked(one, 0)
  await patiently(
    'the task failed',
    async () =>
      (
        await db().one<{ failed: boolean }>(
          sql`SELECT EXISTS (SELECT 1 FROM chassis.moments WHERE last_error LIKE '%fail-point%') AS failed`,
        )
      ).failed,
  )
  expect(await unsent()).toBe(1)
  setFailPoints('')
  await room.advance(10)
  await room.settled()
  expect(await unsent()).toBe(0)
  expect(await names(`tag=${point}&inStock=true`)).toEqual([])
  expect(await names(`tag=${point}`)).toEqual([`Crash at ${point}`])
})

test('of what is told out of order, twice, and by several at once, the newest stays; what was deleted stays deleted', async () => {
  const [one, gone] = (await add({ name: 'Order of news' }, { name: 'Gone with the news' })) as [ProductDocument, ProductDocument]
  const entries = await listedEntries(db(), null, 500)
  const entry = entries.find((entry) => entry.productId === one.productId) as Entry & { product: object }
  const { first } = await db().one<{ first: number }>(sql`SELECT max(nextval('revisions')) AS first FROM generate_series(1, 20)`)
  const told = (later: number, priceMinor: number) => ({
    ...entry,
    revision: first - 20 + later,
    product: { ...entry.product, facts: { ...(entry.product as NonNullable<Entry['product']>).facts, priceMinor } },
  })
  const prices = async () => {
    const { body } = await ask('POST', `/${await live()}/_search`, { query: { term: { id: one.productId } }, _source: ['price'] })
    return (body.hits as { hits: { _source: { price: number } }[] }).hits.map((hit) => hit._source.price)
  }
  await send(told(2, 2))
  expect(await send(told(1, 1))).toEqual([])
  expect(await prices()).toEqual([2])
  await Promise.all([5, 3, 7, 4, 6].flatMap((price) => [send(told(price, price)), send(told(price, price))]))
  expect(await prices()).toEqual([7])

  const other = entries.find((entry) => entry.productId === gone.productId) as Entry
  await send({ ...other, revision: first - 1, product: null })
  await send({ ...other, revision: first - 2 })
  expect(await names('q=gone with the news')).not.toContain('Gone with the news')
  await stocked(one, 1)
  await stocked(gone, 1)
  await room.settled()
  expect(await names('q=gone with the news')).toContain('Gone with the news')
  expect(await check()).toMatchObject({ broken: 0 })
})

test('what it refuses for good stands in nobody’s way, waits, is named by the check, and is taken once it is mended', async () => {
  const [bad] = (await add({ name: 'Refused thing' })) as [ProductDocument]
  // No event brings such a tag: OpenSearch takes none that long.
  await db().run(sql`UPDATE documents SET tags = ARRAY[repeat('x', 40000)] WHERE product_id = ${bad.productId}`)
  await stocked(bad, 0)
  await add({ name: 'Accepted thing' })
  expect(await names('q=accepted thing')).toEqual(expect.arrayContaining(['Accepted thing']))
  expect(await unsent()).toBe(1)
  expect(await check()).toMatchObject({ broken: 1, examples: [bad.productId] })
  await db().run(sql`UPDATE documents SET tags = '{}' WHERE product_id = ${bad.productId}`)
  await stocked(bad, 3)
  await room.settled()
  expect(await unsent()).toBe(0)
  expect(await check()).toMatchObject({ broken: 0 })
})

test('an index that somebody deleted is made anew, while the database answers', async () => {
  await add({ name: 'Survivor one' }, { name: 'Survivor two' })
  const before = await live()
  await ask('DELETE', `/${before}.index`)
  expect(await names('q=survivor one')).toEqual(expect.arrayContaining(['Survivor one']))
  await add({ name: 'Survivor three' })
  await patiently('another index is asked', async () => {
    await tended()
    return ![null, before].includes(await live())
  })
  await sleep(600)
  const page = await pageOf('q=survivor&limit=1')
  expect(madeBy(page.nextCursor)).toBe('opensearch')
  expect((await names('q=survivor')).filter((name) => name.startsWith('Survivor')).sort()).toEqual([
    'Survivor one',
    'Survivor three',
    'Survivor two',
  ])
  expect(await check()).toMatchObject({ broken: 0 })
})

test('made anew beside the one that is asked, killed on its way, it loses no change, and no list is ever shorter', async () => {
  const COUNT = 1100
  await room.house.services.get('outside')?.database.transaction(async (tx) => {
    for (let index = 0; index < COUNT; index++) tx.publish(ProductCreated, document({ name: `Moved ${index}`, tags: ['moved'] }))
  })
  await room.settled()
  const [first] = (await add({ name: 'Moved last', tags: ['moved'] })) as [ProductDocument]
  const before = await live()
  const line = openLine(server.url, () => {})
  const mirror = { line, prefix: 'stoa-moved' }
  await service().database.transaction(wantAnew)
  let isMoving = true
  const seen = new Set<number>()
  const shopper = (async () => {
    for (let look = 0; isMoving; look++) {
      const { status, body } = await list(`tag=moved&facets=true&limit=1&minPrice=${look % 50}`)
      seen.add(status === 200 ? body.total : -status)
    }
  })()
  setFailPoints('search.while-filling=throw')
  // The room looks after its mirror too: whichever comes first stumbles.
  await tendMirrorOf(mirror, context()).catch(() => {})
  await stocked(first, 0)
  await room.publish(ProductArchived, { ...first, version: 2, status: 'archived' })
  await room.publish(ProductCreated, document({ name: 'Moved in between', tags: ['moved'] }))
  await room.settled()
  await tendMirrorOf(mirror, context())
  isMoving = false
  await shopper
  const after = await live()
  expect(after).not.toBe(before)
  expect([...seen].filter((total) => total < COUNT)).toEqual([])
  expect(await check()).toMatchObject({ broken: 0 })
  await sleep(KEPT_MS)
  expect((await list('tag=moved&facets=true&limit=1')).body.total).toBe(COUNT + 1)

  expect((await ask('GET', `/${before}/_count`)).status).toBe(200)
  await db().run(sql`UPDATE mirror SET swapped_at = now() - interval '2 minutes'`)
  await tendMirrorOf(mirror, context())
  expect((await ask('GET', `/${before}/_count`)).status).toBe(404)
  expect((await mirrorOf(db()))?.retired).toEqual([])
})

test('killed and away, it is missed by nobody: the database answers, changes wait, and both are told when it is back', async () => {
  const [one] = (await add(...Array.from({ length: 5 }, (_, index) => ({ name: `Absent ${index}`, tags: ['absent'] })))) as [
    ProductDocument,
  ]
  const begun = await pageOf('tag=absent&limit=2')
  expect(madeBy(begun.nextCursor)).toBe('opensearch')
  process.kill(server.pid, 'SIGKILL')
  await server.exited
  await sleep(KEPT_MS)

  const during = await pageOf('tag=absent&limit=2')
  expect(during.items.map((card) => card.name)).toEqual(['Absent 4', 'Absent 3'])
  expect(madeBy(during.nextCursor)).toBe('postgres')
  expect((await list('tag=absent&facets=true')).body.total).toBe(5)
  const further = await list(`tag=absent&limit=2&cursor=${begun.nextCursor}`)
  expect(further).toMatchObject({ status: 503, body: { code: 'unavailable' }, headers: { 'retry-after': '1' } })
  await stocked(one, 0)
  await room.publish(ProductArchived, { ...one, version: 2, status: 'archived' })
  await room.publish(ProductCreated, document({ name: 'Absent 5', tags: ['absent'] }))
  await patiently('the database knows', async () => (await names('tag=absent')).join() === 'Absent 5,Absent 4,Absent 3,Absent 2,Absent 1')
  expect(await unsent()).toBe(2)

  expect(await gaugeOf('unsent_products')).toBe(2)
  expect(await gaugeOf('unsent_seconds')).toBeGreaterThan(0)
  server = await start()
  await patiently('changes were told', async () => (await unsent()) === 0)
  await patiently('OpenSearch answers', async () => madeBy((await pageOf('tag=absent&limit=1')).nextCursor) === 'opensearch')
  expect(await names('tag=absent')).toEqual(['Absent 5', 'Absent 4', 'Absent 3', 'Absent 2', 'Absent 1'])
  const onwards = await pageOf(`tag=absent&limit=2&cursor=${during.nextCursor}`)
  expect(onwards.items.map((card) => card.name)).toEqual(['Absent 2', 'Absent 1'])
  expect(await check()).toMatchObject({ broken: 0 })
})
