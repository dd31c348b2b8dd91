/** Runs a handler the way its style asks: in one transaction, without one, or in steps. */
import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import { isRefusal, refuse, type Route } from '../contract.ts'
import type { Kept } from '../cache/kept.ts'
import type { Database } from '../database/database.ts'
import type { Tx } from '../database/sql.ts'
import { failPoint } from '../fail-point.ts'
import { seal, unseal } from '../secrets.ts'
import type { CallFn, Caller, Common, Handler, LiveEvent, Reply, TailFn } from '../service.ts'
import { currentTraceparent, withTrace } from '../telemetry/trace.ts'
import { cookiesAgain, sealCookies, type Cookie } from './cookies.ts'
import type { HeldKeys } from './held-keys.ts'
import * as keys from './idempotency.ts'

/** A request as it came through the door, validated. */
export interface RequestIn {
  readonly input: unknown
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly address: string
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly origin: string
  readonly ifMatch: string
  readonly idempotencyKey: string | undefined
  readonly bytes?: Buffer
  readonly stream?: Readable
  readonly lastEventId?: string | undefined
}

export interface Answer {
  readonly outcome: unknown
  readonly headers: Record<string, string>
  readonly cookies: readonly Cookie[]
  readonly replayed: boolean
  /** What it shows, where it may be kept. */
  readonly shown: readonly string[]
}

/** What execution needs of a running service. */
export interface Execution {
  readonly service: string
  readonly database: Database
  common(): Common
  readonly call: CallFn
  readonly tail: TailFn
  readonly keySecret: KeyObject
  readonly heldKeys: HeldKeys
  readonly kept: Kept
}

class ReplyRecord implements Reply {
  readonly headers: Record<string, string> = {}
  readonly cookies: Cookie[] = []
  readonly shown: string[] = []
  etag(version: string | number): void {
    this.headers.etag = `"${version}"`
  }
  location(path: string): void {
    this.headers.location = path
  }
  header(name: string, value: string): void {
    this.headers[name.toLowerCase()] = value
  }
  cookie(name: string, value: string, options: { maxAgeSeconds?: number; path?: string }): void {
    this.cookies.push({ name, value, maxAgeSeconds: options.maxAgeSeconds, path: options.path ?? '/' })
  }
  clearCookie(name: string, options: { path?: string } = {}): void {
    this.cookies.push({ name, value: null, path: options.path ?? '/' })
  }
  shows(things: Iterable<string>): void {
    this.shown.push(...things)
  }
}

const NO_STREAM = undefined as unknown as Readable
const NO_BYTES = Buffer.alloc(0)

/** Runs a route. `signal` aborts when the caller is gone or the deadline passed. */
export async function executeRoute(on: Execution, handler: Handler, request: RequestIn, signal: AbortSignal): Promise<Answer> {
  const contract = handler.contract as Route
  const reply = new ReplyRecord()
  const parts = { ...on.common(), ...partsOf(request, reply) }
  const of =
    request.idempotencyKey !== undefined && contract.idempotencyKey
      ? keys.keyOf(accountOf(request.caller), `${contract.method} ${contract.path}`, request.idempotencyKey, [
          request.params,
          request.query,
          request.input,
        ])
      : undefined
  const keyed = of && keyedRequest(on, of, request, { status: contract.status ?? 200, reply })
  if (handler.style === 'handle') return runInTransaction(on, handler, parts, keyed, reply)
  const outside = { ...parts, db: on.database, call: on.call, kept: on.kept, signal }
  if (handler.style === 'orchestrate') return runInSteps(on, handler, outside, keyed, reply, request)
  const live = handler.style === 'live' ? { tail: on.tail, lastEventId: request.lastEventId } : {}
  return answered(await handler.run({ ...outside, ...live }), reply)
}

/** Runs a call from another service. */
export async function executeCall(on: Execution, handler: Handler, input: unknown, signal: AbortSignal): Promise<unknown> {
  const common = { ...on.common(), input }
  if (handler.style === 'handle') return on.database.retriedTransaction(async (tx) => handler.run({ ...common, tx }))
  return handler.run({ ...common, db: on.database, call: on.call, kept: on.kept, signal, ...stepsWithoutKey(on) })
}

function partsOf(request: RequestIn, reply: ReplyRecord) {
  return {
    input: request.input,
    params: request.params,
    query: request.query,
    caller: request.caller,
    address: request.address,
    cookies: request.cookies,
    headers: request.headers,
    origin: request.origin,
    ifMatch: request.ifMatch,
    bytes: request.bytes ?? NO_BYTES,
    stream: request.stream ?? NO_STREAM,
    reply,
  }
}

function accountOf(caller: Caller): string {
  return caller.kind === 'account' ? caller.accountId : 'guest'
}

function answered(outcome: unknown, reply: ReplyRecord): Answer {
  return { outcome, headers: reply.headers, cookies: reply.cookies, replayed: false, shown: reply.shown }
}

/** A request with a key: how its answer is kept, and given again. */
interface Keyed {
  readonly of: keys.KeyOf
  answerOf(body: unknown): keys.StoredAnswer
  replay(claim: Extract<keys.Claim, { kind: 'replay' }>): Answer
}

function keyedRequest(on: Execution, of: keys.KeyOf, request: RequestIn, { status, reply }: { status: number; reply: ReplyRecord }): Keyed {
  return {
    of,
    answerOf: (body) => ({
      status,
      headers: reply.headers,
      body,
      sealedCookies: sealCookies(on.keySecret, of, request, reply.cookies),
    }),
    replay: ({ answer, ageSeconds }) => {
      const cookies = cookiesAgain(on.keySecret, of, request, { sealed: answer.sealedCookies, ageSeconds })
      return cookies ? { outcome: answer.body, headers: answer.headers, cookies, replayed: true, shown: [] } : keyRefused('reused')
    },
  }
}

function keyRefused(kind: 'reused' | 'in-use'): Answer {
  const refusal =
    kind === 'reused'
      ? refuse('idempotency-key-reused', { detail: 'This idempotency key was used for another request.' })
      : refuse('idempotency-key-in-use', { detail: 'A request with this idempotency key is still running.', retryAfterSeconds: 1 })
  return { outcome: refusal, headers: {}, cookies: [], replayed: false, shown: [] }
}

async function runInTransaction(
  on: Execution,
  handler: Handler,
  parts: object,
  keyed: Keyed | undefined,
  reply: ReplyRecord,
): Promise<Answer> {
  let refused: Answer | undefined
  try {
    const outcome = await on.database.retriedTransaction(async (tx: Tx) => {
      refused = undefined
      if (!keyed) return handler.run({ ...parts, tx })
      const claim = await keys.claim(tx, keyed.of, null)
      if (claim.kind === 'replay') refused = keyed.replay(claim)
      else if (claim.kind !== 'begun') refused = keyRefused(claim.kind)
      if (refused || claim.kind !== 'begun') return refuse('already-answered')
      const result = await handler.run({ ...parts, tx })
      if (!isRefusal(result)) await keys.keepAnswer(tx, keyed.of, claim.holder, keyed.answerOf(result))
      return result
    })
    return refused ?? answered(outcome, reply)
  } catch (error) {
    // A rival with the same key held its row for longer than the lock time-out.
    if (keyed && (error as { code?: string }).code === '55P03') return keyRefused('in-use')
    throw error
  }
}

async function runInSteps(
  on: Execution,
  handler: Handler,
  outside: object,
  keyed: Keyed | undefined,
  reply: ReplyRecord,
  request: RequestIn,
): Promise<Answer> {
  const contract = handler.contract as Route
  if (!keyed) return answered(await handler.run({ ...outside, ...stepsWithoutKey(on) }), reply)
  const { of } = keyed
  const claim = await keys.claim(on.database, of, contract.idempotencyKey === 'required' ? sealRequest(on, of, request) : null)
  if (claim.kind === 'replay') return keyed.replay(claim)
  if (claim.kind !== 'begun') return keyRefused(claim.kind)
  failPoint('request.after-claim')
  const isOver = on.heldKeys.keep({ ...of, holder: claim.holder })
  let remembered = false
  const rememberAnswer = async (tx: Tx, body: unknown) => {
    await keys.keepAnswer(tx, of, claim.holder, keyed.answerOf(body))
    remembered = true
  }
  try {
    const outcome = await handler.run({
      ...outside,
      transaction: on.database.retriedTransaction.bind(on.database),
      rememberAnswer,
      fixedIds: async (...names: string[]) => namedIds(names, claim.ids),
      triedBefore: claim.triedBefore,
    })
    if (isRefusal(outcome)) await keys.forget(on.database, of, claim.holder)
    else if (!remembered) await keys.keepAnswer(on.database, of, claim.holder, keyed.answerOf(outcome))
    failPoint('request.before-answer')
    return answered(outcome, reply)
  } catch (error) {
    await keys.letGo(on.database, of, claim.holder).catch(() => {})
    throw error
  } finally {
    isOver()
  }
}

function stepsWithoutKey(on: Execution) {
  return {
    transaction: on.database.retriedTransaction.bind(on.database),
    fixedIds: async (...names: string[]) => namedIds(names, names.map(on.common().newId)),
    rememberAnswer: async () => {},
    triedBefore: false,
  }
}

function namedIds(names: readonly string[], ids: readonly string[]): Record<string, string> {
  if (names.length > ids.length) throw new Error(`at most ${ids.length} fixed ids`)
  return Object.fromEntries(names.map((name, index) => [name, ids[index] as string]))
}

/** A request as it lies with its key. Its trace goes on when it is taken up again. */
type KeptRequest = Omit<RequestIn, 'bytes' | 'stream'> & { readonly traceparent?: string | undefined }

function sealRequest(on: Execution, of: keys.KeyOf, request: RequestIn): string {
  const kept = { ...request, headers: {}, bytes: undefined, stream: undefined, traceparent: currentTraceparent() }
  return seal(on.keySecret, JSON.stringify(kept), `${of.scope} ${of.key}`)
}

/** Goes on with requests whose process died (or whose client gave up after a fault), with the ids they had. */
export async function resumeAbandoned(on: Execution, handlers: readonly Handler[], signal: AbortSignal): Promise<number> {
  let resumed = 0
  for (const one of await keys.abandoned(on.database)) {
    if (signal.aborted) break
    const handler = handlers.find(
      (candidate) => candidate.contract.kind === 'route' && one.scope.endsWith(` ${candidate.contract.method} ${candidate.contract.path}`),
    )
    if (!handler) continue
    try {
      const { traceparent, ...request } = JSON.parse(unseal(on.keySecret, one.request, `${one.scope} ${one.key}`)) as KeptRequest
      await withTrace(traceparent, () => executeRoute(on, handler, request, signal))
    } catch (error) {
      // One that fails again must not keep the others waiting.
      on.common().log.warn({ route: one.scope.slice(one.scope.indexOf(' ') + 1), error }, 'an abandoned request failed again')
      continue
    }
    resumed++
  }
  return resumed
}

/** Whether an outcome is a stream of server-sent events. */
export function isStream(outcome: unknown): outcome is AsyncIterable<LiveEvent> {
  return typeof outcome === 'object' && outcome !== null && Symbol.asyncIterator in outcome
}
