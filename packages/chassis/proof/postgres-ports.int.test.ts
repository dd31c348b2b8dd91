import { afterAll, beforeAll, beforeEach, test } from 'vitest'
import { testServer } from '../testing/server.ts'
import { portCases, SUITE_STREAMS } from './ports-suite.ts'
import { PostgresWorld, provisionWorld } from './postgres-world.ts'

let world: PostgresWorld
beforeAll(async () => {
  world = new PostgresWorld(await provisionWorld(testServer()), SUITE_STREAMS)
})
beforeEach(() => world.reset())
afterAll(() => world.close())

for (const { title, run } of portCases())
  test(`on PostgreSQL: ${title}`, () => run({ world, here: world.connect(), rival: world.connect(), patienceMs: 300 }))
