import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Database } from '../database/database.ts'
import { provisionFromTemplate } from '../database/provision.ts'
import { sql } from '../database/sql.ts'
import { testServer } from '../testing/server.ts'
import { askForAll, CRASH_TABLES, expectedMarks, marksAtRest, openCrashShop } from './crash-shop.ts'

const POINTS = [
  'consumer.after-advance',
  'consumer.after-commit',
  'consumer.before-commit',
  'request.after-claim',
  'request.before-answer',
  'sequencer.after-lock',
  'sequencer.before-commit',
  'task.after-run',
  'timers.after-take',
  'timers.before-commit',
  'transaction.after-commit',
  'transaction.before-commit',
]

async function provisionShop() {
  const suffix = randomBytes(6).toString('hex')
  const of = async (service: string) => {
    const connection = await provisionFromTemplate(testServer(), service, join(import.meta.dirname, 'no-migrations'), suffix)
    const database = new Database(connection)
    await database.run({ text: CRASH_TABLES, values: [] })
    await database.close()
    return connection
  }
  return { counter: await of('counter'), listener: await of('listener') }
}

/** Runs the child; answers how it ended: the signal that killed it, or its exit code. */
function runChild(shop: object, failPoints: string): Promise<string> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./crash-child.ts', import.meta.url))], {
    env: { ...process.env, STOA_CRASH_SHOP: JSON.stringify(shop), STOA_FAIL_POINTS: failPoints },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('exit', (code, signal) => done(signal ?? `${code} ${said}`))
  })
}

test('every fail-point of the chassis has its crash here', () => {
  const chassis = join(import.meta.dirname, '..')
  // Those of kafka/ have theirs where brokers are: publisher.cluster.test.ts; those of a move, while no shop runs, in cli/move.
  const files = globSync('**/*.ts', { cwd: chassis, exclude: ['**/*.test.ts', 'proof/**', 'kafka/**', 'moving/**', 'node_modules/**'] })
  const named = files.flatMap((file) =>
    [...readFileSync(join(chassis, file), 'utf8').matchAll(/failPoint\('([\w.-]+)'\)/g)].map((match) => match[1]),
  )
  expect(named.toSorted()).toEqual(POINTS)
})

test.concurrent.each(POINTS)(
  'killed at %s, the shop goes on after a restart as if nothing had been',
  { timeout: 60_000 },
  async (point) => {
    const shop = await provisionShop()
    const at = 1 + (POINTS.indexOf(point) % 2)
    expect(await runChild(shop, `${point}=kill:${at}`)).toBe('SIGKILL')
    const house = await openCrashShop(shop)
    try {
      const counter = house.services.get('counter')?.database as Database
      // What the dead process held, its locks and leases, is free when its time is over; the test does not wait for it.
      await counter.run(sql`UPDATE chassis.idempotency_keys SET held_until = clock_timestamp() WHERE held_until IS NOT NULL`)
      await askForAll(house)
      expect(await marksAtRest(house)).toEqual(expectedMarks())
      const { count } = await counter.one<{ count: number }>(sql`SELECT count(DISTINCT id) AS count FROM marks WHERE kind = 'ordered'`)
      expect(count).toBe(2)
    } finally {
      await house.stop()
    }
  },
)
