import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type MemoryTx, PLAIN_SESSION } from '../proof/memory-database.ts'
import { MemoryWorld } from '../proof/memory-world.ts'
import { backoffSeconds, fireTimers, workTask } from './fire.ts'
import type { ClaimedTask, MomentStore } from './ports.ts'

function open() {
  const clock = { time: 1000, now: () => clock.time, advance: (seconds: number) => void (clock.time += seconds) }
  const world = new MemoryWorld(['shop.events'], clock)
  const here = world.connect(PLAIN_SESSION)
  const schedule = (name: string, ...keys: string[]) =>
    here.moments.transaction(async (tx) => {
      for (const key of keys) here.schedule(tx, name, key, 0, null)
    })
  const note = (tx: MemoryTx, key: string) => here.note(tx, { by: 'test', key, n: 1 })
  return { clock, world, here, schedule, note, effects: () => world.booksNow().effects.map((one) => one.key) }
}

test('the delay before another try grows from about 1 s to at most 375 s, and never beyond', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), (attempts) => {
      const seconds = backoffSeconds(attempts)
      expect(seconds).toBeGreaterThanOrEqual(0.75)
      expect(seconds).toBeLessThanOrEqual(375)
      if (attempts < 8) expect(seconds).toBeLessThanOrEqual(2 ** attempts * 1.25)
      if (attempts >= 9) expect(seconds).toBeGreaterThanOrEqual(225)
    }),
  )
})

test('a timer whose handler fails is undone alone and put back; the others fire', async () => {
  const shop = open()
  await shop.schedule('bell', 'a', 'bad', 'b')
  const errors: string[] = []
  const fire = (stumbles: boolean) =>
    fireTimers(
      shop.here.moments,
      ['bell'],
      async ({ key }, tx) => {
        await shop.note(tx, key)
        if (key === 'bad' && stumbles) throw new Error('stumbled')
      },
      ({ key }, error) => errors.push(`${key}: ${(error as Error).message}`),
    )
  expect(await fire(true)).toBe(3)
  expect([shop.effects().toSorted(), errors]).toEqual([['a', 'b'], ['bad: stumbled']])
  expect(await fire(true)).toBe(0)
  shop.clock.advance(400)
  expect(await fire(false)).toBe(1)
  expect(shop.effects().filter((key) => key === 'bad')).toEqual(['bad'])
  expect(shop.world.booksNow().moments).toEqual([])
})

test('without names nothing is looked for', async () => {
  const never = new Proxy({}, { get: () => expect.unreachable() }) as MomentStore<MemoryTx>
  expect(
    await fireTimers(
      never,
      [],
      async () => {},
      () => {},
    ),
  ).toBe(0)
})

async function claimed(shop: ReturnType<typeof open>): Promise<ClaimedTask> {
  const [task] = await shop.here.moments.claim('toil', 1, 10)
  if (!task) throw new Error('nothing to claim')
  return task
}

test('a task that outlives its lease cannot finish: its effects are undone, and the next holder’s stay', async () => {
  const shop = open()
  await shop.schedule('toil', 'a')
  const { moments } = shop.here
  const errors: string[] = []
  const run = async (task: ClaimedTask) => {
    await moments.transaction(async (tx) => {
      await shop.note(tx, `by ${task.attempts}`)
      if ((await moments.finish(tx, task)) === 'lost') throw new Error('lease lost')
    })
    return true
  }
  const late = await claimed(shop)
  shop.clock.advance(11)
  const next = await claimed(shop)
  await workTask(moments, late, run, (_, error) => errors.push((error as Error).message))
  await workTask(moments, next, run, (_, error) => errors.push((error as Error).message))
  expect([errors, shop.effects(), shop.world.booksNow().moments]).toEqual([['lease lost'], ['by 1'], []])
})

test('a task left open or thrown out of comes again later', async () => {
  const shop = open()
  await shop.schedule('toil', 'a')
  await workTask(
    shop.here.moments,
    await claimed(shop),
    async () => false,
    () => expect.unreachable(),
  )
  shop.clock.advance(2)
  const errors: unknown[] = []
  await workTask(
    shop.here.moments,
    await claimed(shop),
    () => Promise.reject(new Error('no')),
    (_, error) => errors.push(error),
  )
  expect(await shop.here.moments.claim('toil', 1, 10)).toEqual([])
  shop.clock.advance(3)
  expect((await claimed(shop)).attempts).toBe(2)
  expect(errors).toEqual([new Error('no')])
})

test('a task that cannot even be given back, because the database is away, is told and left to its lease', async () => {
  const shop = open()
  await shop.schedule('toil', 'a')
  const task = await claimed(shop)
  const away = { ...shop.here.moments, release: () => Promise.reject(new Error('the database is away')) } as MomentStore<MemoryTx>
  const errors: string[] = []
  await workTask(
    away,
    task,
    () => Promise.reject(new Error('no')),
    (_, error) => errors.push((error as Error).message),
  )
  expect(errors).toEqual(['no', 'the database is away'])
  shop.clock.advance(11)
  expect((await claimed(shop)).key).toBe('a')
})
