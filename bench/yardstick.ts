/** A fixed piece of work of the kind that a shop does, so that figures of faster and slower machines can be compared. */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMain } from '../cli/paths.ts'

const ROUNDS = 400
const TRIES = 5
/** A process beside what is measured does the work once in so long. */
const BESIDE_EVERY_MS = 700

/** The least CPU that the work took in some tries. Units: milliseconds. */
export function measureYardstick(): number {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < TRIES; n++) {
    best = Math.min(best, once())
  }
  return Math.round(best * 10) / 10
}

/**
 * Does the same work now and then while something else is measured. The same work costs more CPU on busy cores: they may be two halves of one,
 * and share their caches in any case. So what is measured beside it counts in yardsticks of that moment. `median` answers in milliseconds.
 */
export function yardstickBeside(): { median(): number | undefined; end(): void } {
  const seen: number[] = []
  const child = fork(import.meta.filename, { stdio: 'inherit' })
  child.on('message', (milliseconds) => seen.push(milliseconds as number))
  return {
    median: () => seen.toSorted((a, b) => a - b)[Math.floor(seen.length / 2)],
    end: () => void child.kill(),
  }
}

function once(): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function work(): void {
  const goods = Array.from({ length: 50 }, (_, n) => ({ sku: `SKU-${n}`, price: { amount: n * 100, currency: 'EUR' }, tags: ['a', 'b'] }))
  let text = JSON.stringify(goods)
  for (let n = 0; n < ROUNDS; n++) {
    const seen = new Map((JSON.parse(text) as typeof goods).map((one) => [one.sku, one]))
    text = JSON.stringify([...seen.values()])
    createHash('sha256').update(text).digest('hex')
  }
}

if (isMain(import.meta.url)) {
  for (let n = 0; n < TRIES; n++) work()
  while (process.connected) {
    process.send?.(once())
    await sleep(BESIDE_EVERY_MS)
  }
}
