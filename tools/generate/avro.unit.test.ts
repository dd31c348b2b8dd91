import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { event, object } from '@stoa/chassis/contract.ts'
import { Type } from 'typebox'
import { afterAll, expect, test } from 'vitest'
import { avroFiles, refusedChanges } from './avro.ts'

const folder = mkdtempSync(join(tmpdir(), 'stoa-avro-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const eventsOf = (data: ReturnType<typeof object>, version = 1, name = 'ThingMade') => ({
  events: [
    { name, file: 'things', contract: event(name, { summary: 'A thing was made.', topic: 'things', version, key: 'id' as never, data }) },
  ],
})
const before = object({ id: Type.String(), total: object({ amount: Type.Integer() }) })
for (const [path, text] of avroFiles(eventsOf(before))) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

test('an event that changed by an optional field passes', () => {
  expect(refusedChanges(folder, eventsOf(before))).toEqual([])
  expect(refusedChanges(folder, eventsOf(object({ ...before.properties, note: Type.Optional(Type.String()) })))).toEqual([])
})

test('an event whose field changed its type is refused by name, with the way out', () => {
  expect(refusedChanges(folder, eventsOf(object({ id: Type.String(), total: object({ amount: Type.String() }) })))).toEqual([
    "contracts/generated/avro/ThingMade.v1.avsc:1 event-compatibility ThingMade v1: the type of 'total.amount' changed. Give the event a new version (2).",
  ])
})

test('an event that got or lost a required field is refused', () => {
  const [added] = refusedChanges(folder, eventsOf(object({ ...before.properties, size: Type.Integer() })))
  expect(added).toContain("'size' was added and is not optional")
  const [taken] = refusedChanges(folder, eventsOf(object({ id: Type.String() })))
  expect(taken).toContain("'total' was taken away and was not optional")
})

test('a new version may be anything', () => {
  expect(refusedChanges(folder, eventsOf(object({ other: Type.Integer() }), 2))).toEqual([])
})

test('two events of one name are refused', () => {
  const { events } = eventsOf(before)
  expect(() => avroFiles({ events: [...events, ...events] })).toThrow('two events are called ThingMade')
})
