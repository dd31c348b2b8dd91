/** Lets the processes of a running cluster die at named points of the code (chassis/fail-point.ts), one point after the other. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import { kill, processesOf } from './cluster.ts'
import type { Shop } from './shop.ts'

const transactions = ['transaction.before-commit', 'transaction.after-commit']
const keyed = ['request.after-claim', 'request.before-answer']
const reading = ['consumer.after-advance', 'consumer.before-commit', 'consumer.after-commit']
const writing = ['sequencer.after-lock', 'sequencer.before-commit', 'publisher.after-read', 'publisher.after-ack', 'publisher.after-move']
const tasks = ['task.after-run']
const timers = ['timers.after-take', 'timers.before-commit']

/** What each service passes while orders flow; search, while its index is made anew, too; identity, while somebody has forgotten a password. */
export const POINTS: Readonly<Record<string, readonly string[]>> = {
  orders: [
    ...['orders.before-reserve', 'orders.after-reserve', 'orders.after-prepare', 'orders.after-commit'],
    ...transactions,
    ...keyed,
    ...reading,
    ...writing,
  ],
  inventory: ['inventory.reserve.before-commit', ...transactions, ...reading, ...writing],
  payments: ['payments.after-gateway-answer', ...transactions, ...reading, ...writing, ...tasks],
  notifications: ['notifications.before-handover', 'notifications.after-handover', ...transactions, ...reading, ...writing, ...tasks],
  // Both are passed by a job, and nobody takes it over while the lease of the dead lasts.
  search: ['search.between-rebuild-steps', ...transactions, ...reading, 'search.before-swap'],
  cart: [...transactions, ...reading],
  shipping: [...transactions, ...reading],
  identity: timers,
}

const DIES_AT = 2
/** A service lives again, orders reach it again, and it comes to the point twice; a job that died with it is free after two minutes. */
const DEATH_MS_MAX = 200_000
const repository = resolve(import.meta.dirname, '../..')

/** What only a shop with another search engine passes; its own suite (mirror.cluster.test.ts) fails at each. */
const OTHER_ENGINE = 'services/search/adapters/opensearch/**'

/** Every point of the code that a running service may pass. */
export function namedPoints(): string[] {
  const files = ['packages/chassis/{database,events,kafka,moments,runtime}/*.ts', 'services/**/*.ts'].flatMap((pattern) =>
    globSync(pattern, { cwd: repository, exclude: ['**/*.test.ts', OTHER_ENGINE] }),
  )
  const named = files.flatMap((file) =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(/failPoint\('([\w.-]+)'\)/g)].map((match) => match[1] as string),
  )
  return [...new Set(named)].sort()
}

/** Says where the processes of a shop find what they are to die of. Given to the shop at its start. */
export class FailPoints {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'fail-points')
    mkdirSync(this.#folder, { recursive: true })
  }

  get env(): Record<string, string> {
    return { STOA_FAIL_POINTS: `@${this.#folder}` }
  }

  /** A process of the service dies at each point; then it lives again. Throws: naming the point that was not passed. */
  async dieAtEach(shop: Shop, service: string): Promise<void> {
    const before = processesOf(shop, service)
    try {
      for (const [index, point] of (POINTS[service] ?? []).entries()) {
        const words = `fail-point ${point} ends ${service}\n`
        const deaths = shop.output().split(words).length
        this.#arm(service, `${point}=kill:${DIES_AT}`)
        if (index === 0) kill(before[0] as number)
        await expect
          .poll(() => shop.output().split(words).length, { timeout: DEATH_MS_MAX, interval: 50, message: `${service} passes ${point}` })
          .toBeGreaterThan(deaths)
      }
    } finally {
      this.#arm(service, '')
    }
    await expect.poll(() => processesOf(shop, service).length, { timeout: DEATH_MS_MAX }).toBe(before.length)
  }

  #arm(service: string, points: string): void {
    writeFileSync(join(this.#folder, service), points)
  }
}
