import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Fault } from '../fault.ts'
import { gate } from '../proof/patience.ts'
import { Signals } from '../signals.ts'
import type { Log } from '../telemetry/log.ts'
import { Gate, runLoop } from './loops.ts'

describe('a gate', () => {
  test('lets so many in, has so many wait, and refuses the rest as overloaded', async () => {
    const door = new Gate(2, 3)
    const hold = gate()
    let most = 0
    const enter = () =>
      door.run(async () => {
        most = Math.max(most, door.running)
        await hold.passed
        return 'done'
      })
    const inside = Array.from({ length: 5 }, enter)
    await expect(enter()).rejects.toMatchObject({ code: 'overloaded' } satisfies Partial<Fault>)
    expect(door.running).toBe(2)
    hold.open()
    expect(await Promise.all(inside)).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect([most, door.running]).toEqual([2, 0])
  })

  test('gives a place that becomes free to the one who waits, even when a newcomer comes in that very moment', async () => {
    const door = new Gate(1, 10)
    const order: string[] = []
    const first = gate()
    let at = 0
    let most = 0
    const work =
      (name: string, until: Promise<void> = Promise.resolve()) =>
      async () => {
        most = Math.max(most, ++at)
        order.push(name)
        await until
        at--
      }
    const one = door.run(() => first.passed)
    const waiting = door.run(work('the one who waited', new Promise((go) => setImmediate(go))))
    let newcomer: Promise<void> | undefined
    first.open()
    queueMicrotask(() => {
      newcomer = door.run(work('the newcomer'))
    })
    await Promise.all([one, waiting])
    await newcomer
    expect([order, most]).toEqual([['the one who waited', 'the newcomer'], 1])
  })

  test('lets go of one who gives up waiting, whose place goes to the next, and takes nobody who gave up before', async () => {
    const door = new Gate(1, 2)
    const hold = gate()
    const first = door.run(() => hold.passed)
    const gone = new AbortController()
    const left = door.run(async () => 'never', gone.signal)
    const stayed = door.run(async () => 'done')
    gone.abort(new Error('gave up'))
    await expect(left).rejects.toThrow('gave up')
    expect(door.waiting).toBe(1)
    hold.open()
    expect(await stayed).toBe('done')
    await first
    await expect(door.run(async () => 'never', gone.signal)).rejects.toThrow('gave up')
    expect([door.running, door.waiting]).toEqual([0, 0])
  })

  test('is free again after work that fails', async () => {
    const door = new Gate(1, 0)
    await expect(door.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await door.run(async () => 'yes')).toBe('yes')
  })
})

describe('a loop', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const silent = { error: () => {} } as unknown as Log

  function start(step: () => Promise<number>, log: Log = silent) {
    const signals = new Signals()
    const stop = new AbortController()
    const ended = runLoop({ name: 'test', signals, wakeUp: 'work', stop: stop.signal, log, step })
    return { signals, stop, ended }
  }

  test('rests as long as its step says, or until it is woken, and does not miss a call that came while it worked', async () => {
    let steps = 0
    const { signals, stop, ended } = start(async () => {
      if (++steps === 3) signals.raise('work')
      return 1000
    })
    await vi.advanceTimersByTimeAsync(900)
    expect(steps).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(steps).toBe(2)
    signals.raise('work')
    await vi.advanceTimersByTimeAsync(0)
    expect(steps).toBe(4)
    stop.abort()
    await ended
    signals.raise('work')
    expect(steps).toBe(4)
  })

  test('gathers: between the begins of two steps lies a least time, whatever calls; who waited longer is served at once', async () => {
    const at: number[] = []
    const signals = new Signals()
    const stop = new AbortController()
    const step = async () => {
      at.push(Date.now())
      if (at.length < 3) signals.raise('work')
      return 1000
    }
    const ended = runLoop({ name: 'test', signals, wakeUp: 'work', stop: stop.signal, log: silent, step, gatherMs: 40 })
    const began = Date.now()
    await vi.advanceTimersByTimeAsync(500)
    expect(at.map((time) => time - began)).toEqual([0, 40, 80])
    signals.raise('work')
    await vi.advanceTimersByTimeAsync(0)
    expect(at.length).toBe(4)
    stop.abort()
    await ended
  })

  test('goes on after failures, less and less often, but at least every 7.5 s', async () => {
    const at: number[] = []
    const { stop, ended } = start(() => {
      at.push(Date.now())
      return Promise.reject(new Error('no'))
    })
    await vi.advanceTimersByTimeAsync(120_000)
    stop.abort()
    await ended
    const rests = at.slice(1).map((time, index) => time - (at[index] as number))
    expect(rests.length).toBeGreaterThan(15)
    expect(Math.max(...rests)).toBeLessThanOrEqual(7500)
    expect(Math.min(...rests.slice(8))).toBeGreaterThanOrEqual(2500)
  })

  test('tells a bug at once and a passing fault only when it stays', async () => {
    const told: unknown[] = []
    const log = { error: (fields: { failures: number }) => told.push(fields.failures) } as unknown as Log
    const passing = start(() => Promise.reject(new Fault('unavailable', 'away')), log)
    await vi.advanceTimersByTimeAsync(5000)
    passing.stop.abort()
    await passing.ended
    expect(told[0]).toBe(4)
    told.length = 0
    const bug = start(() => Promise.reject(new Error('bug')), log)
    await vi.advanceTimersByTimeAsync(0)
    bug.stop.abort()
    await bug.ended
    expect(told).toEqual([1])
  })
})
