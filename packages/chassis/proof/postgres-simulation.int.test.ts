import { afterAll, beforeAll, expect, test } from 'vitest'
import { testServer } from '../testing/server.ts'
import { STREAM } from './lives.ts'
import { MORTAL_POINTS, simulateOnPostgres } from './postgres-simulation.ts'
import { PostgresWorld, provisionWorld, Terminator } from './postgres-world.ts'

const SEEDS = 100
/** What must have happened over the seeds; the rest is left to chance here, and to the simulation in memory. */
const MUST_HAPPEN = [
  'a backend was terminated',
  'a consumer was fenced',
  'a transaction committed late',
  'a transaction was given up',
  'events moved past a long transaction',
  'a handler met poison',
  'a parked key was replayed',
  'a later event of a parked key was parked behind it',
  'a timer failed and was put back',
  'a lease was lost and its effects undone',
  ...MORTAL_POINTS.map((point) => `died at ${point}`),
]

let world: PostgresWorld
let terminator: Terminator
beforeAll(async () => {
  const address = await provisionWorld(testServer())
  world = new PostgresWorld(address, [STREAM], 20)
  terminator = new Terminator(testServer(), address)
  await terminator.connect()
})
afterAll(async () => {
  await world.close()
  await terminator.close()
})

test('100 seeds of rivals with terminated backends and deaths at fail-points break no promise', { timeout: 180_000 }, async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= SEEDS; seed++) for (const what of (await simulateOnPostgres(seed, world, terminator)).keys()) seen.add(what)
  expect(MUST_HAPPEN.filter((what) => !seen.has(what))).toEqual([])
})
