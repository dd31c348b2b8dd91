/** The check of the books over all services: each answers for itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { runChecksOf, ServiceNames } from '@stoa/chassis/platform.ts'
import type { CallFn } from '@stoa/chassis/service.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly examined: number
  readonly broken: number
  readonly examples: string[]
}

export interface Books {
  readonly ok: boolean
  readonly checks: Check[]
}

const POLL_MS = 300

/** Checks the books, up to `waitSeconds` again and again until they are right and the shop is at rest: events on their way look like broken books. */
export async function booksAtRest(call: CallFn, waitSeconds: number, signal?: AbortSignal): Promise<Books> {
  const until = Date.now() + waitSeconds * 1000
  for (;;) {
    const { books, atRest } = await checkAll(call)
    if ((books.ok && atRest) || Date.now() >= until || signal?.aborted) return books
    await sleep(POLL_MS)
  }
}

async function checkAll(call: CallFn): Promise<{ books: Books; atRest: boolean }> {
  const names = await call(ServiceNames, {})
  const reports = await Promise.all(names.items.map((service) => checksOf(call, service)))
  const checks = reports.flatMap((one) => one.checks)
  return { books: { ok: checks.every((one) => one.ok), checks }, atRest: reports.every((one) => one.atRest) }
}

async function checksOf(call: CallFn, service: string): Promise<{ checks: Check[]; atRest: boolean }> {
  try {
    return await call(runChecksOf(service), {})
  } catch {
    return {
      checks: [{ name: `${service}: answers`, ok: false, examined: 0, broken: 1, examples: ['the service did not answer'] }],
      atRest: false,
    }
  }
}
