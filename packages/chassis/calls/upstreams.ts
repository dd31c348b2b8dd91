/**
 * Requests to services in other processes over kept connections: the least busy replica first, none that is starting, draining or away,
 * and another one when nothing was sent yet or when the request may be repeated.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool, type Dispatcher } from 'undici'
import { Fault } from '../fault.ts'
import { RetryBudget } from './policy.ts'

export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: Buffer | string | NodeJS.ReadableStream | undefined
  /** How long the first byte of the answer may take. */
  readonly timeoutMs: number
  /** May reach a service twice without harm. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal
}

/** Connections to one replica at most; more requests wait in its queue. */
const CONNECTIONS_MAX = 64
const CONNECT_TIMEOUT_MS = 1000
const KEEP_ALIVE_MS = 30_000
const TRIES_MAX = 3
const LOOK_EVERY_MS = 500
const LOOK_TIMEOUT_MS = 1000

/** Errors after which nothing can have reached the other side. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])
const TOO_LATE = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

class Replica {
  readonly address: string
  readonly pool: Pool
  busy = 0
  /** Whether it takes requests, as it last said; taken for granted before it was asked. */
  serving = true

  constructor(address: string) {
    this.address = address
    this.pool = new Pool(address, {
      connections: CONNECTIONS_MAX,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      bodyTimeout: 0,
      pipelining: 1,
    })
  }

  async look(): Promise<void> {
    this.serving = await this.says('/health/serving')
  }

  /** Whether it answers 200 to a question after its health. */
  async says(path: string): Promise<boolean> {
    try {
      const { statusCode, body } = await this.pool.request({ method: 'GET', path, signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) })
      await body.dump()
      return statusCode === 200
    } catch {
      return false
    }
  }
}

interface Upstream {
  readonly replicas: readonly Replica[]
  readonly budget: RetryBudget
}

export class Upstreams {
  readonly #addressesOf: (service: string) => readonly string[]
  readonly #upstreams = new Map<string, Upstream>()
  readonly #replicas = new Map<string, Replica>()
  readonly #stop = new AbortController()
  readonly #looking: Promise<void>

  /** `addressesOf` answers the replicas of a service, each `http://host:port`. */
  constructor(addressesOf: (service: string) => readonly string[]) {
    this.#addressesOf = addressesOf
    this.#looking = this.#look()
  }

  /** Whether any replica of a service says that it is ready. */
  async isReady(service: string): Promise<boolean> {
    const said = await Promise.all(this.#upstreamOf(service).replicas.map((one) => one.says('/health/ready')))
    return said.includes(true)
  }

  /**
   * Sends a request and resolves with the beginning of its answer. Throws: `unavailable` when no replica takes it or its connection
   * broke, `deadline-exceeded` when it took too long.
   */
  async send(service: string, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    const upstream = this.#upstreamOf(service)
    upstream.budget.deposit()
    const tried = new Set<Replica>()
    for (let tries = 1; ; tries++) {
      // Tried once, a replica is asked again only where there is no other: its kept connection may have been closed under the request.
      const replica = next(upstream, tried) ?? next(upstream, new Set())
      if (!replica) throw new Fault('unavailable', `no replica of ${service} takes requests`)
      tried.add(replica)
      try {
        return await attempt(replica, request)
      } catch (error) {
        const code = codeOf(error)
        const neverSent = NEVER_SENT.has(code)
        if (neverSent) replica.serving = false
        if (tries >= TRIES_MAX || request.signal?.aborted || isSpent(request.body)) throw faultOf(service, code, error)
        const again = neverSent || (request.repeatable && !TOO_LATE.has(code) && upstream.budget.withdraw())
        if (!again) throw faultOf(service, code, error)
      }
    }
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#looking
    await Promise.all([...this.#replicas.values()].map((one) => one.pool.destroy()))
  }

  #upstreamOf(service: string): Upstream {
    const known = this.#upstreams.get(service)
    if (known) return known
    const replicas = this.#addressesOf(service).map((address) => {
      // Services that share a process share its connections.
      const replica = this.#replicas.get(address) ?? new Replica(address)
      this.#replicas.set(address, replica)
      return replica
    })
    const upstream = { replicas, budget: new RetryBudget() }
    this.#upstreams.set(service, upstream)
    return upstream
  }

  async #look(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await Promise.all([...this.#replicas.values()].map((one) => one.look()))
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {})
    }
  }
}

/** The least busy replica that serves and was not tried yet. */
function next({ replicas }: Upstream, tried: ReadonlySet<Replica>): Replica | undefined {
  const open = replicas.filter((one) => one.serving && !tried.has(one))
  return open.reduce<Replica | undefined>((best, one) => (!best || one.busy < best.busy ? one : best), undefined)
}

async function attempt(replica: Replica, request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
  const { method, path, headers, body, timeoutMs, signal } = request
  replica.busy++
  try {
    const answer = await replica.pool.request({
      method,
      path,
      headers: headers as Record<string, string | string[]>,
      body: (body ?? null) as Dispatcher.RequestOptions['body'] & string,
      headersTimeout: timeoutMs,
      ...(signal ? { signal } : {}),
    })
    answer.body.once('close', () => replica.busy--)
    return answer
  } catch (error) {
    replica.busy--
    throw error
  }
}

/** A stream cannot be sent a second time. */
function isSpent(body: UpstreamRequest['body']): boolean {
  return body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return String(code ?? cause?.code ?? '')
}

function faultOf(service: string, code: string, cause: unknown): Fault {
  return TOO_LATE.has(code)
    ? new Fault('deadline-exceeded', `${service} did not answer in time`, { cause })
    : new Fault('unavailable', `${service} cannot be reached`, { cause })
}
