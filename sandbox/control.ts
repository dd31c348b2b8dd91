import type { Book } from './book.ts'
import { present } from './desk.ts'
import type { Desk } from './desk.ts'
import { succeedLateNow } from './gateway.ts'
import { LostAnswer, Refusal } from './http.ts'
import type { Answer, Call, Route } from './http.ts'
import { bodyOf } from './input.ts'
import { countsOf, hurry, setPaused } from './webhooks.ts'

const operations = ['authorize', 'capture', 'void', 'refund', 'close', 'inquire', 'session'] as const
const kinds = ['reset-before', 'reset-after', 'silence-before', 'silence-after', 'error-before', 'error-after', 'busy', 'slow'] as const
const outageModes = ['reset', 'silence', 'unavailable'] as const
const OUTAGE_SECONDS_MAX = 7200
const FAULT_TIMES_MAX = 1000
const FAULT_SLOW_MS = 30_000

type FaultOperation = (typeof operations)[number]
type FaultKind = (typeof kinds)[number]

export interface Faults {
  /** Runs `work` with the next ordered fault of this operation, if any, before or after it. */
  around<T>(operation: FaultOperation, work: () => T | Promise<T>): Promise<T>
  order(operation: FaultOperation, kind: FaultKind, times: number): void
  /** How often each ordered fault has bitten. */
  taken: Record<string, number>
}

/** Faults that a test orders ahead: in memory, for the next calls. */
export function makeFaults(slowMs = FAULT_SLOW_MS): Faults {
  const ordered = new Map<FaultOperation, FaultKind[]>()
  const taken: Record<string, number> = {}
  const breakWith = (kind: FaultKind, moment: 'before' | 'after') => {
    if (kind === `reset-${moment}`) throw new LostAnswer('reset')
    if (kind === `silence-${moment}`) throw new LostAnswer('silence')
    if (kind === `error-${moment}`) throw new Refusal(500, 'provider-error', `The provider failed ${moment} the effect.`)
  }
  return {
    taken,
    order: (operation, kind, times) =>
      void ordered.set(
        operation,
        Array.from({ length: times }, () => kind),
      ),
    async around(operation, work) {
      const kind = ordered.get(operation)?.shift()
      if (kind === undefined) return work()
      taken[`${operation} ${kind}`] = (taken[`${operation} ${kind}`] ?? 0) + 1
      if (kind === 'busy') throw new Refusal(429, 'too-many-requests', 'The provider is busy.')
      breakWith(kind, 'before')
      const result = await work()
      if (kind === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs).unref())
      breakWith(kind, 'after')
      return result
    },
  }
}

export interface Outage {
  set(seconds: number, mode: (typeof outageModes)[number], mail: boolean): void
  /** Throws while the provider is down. */
  check(call: Call): void
  mailIsDown(): boolean
}

/** A provider that is down for a while: everything but the controls and the inbox. */
export function makeOutage(): Outage {
  let until = 0
  let mode: (typeof outageModes)[number] = 'reset'
  let mailToo = false
  return {
    set(seconds, wantedMode, mail) {
      until = Date.now() + seconds * 1000
      mode = wantedMode
      mailToo = mail
    },
    check(call) {
      if (Date.now() >= until || !/^\/(gateway|pay)\//.test(call.path)) return
      if (mode === 'unavailable') throw new Refusal(503, 'unavailable', 'The provider is down.')
      throw new LostAnswer(mode)
    },
    mailIsDown: () => mailToo && Date.now() < until,
  }
}

/** Doors for tests: make the outside world misbehave, and see what it holds. */
export function controlRoutes(desk: Desk, faults: Faults, outage: Outage): Route[] {
  const { book, webhooks } = desk
  const post = (path: string, answer: (call: Call) => Answer): Route => ({ method: 'POST', path, access: 'secret', answer })
  const done: Answer = { status: 200, json: { ok: true } }
  return [
    post('/control/outage', (call) => {
      const body = bodyOf(call, ['seconds', 'mode', 'mail'])
      outage.set(
        numberOf(body.seconds, 'seconds', OUTAGE_SECONDS_MAX),
        oneOf(body.mode ?? 'reset', outageModes, 'mode'),
        body.mail === true,
      )
      return done
    }),
    post('/control/faults', (call) => {
      const body = bodyOf(call, ['operation', 'kind', 'times'])
      const times = numberOf(body.times ?? 1, 'times', FAULT_TIMES_MAX)
      faults.order(oneOf(body.operation, operations, 'operation'), oneOf(body.kind, kinds, 'kind'), times)
      return done
    }),
    post('/control/late-now', (call) => {
      const body = bodyOf(call, ['chargeId'])
      return { status: 200, json: present(desk, succeedLateNow(desk, String(body.chargeId))) }
    }),
    post('/control/webhooks', (call) => {
      const body = bodyOf(call, ['chaosSeed', 'paused', 'hurry'])
      if (body.chaosSeed !== undefined) webhooks.chaosSeed = typeof body.chaosSeed === 'string' ? body.chaosSeed : undefined
      if (typeof body.paused === 'boolean') setPaused(webhooks, body.paused)
      if (body.hurry === true) hurry(webhooks)
      return done
    }),
    {
      method: 'GET',
      path: '/control/state',
      access: 'secret',
      answer: () => ({
        status: 200,
        json: {
          charges: countOf(book, 'charges'),
          messages: countOf(book, 'mails'),
          webhooks: countsOf(webhooks),
          faultsTaken: faults.taken,
        },
      }),
    },
  ]
}

function countOf(book: Book, table: 'charges' | 'mails'): number {
  return book.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0
}

function oneOf<const T extends string>(value: unknown, allowed: readonly T[], field: string): T {
  if (!allowed.includes(value as T)) throw new Refusal(422, 'invalid-request', `${field} is one of ${allowed.join(', ')}.`)
  return value as T
}

function numberOf(value: unknown, field: string, most: number): number {
  if (typeof value !== 'number' || value < 0 || value > most)
    throw new Refusal(422, 'invalid-request', `${field} is a number from 0 to ${most}.`)
  return value
}
