import { expect, test } from 'vitest'
import {
  currentTrace,
  currentTraceId,
  currentTraceparent,
  traceparentFor,
  withoutTrace,
  withTrace,
  withTraceOf,
  withTraces,
  withTracesOf,
  type Trace,
} from './trace.ts'

const idOf = (traceparent: string | undefined) => traceparent?.slice(3, 35)
const id = (digit: string) => digit.repeat(32)
const parent = (digit: string, span = 'e') => `00-${id(digit)}-${span.repeat(16)}-01`
const event = (key: string, traceparent: string | null) => ({ key, traceparent })
const idsFor = (...keys: string[]) => keys.map((key) => idOf(traceparentFor(key)))

test('work goes on under the trace that it is given, as a child of what gave it', () => {
  withTrace(parent('a'), () => {
    expect(currentTraceparent()).toMatch(/^00-a{32}-[0-9a-f]{16}-01$/)
    expect(currentTraceparent()).not.toBe(parent('a'))
    expect([currentTraceId(), ...idsFor('any key')]).toEqual([id('a'), id('a')])
  })
  expect([currentTraceId(), traceparentFor('any key')]).toEqual([undefined, undefined])
})

test.each([
  null,
  undefined,
  '',
  'moved',
  `00-${id('A')}-${'e'.repeat(16)}-01`,
  `00-${id('0')}-${'e'.repeat(16)}-01`,
  `00-${id('a')}-${'0'.repeat(16)}-01`,
  `ff-${id('a')}-${'e'.repeat(16)}-01`,
])('without a trace that is one (%s), work begins a trace of its own', (given) => {
  const made = [withTrace(given, currentTraceId), withTrace(given, currentTraceId)]
  for (const one of made) expect(one).toMatch(/^(?!0{32}|a{32})[0-9a-f]{32}$/)
  expect(made[0]).not.toBe(made[1])
})

test('the trace of a moment is still that of the work after it waited', async () => {
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((digit) =>
      withTrace(parent(digit), async () => {
        await new Promise((go) => setTimeout(go, 1))
        return currentTraceId()
      }),
    ),
  )
  expect(seen).toEqual([id('a'), id('b'), id('c')])
})

test('a batch of events of one trace is work of that trace, whatever it does', () => {
  withTraces([event('one', parent('a', '1')), event('two', parent('a', '2'))], () =>
    expect([currentTraceId(), ...idsFor('one', 'two', 'three')]).toEqual([id('a'), id('a'), id('a'), id('a')]),
  )
})

test('in a batch of several traces each key has its own, and what is under no key of theirs has none', () => {
  withTraces([event('one', parent('a')), event('two', parent('b')), event('one', parent('a', '2'))], () => {
    expect([currentTraceId(), ...idsFor('one', 'two', 'three')]).toEqual([undefined, id('a'), id('b'), undefined])
    expect(withTraceOf('two', currentTraceId)).toBe(id('b'))
    expect(withTraceOf('three', currentTraceId)).toBeUndefined()
  })
  withTrace(parent('a'), () => expect(withTraceOf('three', currentTraceId)).toBe(id('a')))
})

test('where events of one key have several traces, or one has none, no trace is said rather than a wrong one', () => {
  const events = [event('one', parent('a')), event('one', parent('b')), event('one', parent('a')), event('two', parent('b'))]
  withTraces(events, () => expect(idsFor('one', 'two')).toEqual([undefined, id('b')]))
  withTraces([event('one', parent('a')), event('one', null), event('two', parent('a'))], () =>
    expect(idsFor('one', 'two')).toEqual([undefined, id('a')]),
  )
})

test('events without a trace begin one for each key, also when none of a batch has one', () => {
  for (const events of [
    [event('one', null), event('two', null), event('one', null)],
    [event('one', null), event('two', 'moved'), event('one', null), event('three', parent('a'))],
  ])
    withTraces(events, () => {
      const [first, again, second] = idsFor('one', 'one', 'two')
      expect(first).toMatch(/^[0-9a-f]{32}$/)
      expect(second).toMatch(/^[0-9a-f]{32}$/)
      expect(again).toBe(first)
      expect(new Set([first, second, id('a')]).size).toBe(3)
    })
  expect(withTraces([event('one', null)], currentTraceId)).toMatch(/^[0-9a-f]{32}$/)
})

const asked = (trace: Trace | undefined, ...keys: string[]) => ({ trace, keys })
const together = <T>(items: ReturnType<typeof asked>[], work: () => T) => withTracesOf(items, (one) => one.keys, work)

test('what several asked for together goes on under the trace of each, by key, and under none where two share a key', () => {
  const items = [asked(parent('a'), 'one', 'shared'), asked(parent('b'), 'two', 'shared')]
  together(items, () => expect([currentTraceId(), ...idsFor('one', 'two', 'shared')]).toEqual([undefined, id('a'), id('b'), undefined]))
})

test('what is asked for together by one trace, or by nobody, stays so', () => {
  together([asked(parent('a', '1')), asked(parent('a', '2'))], () => expect(currentTraceId()).toBe(id('a')))
  withTrace(parent('b'), () => together([asked(undefined), asked(undefined)], () => expect(currentTrace()).toBeUndefined()))
})

test('what a batch of events asks for together with others keeps the traces of its keys', () => {
  const trace = withTraces([event('one', parent('a')), event('two', parent('b'))], currentTrace)
  together([asked(trace, 'one', 'unknown'), asked(parent('c'), 'three')], () => {
    expect(idsFor('one', 'three')).toEqual([id('a'), id('c')])
    expect(idsFor('unknown')).not.toEqual([id('c')])
  })
  together([asked(trace), asked(trace)], () => expect(idsFor('one', 'two')).toEqual([id('a'), id('b')]))
})

test('work without a trace has none, and its surroundings keep theirs', () => {
  withTrace(parent('a'), () => {
    expect(withoutTrace(() => [currentTraceId(), traceparentFor('one')])).toEqual([undefined, undefined])
    expect(currentTraceId()).toBe(id('a'))
  })
})
