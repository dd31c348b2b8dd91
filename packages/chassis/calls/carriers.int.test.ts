import { once } from 'node:events'
import { Type } from 'typebox'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call, isRefusal, object, refuse, type Call } from '../contract.ts'
import { Fault, isTransient } from '../fault.ts'
import { currentTraceId, withTrace } from '../telemetry/trace.ts'
import { deadPort, grpcWay, httpWay, insideCarrier, newSecret, type Way } from '../testing/carriers.ts'
import type { CallCarrier, CallTarget } from './carrier.ts'
import { remainingMs, runWithin } from './deadline.ts'
import { createCall } from './policy.ts'

const Thing = object({
  text: Type.String({ maxLength: 2_000_000 }),
  count: Type.Integer({ minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 }),
  ratio: Type.Optional(Type.Number()),
  sure: Type.Optional(Type.Boolean()),
  note: Type.Union([Type.String(), Type.Null()]),
  both: Type.Optional(Type.Union([object({ n: Type.Integer() }), Type.Null()])),
  list: Type.Optional(Type.Array(object({ n: Type.Optional(Type.Integer()) }))),
  form: Type.Optional(
    Type.Union([object({ type: Type.Literal('a'), n: Type.Integer() }), object({ type: Type.Literal('b'), s: Type.String() })]),
  ),
  anything: Type.Optional(Type.Unknown()),
})
const Echo = call('things.Echo', { summary: 'Answers what it was told.', input: Thing, output: Thing, over: 'grpc', repeatable: true })
const nothing = object({})
const Refuse = call('things.Refuse', {
  summary: 'Refuses.',
  input: nothing,
  output: nothing,
  refusals: { 'too-few': 409 },
  over: 'grpc',
  repeatable: false,
})
const Fail = call('things.Fail', {
  summary: 'Fails.',
  input: object({ how: Type.String() }),
  output: nothing,
  over: 'grpc',
  repeatable: false,
})
const Wait = call('things.Wait', {
  summary: 'Never ends by itself.',
  input: nothing,
  output: nothing,
  over: 'grpc',
  deadlineMs: 400,
  repeatable: false,
})
const Trace = call('things.Trace', {
  summary: 'Its trace.',
  input: nothing,
  output: object({ id: Type.String() }),
  over: 'grpc',
  repeatable: true,
})
const Missing = call('things.Missing', { summary: 'Nobody answers.', input: nothing, output: nothing, over: 'grpc', repeatable: false })
const Elsewhere = call('things.Elsewhere', { summary: 'Nobody knows.', input: nothing, output: nothing, repeatable: false })
const known: readonly Call[] = [Echo, Refuse, Fail, Wait, Trace]

const faults: Readonly<Record<string, () => unknown>> = {
  overloaded: () => new Fault('overloaded', 'too much', { retryAfterSeconds: 7 }),
  away: () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
  deadlock: () => Object.assign(new Error('deadlock detected'), { code: '40P01' }),
  bug: () => new TypeError('x is not a function'),
}
/** What the calls that wait saw: their time when they began, and why they were told to end. */
const waits: { leftMs: number; began: () => void; ended: (reason: unknown) => void }[] = []

const answer: CallTarget = async (name, input, signal) => {
  if (name === 'Echo') return input
  if (name === 'Trace') return { id: currentTraceId() }
  if (name === 'Refuse')
    return refuse('too-few', { detail: 'Only 3.', errors: [{ path: 'a', code: 'b', message: 'c' }], availableUnits: 3 })
  if (name === 'Fail') throw (faults[(input as { how: string }).how] as () => unknown)()
  const wait = waits.shift() as (typeof waits)[number]
  wait.leftMs = remainingMs({ ...Wait, deadlineMs: 60_000 } as unknown as Call)
  wait.began()
  await once(signal, 'abort')
  wait.ended(signal.reason)
  throw signal.reason
}

function watchWait() {
  const began = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<unknown>()
  const wait = { leftMs: Number.NaN, began: began.resolve, ended: ended.resolve }
  waits.push(wait)
  return { wait, began: began.promise, ended: ended.promise }
}

const ways: Way[] = [httpWay(), grpcWay([...known, Missing])]
afterAll(() => Promise.all(ways.map((way) => way.end())))

const carriers = new Map<string, CallCarrier>()
beforeAll(async () => {
  carriers.set('in process', insideCarrier(known, answer))
  for (const way of ways) carriers.set(way.name, way.caller([(await way.serve(known, answer)).port]))
})

const never = new AbortController().signal
const faultOf = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('it was answered'),
    (error: unknown) => error as Fault,
  )
const plain = { text: 'ü€😀', count: -1, note: null }

describe.each(['in process', 'HTTP', 'gRPC'])('a call %s', (name) => {
  const send: CallCarrier['send'] = (...args) => (carriers.get(name) as CallCarrier).send(...args)

  test('answers its output', async () => {
    const thing = {
      ...plain,
      ratio: 0.1,
      sure: false,
      both: { n: 0 },
      list: [{ n: 1 }, {}],
      form: { type: 'b', s: '' },
      anything: [null, { a: 1 }],
    }
    expect(await send(Echo, thing, never)).toEqual(thing)
    expect(await send(Echo, { ...thing, count: Number.MAX_SAFE_INTEGER, text: '' }, never)).toMatchObject({
      count: Number.MAX_SAFE_INTEGER,
      text: '',
    })
  })

  test('tells absent, null and empty apart', async () => {
    expect(await send(Echo, plain, never)).toStrictEqual(plain)
    const present = { ...plain, both: null, list: [], anything: null, sure: false, ratio: 0 }
    expect(await send(Echo, present, never)).toStrictEqual(present)
  })

  test('answers a refusal with all it holds', async () => {
    const refusal = await send(Refuse, {}, never)
    expect(isRefusal(refusal)).toBe(true)
    expect(refusal).toEqual({ refused: 'too-few', detail: 'Only 3.', errors: [{ path: 'a', code: 'b', message: 'c' }], availableUnits: 3 })
  })

  test.each([
    ['overloaded', true],
    ['away', true],
    ['deadlock', true],
    ['bug', false],
  ])('fails by %s and stays passing: %s', async (how, passing) => {
    expect(isTransient(await faultOf(send(Fail, { how }, never)))).toBe(passing)
  })

  test('that nobody answers is named, and not tried again', async () => {
    const fault = await faultOf(send(Missing, {}, never))
    expect(isTransient(fault)).toBe(false)
    expect(fault.message).toMatch(/things.*Missing/)
    expect(isTransient(await faultOf(send(Elsewhere, {}, never)))).toBe(false)
  })

  test('passes its deadline on, or what is left of its caller’s, and ends when it has come', async () => {
    const ask = createCall({ send }, () => {})
    for (const leftMs of [60_000, 150]) {
      const { wait, ended } = watchWait()
      expect(await faultOf(runWithin(leftMs, () => ask(Wait, {})))).toMatchObject({ code: 'deadline-exceeded' })
      expect(await ended).toBeInstanceOf(Error)
      expect(wait.leftMs).toBeGreaterThan(0)
      expect(wait.leftMs).toBeLessThanOrEqual(Math.min(leftMs, 400))
    }
  })

  test('ends when its caller gives up', async () => {
    const { began, ended } = watchWait()
    const caller = new AbortController()
    const asked = faultOf(send({ ...Wait, deadlineMs: 20_000 } as unknown as Call, {}, caller.signal))
    await began
    caller.abort(new Fault('unavailable', 'gave up'))
    // Not because its own time is up.
    expect(await ended).toMatchObject({ code: 'unavailable' })
    expect(await asked).toMatchObject({ code: 'unavailable' })
  })

  test('carries a megabyte either way', async () => {
    const big = { ...plain, text: 'é'.repeat(524_288) }
    expect(await send(Echo, big, never)).toEqual(big)
  })

  test('belongs to the trace of its caller', async () => {
    await withTrace(null, async () => expect(await send(Trace, {}, never)).toEqual({ id: currentTraceId() }))
  })
})

describe.each(ways.map((way) => [way.name, way] as const))('over %s', (name, way) => {
  const send: CallCarrier['send'] = (...args) => (carriers.get(name) as CallCarrier).send(...args)

  test('a fault keeps its code and when to come back', async () => {
    expect(await faultOf(send(Fail, { how: 'overloaded' }, never))).toMatchObject({ code: 'overloaded', retryAfterSeconds: 7 })
    expect(await faultOf(send(Fail, { how: 'deadlock' }, never))).toMatchObject({ code: 'unavailable' })
    const bug = await faultOf(send(Fail, { how: 'bug' }, never))
    expect(bug).toMatchObject({ code: 'internal' })
    expect(bug.message).not.toContain('not a function')
  })

  test('input that is not as promised is refused as a fault that does not pass', async () => {
    for (const bad of [
      { ...plain, count: 'one' },
      { ...plain, count: 0.5 },
      { ...plain, count: 2 ** 60 },
      { text: 'a', count: 1 },
    ]) {
      const fault = await faultOf(send(Echo, bad, never))
      expect(fault).toMatchObject({ code: 'internal' })
      expect(fault.message).toMatch(/things\.Echo.*(count|note)/)
    }
  })

  test('what a contract does not know is left out', async () => {
    expect(await send(Echo, { ...plain, newer: 1, list: [{ n: 1, newer: 2 }] }, never)).toStrictEqual({ ...plain, list: [{ n: 1 }] })
  })

  test('a message over 4 MB is refused as a fault that does not pass', async () => {
    expect(await faultOf(send(Echo, { ...plain, anything: 'x'.repeat(4.5 * 1024 * 1024) }, never))).toMatchObject({ code: 'internal' })
  })

  test('without the secret nobody comes in', async () => {
    const replica = await way.serve(known, answer)
    const stranger = way.caller([replica.port], newSecret())
    expect(await faultOf(stranger.send(Echo, plain, never))).toMatchObject({ code: 'internal' })
  })

  test('when nobody is there, it is unavailable within the deadline', async () => {
    const began = performance.now()
    const ask = createCall(way.caller([await deadPort(), await deadPort()]), () => {})
    expect(await faultOf(ask(Echo, plain))).toMatchObject({ code: 'unavailable' })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(await faultOf(way.caller([]).send(Echo, plain, never))).toMatchObject({ code: 'unavailable' })
  })

  test('a caller that was closed finds nobody', async () => {
    const carrier = way.caller([(await way.serve(known, answer)).port])
    expect(await carrier.send(Echo, plain, never)).toEqual(plain)
    await carrier.close()
    expect(await faultOf(carrier.send(Echo, plain, never))).toMatchObject({ code: 'unavailable' })
  })

  test('a replica that was killed is found again within a second of its return', async () => {
    const first = await way.serve(known, answer)
    const carrier = way.caller([first.port])
    expect(await carrier.send(Echo, plain, never)).toEqual(plain)
    await first.kill()
    expect(await faultOf(carrier.send(Echo, plain, never))).toMatchObject({ code: 'unavailable' })
    await way.serve(known, answer, first.port)
    await vi.waitFor(async () => expect(await carrier.send(Echo, plain, never)).toEqual(plain), { timeout: 1000, interval: 20 })
  })

  test('when one of two replicas is dead, no call fails, whether it may be repeated or not', async () => {
    const alive = await way.serve(known, answer)
    const carrier = way.caller([await deadPort(), alive.port])
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => carrier.send(Echo, plain, never)))
      expect(answers).toEqual(Array.from({ length: 8 }, () => plain))
    }
  })

  test.each(['kill', 'close'] as const)('when one of two replicas ends under load by %s, no repeatable call fails', async (how) => {
    const served = [0, 0]
    const replicas = await Promise.all(
      [0, 1].map((index) =>
        way.serve(known, async (...args) => {
          served[index] = (served[index] as number) + 1
          return answer(...args)
        }),
      ),
    )
    const ask = createCall(way.caller(replicas.map(({ port }) => port)), () => {})
    let ended: Promise<void> | undefined
    let answered = 0
    const lane = async () => {
      for (let index = 0; index < 60; index++) {
        expect(await ask(Echo, plain)).toEqual(plain)
        if (++answered === 100) ended = replicas[0]?.[how]()
      }
    }
    await Promise.all([lane(), lane(), lane(), lane()])
    await ended
    expect(answered).toBe(240)
    expect(Math.min(...served)).toBeGreaterThan(20)
  })
})
