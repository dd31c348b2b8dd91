/**
 * Requests handed on to services in other processes: to the least busy replica, and to another one when nothing was sent yet or when the
 * request may be repeated. A short answer is read whole before it is handed back, so that it can be asked for again if it breaks off.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { Fault } from '../fault.ts'
import { asUnreached, codeOf, httpReplicas, type HttpLine } from './http-line.ts'
import { RetryBudget } from './policy.ts'
import { Unreached, type Replicas } from './replicas.ts'

export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: Buffer | string | Readable | undefined
  /** May reach a service twice without harm. */
  readonly repeatable: boolean
  /** An upload, a download or a stream of events: begins like any other, but may then go on for long. */
  readonly lasting: boolean
  /** Ends the request, and the answer where it is a stream. */
  readonly signal: AbortSignal
}

export interface UpstreamAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Whole, or what comes as it comes. */
  readonly body: Buffer | Readable
}

/** Times a request that may be repeated is sent in all. */
const TRIES_MAX = 3
/** An answer of a known length up to this is read whole. */
const WHOLE_BYTES_MAX = 4 * 1024 * 1024
/** Statuses of answers that never have a body, nor need to tell its length. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304])
const READY_MS_MAX = 1000
/** What the sender of a request got wrong himself: no other replica would take it either. */
const MISTAKES = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'])

export class Upstreams {
  readonly #addressesOf: (service: string) => readonly string[]
  readonly #replicas: Replicas<HttpLine>
  readonly #budgets = new Map<string, RetryBudget>()

  /** `addressesOf` answers the replicas of a service, each `http://host:port`. */
  constructor(addressesOf: (service: string) => readonly string[], replicas: Replicas<HttpLine> = httpReplicas()) {
    this.#addressesOf = addressesOf
    this.#replicas = replicas
  }

  /** Whether any replica of a service says that it is ready. */
  async isReady(service: string): Promise<boolean> {
    const lines = this.#replicas.linesTo(this.#addressesOf(service))
    const said = await Promise.all(lines.map((one) => one.says('/health/ready', AbortSignal.timeout(READY_MS_MAX)).catch(() => false)))
    return said.includes(true)
  }

  /** Throws: `unavailable` when no replica takes it or its connection broke; the reason of `signal` when that ends it. */
  async send(service: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { signal, repeatable, body } = request
    const budget = this.#budgetOf(service)
    budget.deposit()
    const tried = new Set<string>()
    // A stream cannot be sent a second time.
    const mayRepeat = repeatable && (body === undefined || typeof body === 'string' || Buffer.isBuffer(body))
    const ask = (line: HttpLine, address: string) => {
      tried.add(address)
      return attempt(line, request)
    }
    for (let tries = 1; ; tries++)
      try {
        return await this.#replicas.ask({ service, addresses: this.#addressesOf(service), signal, ask, tried: new Set(tried) })
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (error instanceof Fault || MISTAKES.has(codeOf(error))) throw error
        if (!mayRepeat || tries >= TRIES_MAX || !budget.withdraw())
          throw new Fault('unavailable', `${service} broke off: ${(error as Error).message}`, { cause: error })
      }
  }

  close(): Promise<void> {
    return this.#replicas.close()
  }

  #budgetOf(service: string): RetryBudget {
    const budget = this.#budgets.get(service) ?? new RetryBudget()
    this.#budgets.set(service, budget)
    return budget
  }
}

/** Throws: `Unreached` when nothing was sent. */
async function attempt(line: HttpLine, { method, path, headers, body, lasting, signal }: UpstreamRequest): Promise<UpstreamAnswer> {
  const pool = lasting ? line.lasting : line.short
  try {
    const answer = await pool.request({ method, path, headers: headers as Record<string, string>, body: sendable(body), signal })
    const { statusCode: status, headers: told } = answer
    const isWhole = WITHOUT_BODY.has(status) || Number(told['content-length'] ?? Number.NaN) <= WHOLE_BYTES_MAX
    return { status, headers: told, body: isWhole ? Buffer.from(await answer.body.arrayBuffer()) : answer.body }
  } catch (error) {
    const found = asUnreached(error)
    throw found instanceof Unreached || !signal.aborted ? found : signal.reason
  }
}

function sendable(body: UpstreamRequest['body']): Dispatcher.DispatchOptions['body'] {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return body ?? null
  return partsOf(body) as unknown as Readable
}

/**
 * The parts of a stream, which is not touched before there is a connection to send them on: without one it can go to another replica.
 * Given up half-way, it runs out: a client that is still sending would not hear the answer.
 */
async function* partsOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false })
  } finally {
    stream.resume()
  }
}
