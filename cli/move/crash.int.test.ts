import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { migrate } from '@stoa/chassis/database/migrate.ts'
import { atNext, atOld, dropHomes, makeHomes, type Homes } from '@stoa/chassis/moving/testing/homes.ts'
import { root } from '../paths.ts'
import { moveSmallShop, SERVICES, type SmallMove } from './testing/small-shop.ts'

/** Each with the time at which it is passed that is the worst: in the middle of a side, where there is one. */
const POINTS = {
  'move.after-away': 1,
  'move.after-arriving': 1,
  'move.after-clearing': 2,
  'move.after-home': 1,
  'move.after-leaving': 1,
  'move.after-loaded': 1,
  'move.after-making': 1,
  'move.after-migrating': 2,
  'move.after-table': 3,
  'move.before-away': 2,
  'move.before-home': 2,
  'move.before-loaded': 2,
} as const
const UNDO_POINTS = ['move.undo-before-clearing', 'move.undo-before-source', 'move.undo-after-source'] as const

const SCHEMA = `
  CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
  CREATE TABLE parts (id int PRIMARY KEY, thing bigint NOT NULL REFERENCES things (id));`

afterAll(dropHomes)

async function query<Row extends object>(connection: pg.ClientConfig, text: string): Promise<Row[]> {
  const client = new pg.Client(connection)
  await client.connect()
  return client
    .query<Row>(text)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

async function smallShop(): Promise<{ homes: Homes; move: SmallMove }> {
  const homes = await makeHomes(Object.fromEntries(SERVICES.map((one) => [one, SCHEMA])))
  for (const service of SERVICES)
    await query(
      atOld(homes, service),
      `INSERT INTO things (name) SELECT '${service}' || n FROM generate_series(1, 300) n; INSERT INTO parts SELECT n, n FROM generate_series(1, 300) n`,
    )
  const folders = Object.fromEntries(SERVICES.map((one) => [one, homes.migrationsOf(one)]))
  return { homes, move: { homes, folders } }
}

/** Moves in a child; answers how it ended: the signal that killed it, or its exit code with what it said. */
function moveInChild(move: SmallMove, failPoints: string): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./testing/move-child.ts', import.meta.url))], {
    env: { ...process.env, STOA_SMALL_MOVE: JSON.stringify(move), STOA_FAIL_POINTS: failPoints },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('exit', (code, signal) => done(signal ?? `${code} ${said}`))
  })
}

/** Services that would start at a side. */
async function starting(homes: Homes, at: typeof atOld): Promise<string[]> {
  const tried = await Promise.all(
    SERVICES.map((service) =>
      migrate(at(homes, service), homes.migrationsOf(service)).then(
        () => [service],
        () => [],
      ),
    ),
  )
  return tried.flat()
}

async function namesAt(homes: Homes, at: typeof atOld): Promise<number[]> {
  const counts = await Promise.all(
    SERVICES.map((service) =>
      query<{ n: number }>(
        at(homes, service),
        `SELECT count(*)::int AS n FROM things JOIN parts ON thing = things.id WHERE name LIKE '${service}%'`,
      ),
    ),
  )
  return counts.map(([row]) => row?.n ?? 0)
}

test('every fail-point of a move has its crash here', () => {
  const files = [...globSync('cli/move/*.ts', { cwd: root }), ...globSync('packages/chassis/moving/*.ts', { cwd: root })]
  const named = files
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/failPoint\('([\w.-]+)'\)/g)].map((match) => match[1]))
  expect(named.toSorted()).toEqual([...Object.keys(POINTS), ...UNDO_POINTS].toSorted())
})

test.concurrent.each(Object.entries(POINTS))(
  'killed at %s, it starts on one side at most, and the same command once more moves everything',
  { timeout: 60_000 },
  async (point, time) => {
    const { homes, move } = await smallShop()
    expect(await moveInChild(move, `${point}=kill:${time}`)).toBe('SIGKILL')
    const [old, next] = [await starting(homes, atOld), point === 'move.after-making' ? [] : await starting(homes, atNext)]
    expect(old.length === 0 || next.length === 0).toBe(true)
    await moveSmallShop(move)
    expect(await namesAt(homes, atNext)).toEqual([300, 300])
    expect([await starting(homes, atOld), await starting(homes, atNext)]).toEqual([[], [...SERVICES]])
    // It can be written again, with the next number.
    expect(await query(atNext(homes, 'shelf'), `INSERT INTO things (name) VALUES ('new') RETURNING id`)).toEqual([{ id: '301' }])
  },
)

test.concurrent.each(
  (['move.after-arriving', 'move.after-loaded', 'move.before-away', 'move.after-away'] as const).flatMap((point) =>
    UNDO_POINTS.map((undone) => [point, undone] as const),
  ),
)('killed at %s and given up, which is killed at %s, it can be given up, and moved later', { timeout: 60_000 }, async (point, undone) => {
  const { homes, move } = await smallShop()
  expect(await moveInChild(move, `${point}=kill:${POINTS[point]}`)).toBe('SIGKILL')
  expect(await moveInChild({ ...move, undo: true }, `${undone}=kill`)).toBe('SIGKILL')
  expect(await starting(homes, atNext)).toEqual([])
  await moveSmallShop({ ...move, undo: true })
  expect(await namesAt(homes, atOld)).toEqual([300, 300])
  expect(await starting(homes, atOld)).toEqual([...SERVICES])
  expect(await moveSmallShop(move)).toBe('copy')
  expect(await namesAt(homes, atNext)).toEqual([300, 300])
})

test.concurrent.each(['move.before-home', 'move.after-home'] as const)(
  'killed at %s, somebody may have sold at the other side: it is not given up',
  { timeout: 60_000 },
  async (point) => {
    const { move } = await smallShop()
    expect(await moveInChild(move, `${point}=kill:${POINTS[point]}`)).toBe('SIGKILL')
    await expect(moveSmallShop({ ...move, undo: true })).rejects.toThrow('was moved to next')
  },
)

test('there and back with --replace, what was sold there is here, and the old place does not start', async () => {
  const { homes, move } = await smallShop()
  await moveSmallShop(move)
  await query(atNext(homes, 'shelf'), `INSERT INTO things (name) VALUES ('sold there')`)
  await expect(moveSmallShop({ ...move, back: true })).rejects.toThrow('--replace removes what is there')
  await moveSmallShop({ ...move, back: true, replace: true })
  expect(await query(atOld(homes, 'shelf'), `SELECT id FROM things WHERE name = 'sold there'`)).toEqual([{ id: '301' }])
  expect([await starting(homes, atOld), await starting(homes, atNext)]).toEqual([[...SERVICES], []])
  await query(atOld(homes, 'shelf'), `INSERT INTO things (name) VALUES ('sold here again')`)
})

test('a fault on the way leaves the shop where it was, ready to start', async () => {
  const { homes, move } = await smallShop()
  await query(atOld(homes, 'shelf'), 'CREATE TABLE reports (id int)')
  await expect(moveSmallShop(move)).rejects.toThrow(/reports.*\nThe shop was not moved: it starts where it was/)
  expect([await starting(homes, atOld), await starting(homes, atNext)]).toEqual([[...SERVICES], []])
  await query(atOld(homes, 'shelf'), 'DROP TABLE reports')
  await moveSmallShop(move)
  expect(await namesAt(homes, atNext)).toEqual([300, 300])
})
