/** A service at work: its database, doors, streams, timers, workers and jobs. */
import type { KeyObject } from 'node:crypto'
import { newId } from '@stoa/kit/ids.ts'
import type { Static, TSchema } from 'typebox'
import type { Keeper } from '../cache/keeper.ts'
import { Kept } from '../cache/kept.ts'
import { touchedBy } from '../contract.ts'
import type { Database } from '../database/database.ts'
import { StreamReader } from '../events/consume.ts'
import type { StreamSource } from '../events/ports.ts'
import { openStreams, PostgresConsumerStore, PostgresSequencer } from '../events/postgres-streams.ts'
import { received, startReaders } from './readers.ts'
import type { KafkaCarrier } from '../kafka/carrier.ts'
import { isTransient } from '../fault.ts'
import { PostgresMoments } from '../moments/postgres-moments.ts'
import { deriveSecret } from '../secrets.ts'
import type { BookCheck, CallFn, CheckResult, Common, Consumer, Handler, ServiceDefinition, Setting, TailFn } from '../service.ts'
import type { Signals } from '../signals.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { withTraces } from '../telemetry/trace.ts'
import type { Tx } from '../database/sql.ts'
import type { Environment } from './environment.ts'
import { executeCall, resumeAbandoned, type Execution } from './execute.ts'
import { HeldKeys } from './held-keys.ts'
import { startJobs, startMoments } from './housekeeping.ts'
import { runLoop } from './loops.ts'
import { PLATFORM_DOORS } from './platform-doors.ts'
import { ALONE, BEAT_MS, Replica, type Share } from '../events/share.ts'
import { startPublishing } from './publishing.ts'

export interface RuntimeParts {
  readonly definition: ServiceDefinition
  readonly database: Database
  readonly environment: Environment
  readonly rootSecret: Buffer
  readonly signals: Signals
  readonly log: Log
  readonly metrics: Metrics
  readonly call: CallFn
  readonly tail: TailFn
  /** Where another service's stream is read from; undefined while nobody publishes it here. */
  readonly sourceOf: (stream: string) => StreamSource | undefined
  /** Other processes may run the same service: partitions are shared with them, and they are told of new events. */
  readonly replicated: boolean
  /** Keeps answers; without it each is made anew. */
  readonly keeper?: Keeper
  /** Copies what this service publishes to Kafka; streams stay in the database otherwise. */
  readonly kafka?: KafkaCarrier
}

export type ServiceState = 'starting' | 'ready' | 'stopping' | 'failed'

const SEQUENCE_MAX = 500
const SEQUENCER_REST_MS = 5000
/** Where many processes share the work each has little at a time, and a transaction costs about the same for one event as for many. */
const SEQUENCER_GATHER_MS = 80

export class ServiceRuntime implements Execution {
  readonly parts: RuntimeParts
  readonly service: string
  readonly database: Database
  readonly call: CallFn
  readonly tail: TailFn
  readonly keySecret: KeyObject
  readonly heldKeys: HeldKeys
  readonly kept: Kept
  /** Answers for anybody at this service's doors. */
  readonly keptAnswers: Kept
  state: ServiceState = 'starting'
  readonly readers = new Map<string, StreamReader<Tx>>()
  readonly #stop = new AbortController()
  readonly #loops: Promise<void>[] = []
  readonly #secrets = new Map<string, KeyObject>()
  readonly #callHandlers: ReadonlyMap<string, Handler>
  readonly #replica: Replica | undefined

  constructor(parts: RuntimeParts) {
    this.parts = parts
    this.service = parts.definition.name
    this.database = parts.database
    this.call = parts.call
    this.tail = parts.tail
    this.kept = new Kept(parts.keeper, { service: this.service, space: 'own' }, parts.metrics)
    this.keptAnswers = new Kept(parts.keeper, { service: this.service, space: 'doors' }, parts.metrics)
    parts.kafka?.learn([parts.definition])
    this.keySecret = deriveSecret(parts.rootSecret, this.service, 'idempotency-keys')
    this.heldKeys = new HeldKeys(parts.database)
    this.#replica = parts.replicated ? new Replica(parts.database, newId()) : undefined
    this.#callHandlers = new Map((parts.definition.calls ?? []).map((one) => [one.contract.kind === 'call' ? one.contract.name : '', one]))
  }

  get definition(): ServiceDefinition {
    return this.parts.definition
  }

  get stopSignal(): AbortSignal {
    return this.#stop.signal
  }

  /** What every handler is given. */
  common(): Common {
    return { now: new Date(), newId, log: this.parts.log, secret: this.#secret, setting: this.#setting }
  }

  readonly #secret = (purpose: string): KeyObject => {
    let secret = this.#secrets.get(purpose)
    if (!secret) {
      secret = deriveSecret(this.parts.rootSecret, this.service, purpose)
      this.#secrets.set(purpose, secret)
    }
    return secret
  }

  readonly #setting = <S extends TSchema>(setting: Setting<S>): Static<S> => this.parts.environment.get(setting)

  /** Answers a call from another service. Throws: when this service has no such door. */
  answerCall(name: string, input: unknown, signal: AbortSignal): Promise<unknown> {
    if (name.startsWith('chassis:'))
      return (PLATFORM_DOORS[name.slice('chassis:'.length)] as (service: ServiceRuntime, input: never) => Promise<unknown>)(
        this,
        input as never,
      )
    const handler = this.#callHandlers.get(name)
    if (!handler) return Promise.reject(new Error(`${this.service} has no call '${name}'`))
    return executeCall(this, handler, input, signal)
  }

  /** Starts streams: others can read what this service published, whether it is ready or not. */
  async open(): Promise<void> {
    const streams = this.#published()
    if (streams.length === 0) return
    await openStreams(this.database, streams)
    this.#loops.push(this.#sequence())
    if (this.parts.kafka) this.#loops.push(...startPublishing(this, this.parts.kafka, (stream, part) => this.share.has(stream, part)))
  }

  /** Partitions of its streams that this process works. */
  get share(): Share {
    return this.#replica?.share ?? ALONE
  }

  /** Starts the loops, prepares, and becomes ready. */
  async start(): Promise<void> {
    if (this.#replica) this.#loops.push(this.#beat(this.#replica))
    this.#loops.push(...startReaders(this), ...startMoments(this), ...startJobs(this))
    try {
      await this.definition.prepare?.({
        ...this.common(),
        db: this.database,
        transaction: this.database.retriedTransaction.bind(this.database),
        call: this.call,
        signal: this.#stop.signal,
      })
      this.state = 'ready'
    } catch (error) {
      this.state = 'failed'
      throw error
    }
  }

  /** Whether this service can do its work. */
  async ready(): Promise<boolean> {
    if (this.state !== 'ready') return false
    if ([...this.readers.keys()].some((stream) => this.halted.has(stream))) return false
    return (await this.definition.ready?.({ db: this.database })) ?? true
  }

  /** Streams this service stands still on, with the reason. */
  readonly halted = new Map<string, string>()

  /** Makes the reader of one stream, for the loops and for replaying parked events. */
  readerOf(stream: string, source: StreamSource): StreamReader<Tx> {
    const consumers = (this.definition.consumers ?? []).filter((one) => one.event.topic === stream)
    const byType = new Map(consumers.map((one) => [one.event.name, one]))
    if (byType.size !== consumers.length) throw new Error(`${this.service} has two consumers of one event of ${stream}`)
    const reader = new StreamReader<Tx>({
      consumer: this.service,
      source,
      store: new PostgresConsumerStore(this.database),
      types: new Set(byType.keys()),
      isTransient,
      share: () => this.share,
      apply: (type, records, tx) =>
        withTraces(records, () => {
          const { event, run } = byType.get(type) as Consumer
          // What is made of an event here is another thing than what was told: it is touched again.
          tx.touch(records.flatMap(({ data }) => touchedBy(event, data)))
          return run(records.map(received), { ...this.common(), tx })
        }),
    })
    this.readers.set(stream, reader)
    return reader
  }

  /** Keeps its place among the replicas; whoever reads looks at once at what became his. */
  #beat(replica: Replica): Promise<void> {
    const { signals, log } = this.parts
    const streams = new Set([...(this.definition.consumers ?? []).map((one) => one.event.topic), ...this.#published()])
    return runLoop({
      name: `${this.service}.replicas`,
      signals,
      wakeUp: `replicas:${this.service}`,
      stop: this.#stop.signal,
      log,
      step: async () => {
        if (await replica.beat()) for (const stream of streams) signals.raise(`stream:${stream}`)
        return BEAT_MS
      },
    }).then(() => replica.leave().catch(() => {}))
  }

  #published(): string[] {
    return [...new Set((this.definition.publishes ?? []).map((one) => one.topic))]
  }

  #sequence(): Promise<void> {
    const { signals, log, metrics } = this.parts
    const sequencer = new PostgresSequencer(this.database, { announces: this.parts.replicated })
    return runLoop({
      name: `${this.service}.sequencer`,
      signals,
      wakeUp: `outbox:${this.service}`,
      stop: this.#stop.signal,
      log,
      step: async () => {
        const { moved, streams } = await sequencer.sequence(SEQUENCE_MAX)
        for (const stream of streams) signals.raise(`stream:${stream}`)
        if (moved > 0) metrics.sequenced.inc({ service: this.service }, moved)
        return moved >= SEQUENCE_MAX ? 0 : SEQUENCER_REST_MS
      },
      gatherMs: this.parts.replicated ? SEQUENCER_GATHER_MS : 0,
    })
  }

  /** Takes up requests whose process died. */
  resumeAbandoned(): Promise<number> {
    return resumeAbandoned(this, this.definition.routes ?? [], this.#stop.signal)
  }

  runCheck(check: BookCheck): Promise<CheckResult> {
    return check.run({ ...this.common(), db: this.database, call: this.call })
  }

  moments(): PostgresMoments {
    return new PostgresMoments(this.database)
  }

  /** Ends loops at their next boundary; the database stays open for requests in flight until `close`. */
  async stop(): Promise<void> {
    this.state = 'stopping'
    this.#stop.abort()
    await Promise.allSettled(this.#loops)
  }

  async close(): Promise<void> {
    await this.database.close()
  }
}
