import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import type { Undo } from '../unwind.ts'
import { keepAlive } from './servers.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A server that dies when told, or is stopped; `alive` are those that run. */
function shop() {
  const alive = new Set<number>()
  let started = 0
  const start = () => {
    const number = ++started
    alive.add(number)
    const { promise: exited, resolve } = Promise.withResolvers<void>()
    const die = () => {
      alive.delete(number)
      resolve()
    }
    return { exited, die, stop: async () => die() }
  }
  const undo: Undo[] = []
  const told: string[] = []
  const hear = (_fields: object, message: string) => told.push(message)
  const site = { log: { warn: hear, error: hear } as unknown as Log, undo }
  const stop = () => (undo[0] as () => Promise<void>)()
  return { alive, start, site, told, stop, started: () => started }
}

test('a server that dies is started again, and the cluster’s end ends it for good', async () => {
  const { alive, start, site, told, stop, started } = shop()
  const first = start()
  let last = first
  keepAlive(site, 'Redis', first, async () => (last = start()))
  first.die()
  await vi.advanceTimersByTimeAsync(501)
  expect([...alive]).toEqual([2])
  expect(told).toEqual(['Redis died and is started again'])
  await vi.advanceTimersByTimeAsync(60_000)
  last.die()
  await vi.advanceTimersByTimeAsync(501)
  expect([...alive]).toEqual([3])
  await stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([[...alive], started()]).toEqual([[], 3])
})

test('one that dies at once, again and again, or does not come back, is tried with growing pauses for as long as it takes', async () => {
  const { alive, start, site, stop } = shop()
  let tries = 0
  const first = start()
  keepAlive(site, 'Redis', first, async () => {
    if (++tries < 20) throw new Error('no')
    return start()
  })
  first.die()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(tries).toBeLessThan(6)
  await vi.advanceTimersByTimeAsync(200_000)
  expect([tries, alive.size]).toEqual([20, 1])
  await stop()
  expect(alive.size).toBe(0)
})

test('one that comes back while the cluster ends is ended too, and nobody waits for its death', async () => {
  const { alive, start, site, stop } = shop()
  const first = start()
  const coming = Promise.withResolvers<ReturnType<typeof start>>()
  keepAlive(site, 'Redis', first, () => coming.promise)
  first.die()
  await vi.advanceTimersByTimeAsync(501)
  const stopped = stop()
  coming.resolve(start())
  await stopped
  expect(alive.size).toBe(0)
})

test('a cluster that ends during a pause does not wait for it', async () => {
  const { alive, start, site, stop, started } = shop()
  const first = start()
  keepAlive(site, 'Redis', first, async () => start())
  first.die()
  await vi.advanceTimersByTimeAsync(100)
  await stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([alive.size, started()]).toEqual([0, 1])
})
