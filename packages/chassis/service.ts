/**
 * What a service is, as plain values. `defineService` gathers doors, consumers, timers, workers and jobs;
 * the chassis turns them into a running thing in whichever topology.
 */
import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Static, TSchema } from 'typebox'
import type { Call, EventContract, FieldError, Outcome, Role, Route } from './contract.ts'
import type { Kept } from './cache/kept.ts'
import type { Db, Tx } from './database/sql.ts'
import type { Log } from './telemetry/log.ts'
import { withTrace } from './telemetry/trace.ts'

/** Who asks: nobody known, or an account whose token was verified. */
export type Caller =
  | { readonly kind: 'guest' }
  | {
      readonly kind: 'account'
      readonly accountId: string
      readonly roles: readonly Role[]
      /** Customer groups, as they were when the token was signed. */
      readonly groups: readonly string[]
      readonly sessionId: string
    }

/** A setting of a service: read from the environment at start, validated, listed by `--help`. */
export interface Setting<S extends TSchema = TSchema> {
  readonly name: `STOA_${string}`
  readonly schema: S
  readonly summary: string
}

/** Declares a setting. Its schema must carry a `default`. */
export function setting<S extends TSchema>(name: Setting['name'], schema: S, summary: string): Setting<S> {
  return { name, schema, summary }
}

/** What every handler has. */
export interface Common {
  /** Time of the process. What must not depend on one machine's clock (expiry, timers) uses `now()` in SQL. */
  readonly now: Date
  /** A new UUIDv7. */
  newId(): string
  readonly log: Log
  /** 32 bytes for one purpose of this service, derived from the shop's key file; the same on every replica. */
  secret(purpose: string): KeyObject
  setting<S extends TSchema>(setting: Setting<S>): Static<S>
}

/** The parts of a request beside its body. */
export interface RequestParts<C> {
  readonly params: C extends { params?: infer P extends TSchema } ? Static<P> : unknown
  readonly query: C extends { query?: infer Q extends TSchema } ? Static<Q> : unknown
  readonly caller: Caller
  /** Client's address, after trusted proxies. */
  readonly address: string
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Body of a route with `rawBody.as: 'bytes'`. */
  readonly bytes: Buffer
  /** Body of a route with `rawBody.as: 'stream'`. */
  readonly stream: Readable
  /** Version that `If-Match` named (without quotes), when the route asks for one. */
  readonly ifMatch: string
  /** Address of the shop as the client sees it, e.g. `http://127.0.0.1:3000`. */
  readonly origin: string
  readonly reply: Reply
}

/** What a handler may say beside its answer. Nothing is sent before the transaction has committed. */
export interface Reply {
  etag(version: string | number): void
  location(path: string): void
  header(name: string, value: string): void
  cookie(name: string, value: string, options: { maxAgeSeconds?: number; path?: string }): void
  clearCookie(name: string, options?: { path?: string }): void
  /** Names what the answer shows, of a route with `keptMs`: it may be kept until one of these is touched. Without, it is not kept. */
  shows(things: Iterable<string>): void
}

type InputOf<C> = C extends { input: infer I extends TSchema }
  ? Static<I>
  : C extends { body?: infer B extends TSchema }
    ? Static<B>
    : unknown

type RouteParts<C> = C extends { kind: 'route' } ? RequestParts<C> : unknown

/** Calls another service. Never with a transaction open: contexts with `tx` have no `call`. */
export type CallFn = <C extends Call>(contract: C, input: Static<C['input']>) => Promise<Outcome<C>>

/** Runs `work` in a transaction; what it publishes and schedules commits with its rows or not at all. A returned refusal rolls back. */
export type TransactionFn = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/** Context of `handle`: one transaction around the whole use case. */
export type TxContext<C> = Common & { readonly input: InputOf<C>; readonly tx: Tx } & RouteParts<C>
/** Context of `read`: no transaction, calls allowed. */
export type ReadContext<C> = Common & {
  readonly input: InputOf<C>
  readonly db: Db
  readonly call: CallFn
  readonly signal: AbortSignal
  /** What this service keeps for itself, to be told again until something it shows is touched. Never what is decided upon. */
  readonly kept: Kept
} & RouteParts<C>
/** Context of `orchestrate`: several short transactions with calls between them. */
export type StepsContext<C> = ReadContext<C> & {
  readonly transaction: TransactionFn
  /**
   * Ids fixed before anything happens: stored with the idempotency key in a transaction of its own, so that a retry
   * goes on with the same ones. Without a key, made anew.
   */
  fixedIds<const Name extends string>(...names: Name[]): Promise<Record<Name, string>>
  /** Whether an earlier try with the same fixed ids was cut short, having done nobody knows how much. */
  readonly triedBefore: boolean
  /** Stores `answer` for the idempotency key inside the last transaction, so that a crash after it replays the answer. */
  rememberAnswer(tx: Tx, answer: unknown): Promise<void>
}

/** Faults of a body that a schema cannot name; they are answered together with the schema's. */
export type FaultsOf = (body: unknown, context: Pick<Common, 'setting'> & { readonly caller: Caller }) => readonly FieldError[]

export interface Handler {
  readonly contract: Route | Call
  readonly faults?: FaultsOf | undefined
  readonly style: 'handle' | 'read' | 'orchestrate' | 'live'
  // biome-ignore lint/suspicious/noExplicitAny: handlers of all contracts share one list; types are checked where each is built
  readonly run: (context: any) => unknown
}

/** A use case in one transaction. A refusal or fault rolls it back; an idempotency key is stored with it. */
export function handle<C extends Route | Call>(
  contract: C,
  run: (context: TxContext<C>) => Promise<NoInfer<Outcome<C>>>,
  options: { faults?: FaultsOf } = {},
): Handler {
  return { contract, style: 'handle', run, ...options }
}

/** A question: no transaction, nothing changes. */
export function read<C extends Route | Call>(contract: C, run: (context: ReadContext<C>) => Promise<NoInfer<Outcome<C>>>): Handler {
  return { contract, style: 'read', run }
}

/** A use case that calls other services between transactions of its own. */
export function orchestrate<C extends Route | Call>(
  contract: C,
  run: (context: StepsContext<C>) => Promise<NoInfer<Outcome<C>>>,
  options: { faults?: FaultsOf } = {},
): Handler {
  return { contract, style: 'orchestrate', run, ...options }
}

/** One server-sent event. */
export interface LiveEvent {
  readonly event: string
  readonly id?: string
  readonly data: unknown
}

/** A stream of server-sent events. `signal` aborts when the client is gone. Return a refusal instead of a stream to refuse. */
export function live<C extends Route>(
  contract: C,
  run: (
    context: ReadContext<C> & { tail: TailFn; lastEventId: string | undefined },
  ) => Promise<AsyncIterable<LiveEvent> | NoInfer<Outcome<C>>>,
): Handler {
  return { contract, style: 'live', run }
}

/** An event as a consumer sees it. */
export interface Received<E extends EventContract = EventContract> {
  readonly id: string
  readonly type: string
  readonly stream: string
  readonly partition: number
  readonly seq: number
  readonly key: string
  readonly occurredAt: Date
  readonly traceparent: string | null
  readonly data: Static<E['data']>
}

/** Every new event of the given contracts and keys from now on; not durable, for live pages only. Await it before reading the present state, so that nothing falls between. */
export type TailFn = <E extends EventContract>(
  events: readonly E[],
  keys: readonly string[],
  signal: AbortSignal,
) => Promise<AsyncIterable<Received<E>>>

export interface ConsumerContext extends Common {
  readonly tx: Tx
}

export interface Consumer {
  readonly event: EventContract
  // biome-ignore lint/suspicious/noExplicitAny: as in Handler
  readonly run: (events: readonly Received<any>[], context: ConsumerContext) => Promise<void>
}

/** Reacts to each event, in order, inside the transaction that moves the position. */
export function on<E extends EventContract>(event: E, run: (event: Received<E>, context: ConsumerContext) => Promise<void>): Consumer {
  return {
    event,
    run: async (events, context) => {
      if (events.length === 1) return run(events[0] as Received<E>, context)
      for (const one of events) await withTrace(one.traceparent, () => run(one, context))
    },
  }
}

/** Reacts to a run of consecutive events of one kind at once (1–200), in order, inside the transaction that moves the position. */
export function onBatch<E extends EventContract>(
  event: E,
  run: (events: readonly Received<E>[], context: ConsumerContext) => Promise<void>,
): Consumer {
  return { event, run }
}

/** A moment that comes by the database's clock, as a row: `tx.schedule(timer, key, seconds)`. Fired once, in a transaction. */
export interface Timer {
  readonly kind: 'timer'
  readonly name: string
  readonly run: (key: string, context: ConsumerContext & { readonly data: unknown }) => Promise<void>
}

/** Declares a timer. `key` is unique per timer: scheduling it again moves it. */
export function timer(name: string, run: Timer['run']): Timer {
  return { kind: 'timer', name, run }
}

/**
 * Work that touches the outside world: a row claimed under a lease, run with no transaction open, at least once.
 * `run` ends the work by `finish(tx)` in the transaction of its effects, or returns/throws to be tried again later.
 */
export interface Worker {
  readonly kind: 'worker'
  readonly name: string
  /** Runs at once at most. */
  readonly concurrency: number
  /** Lease: another process takes over after this long. */
  readonly leaseSeconds: number
  readonly run: (
    task: Task,
    context: Common & { readonly db: Db; readonly transaction: TransactionFn; readonly call: CallFn; readonly signal: AbortSignal },
  ) => Promise<void>
}

export interface Task {
  readonly key: string
  readonly data: unknown
  /** How many times it was claimed before this one. */
  readonly attempts: number
  /** Removes the task, in the transaction of its effects. False when the lease was lost: roll back. */
  finish(tx: Tx): Promise<boolean>
  /** Leaves the task for later, in the transaction of its effects. */
  retryIn(tx: Tx, seconds: number): Promise<void>
}

/** Declares a worker; tasks are enqueued by `tx.schedule(worker, key, delaySeconds, data)`. */
export function worker(name: string, options: { concurrency: number; leaseSeconds: number }, run: Worker['run']): Worker {
  return { kind: 'worker', name, ...options, run }
}

/** Regular work, on one process at a time. */
export interface Job {
  readonly name: string
  readonly everySeconds: number
  readonly run: (
    context: Common & { readonly db: Db; readonly transaction: TransactionFn; readonly call: CallFn; readonly signal: AbortSignal },
  ) => Promise<void>
}

/** Declares regular work. */
export function job(name: string, everySeconds: number, run: Job['run']): Job {
  return { name, everySeconds, run }
}

/** What a check of the books found. `examples` names at most ten of what is broken. */
export interface CheckResult {
  readonly examined: number
  readonly broken: number
  readonly examples: readonly string[]
}

/** A check of the running shop's books, run by `npm run doctor`. */
export interface BookCheck {
  readonly name: string
  readonly run: (context: Common & { readonly db: Db; readonly call: CallFn }) => Promise<CheckResult>
}

/** Declares a check of the books (OPS11). */
export function bookCheck(name: string, run: BookCheck['run']): BookCheck {
  return { name, run }
}

/** A number that tells how a service is, measured whenever somebody looks: `stoa_service_gauge{service, name}`. */
export interface OwnGauge {
  readonly name: string
  readonly read: (context: { readonly db: Db }) => Promise<number>
}

/** Declares a gauge. Its name says the unit. */
export function gauge(name: string, read: OwnGauge['read']): OwnGauge {
  return { name, read }
}

export interface ServiceDefinition {
  readonly name: string
  /** One sentence: what this service owns. */
  readonly owns: string
  readonly routes?: readonly Handler[]
  readonly calls?: readonly Handler[]
  readonly consumers?: readonly Consumer[]
  readonly publishes?: readonly EventContract[]
  readonly timers?: readonly Timer[]
  readonly workers?: readonly Worker[]
  readonly jobs?: readonly Job[]
  readonly checks?: readonly BookCheck[]
  readonly gauges?: readonly OwnGauge[]
  readonly settings?: readonly Setting[]
  /** Run once before the service is ready, outside any transaction; must be repeatable. */
  readonly prepare?: Job['run']
  /** False while the service cannot do its work for a reason of its own. */
  readonly ready?: (context: { readonly db: Db }) => Promise<boolean>
}

/** Gathers a service's values. Names must be lower-case nouns; the folder has the same name. */
export function defineService(definition: ServiceDefinition): ServiceDefinition {
  if (!/^[a-z][a-z-]*$/.test(definition.name)) throw new Error(`service name '${definition.name}' is not a lower-case noun`)
  return definition
}
