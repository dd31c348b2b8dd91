/** What the chassis' types must refuse. `tools/must-fail.int.test.ts` demands exactly the errors that the comments name. */
import { call, event, object, refuse, route } from '@stoa/chassis/contract.ts'
import { handle, live, on, orchestrate, read } from '@stoa/chassis/service.ts'
import { Type } from 'typebox'

const Output = object({ id: Type.String() })
const Save = route('POST /things', {
  summary: 'Saves a thing.',
  permission: 'public',
  class: 'browse',
  body: object({ name: Type.String() }),
  output: Output,
  refusals: { 'not-found': 404 },
})
const Ask = call('things.Ask', { summary: 'Asks.', input: object({}), output: Output, repeatable: true })
const Saved = event('Saved', { summary: 'A thing was saved.', topic: 'things', version: 1, key: 'id', data: Output })

export const promised = handle(Save, async () => refuse('not-found'))

// must fail: TS2322
export const unpromised = handle(Save, async () => refuse('never-promised'))

// must fail: TS2322
export const unpromisedAnswer = read(Ask, async () => refuse('not-found'))

// must fail: TS2322
export const wrongOutput = handle(Save, async () => ({ id: 7 }))

// must fail: TS2345
export const unpromisedAmongOthers = orchestrate(Save, async ({ input }) => {
  if (input.name === '') return refuse('not-found')
  return input.name === 'x' ? refuse('too-late') : { id: '1' }
})

export const publishOutside = read(Save, async (context) => {
  // must fail: TS2339
  context.tx.publish(Saved, { id: '1' })
  return { id: '1' }
})

export const callInside = handle(Save, async (context) => {
  // must fail: TS2339
  await context.call(Ask, {})
  return { id: '1' }
})

export const wrongEvent = on(Saved, async (saved, { tx }) => {
  // must fail: TS2322
  tx.publish(Saved, { id: saved.seq })
})

export const watch = live(Save, async ({ tail, signal }) => tail([Saved], [], signal) as never)

// must fail: TS2741
export const noPermission = route('GET /things', { summary: 'Lists.', class: 'browse', output: Output })

// must fail: TS2322
export const wrongKey = event('Lost', { summary: 'A thing was lost.', topic: 'things', version: 1, key: 'name', data: Output })
