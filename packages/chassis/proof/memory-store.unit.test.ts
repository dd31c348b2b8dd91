import { test } from 'vitest'
import { MemoryWorld } from './memory-world.ts'
import { PLAIN_SESSION } from './memory-database.ts'
import { portCases, SUITE_STREAMS } from './ports-suite.ts'

for (const { title, run } of portCases())
  test(`in memory: ${title}`, async () => {
    let now = 1000
    const world = new MemoryWorld(SUITE_STREAMS, {
      now: () => now,
      advance: (seconds) => {
        now += seconds
      },
    })
    await run({ world, here: world.connect(PLAIN_SESSION), rival: world.connect({ ...PLAIN_SESSION }), patienceMs: 20 })
  })
