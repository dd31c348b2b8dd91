/** The line to OpenSearch: kept connections, a deadline for each request, a bounded queue, and a breaker that stops asking a server that is away. */
import {
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel'
import { Pool } from 'undici'
import { Fault } from '@stoa/chassis/fault.ts'

const CONNECTIONS_MAX = 32
const WAITING_MAX = 128
const CONNECT_MS_MAX = 1000
/** A question of a shopper. */
const READ_MS_MAX = 2000
/** A batch of products, or an index to be made. */
const WRITE_MS_MAX = 20_000
const FAULTS_BEFORE_OPEN = 5
const HALF_OPEN_AFTER_MS = 1000
/** A wrong password is no fault of the question. */
const REFUSES_US: readonly number[] = [401, 403]

/** What came back, whatever the status, unless OpenSearch was away. */
export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are read where their shape is known
  readonly body: any
}

export interface Line {
  /** A question: told once more when the connection broke. Throws: `unavailable`, or what OpenSearch has against it. */
  read(path: string, body: object): Promise<Reply>
  /** A change, told once. Lines of a bulk are given as text. Throws: `unavailable`. */
  write(method: 'PUT' | 'POST' | 'DELETE' | 'GET', path: string, body?: object | string, signal?: AbortSignal): Promise<Reply>
  /** False while nobody is asked, since it was away just now. */
  readonly isOpen: boolean
}

/** It did not answer, or has too much to do: passes by itself. */
class Away extends Error {}
/** The connection broke: on another one it may answer at once. */
class Broken extends Away {}

/** Opens a line. `url` may hold a user and a password. `onAway` hears why the server is not asked, and without a reason when it is again. */
export function openLine(url: string, onAway: (why?: string) => void): Line {
  const { origin, username, password, pathname } = new URL(url)
  const prefix = pathname.replace(/\/$/, '')
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const authorization = username === '' ? {} : { authorization: `Basic ${login}` }
  const pool = new Pool(origin, {
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: 4000,
    connect: { timeout: CONNECT_MS_MAX },
  })
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof Away),
    { halfOpenAfter: HALF_OPEN_AFTER_MS, breaker: new ConsecutiveBreaker(FAULTS_BEFORE_OPEN) },
  )
  breaker.onBreak((reason) => onAway('error' in reason ? String(reason.error) : 'it was told not to be asked'))
  breaker.onReset(() => onAway())
  const places = bulkhead(CONNECTIONS_MAX, WAITING_MAX)
  const send = async (method: string, path: string, body: object | string | undefined, signal: AbortSignal): Promise<Reply> => {
    const isBulk = typeof body === 'string'
    const headers = { ...authorization, ...(body === undefined ? {} : { 'content-type': `application/${isBulk ? 'x-ndjson' : 'json'}` }) }
    const text = body === undefined ? null : isBulk ? body : JSON.stringify(body)
    const response = await pool.request({ method, path: `${prefix}${path}`, headers, body: text, signal }).catch(asBroken)
    const reply = { status: response.statusCode, body: (await response.body.json().catch(asBroken)) as unknown }
    if (isAwayStatus(reply.status) || REFUSES_US.includes(reply.status)) throw new Away(`OpenSearch answered ${reply.status}`)
    return reply
  }
  const guarded = (method: string, path: string, body: object | string | undefined, ms: number, outer?: AbortSignal) => {
    const signal = outer ? AbortSignal.any([outer, AbortSignal.timeout(ms)]) : AbortSignal.timeout(ms)
    return { signal, run: () => places.execute(() => breaker.execute(() => send(method, path, body, signal))) }
  }
  return {
    read: async (path, body) => {
      const { signal, run } = guarded('POST', path, body, READ_MS_MAX)
      const reply = await run()
        .catch((error: unknown) => (error instanceof Broken && !signal.aborted ? run() : Promise.reject(error as Error)))
        .catch(asFault)
      return reply
    },
    write: (method, path, body, signal) => guarded(method, path, body, WRITE_MS_MAX, signal).run().catch(asFault),
    get isOpen() {
      return breaker.state !== CircuitState.Open
    },
  }
}

/** Statuses of a whole answer, or of one line of a bulk, that pass by themselves. */
export function isAwayStatus(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504
}

function asBroken(error: unknown): never {
  throw new Broken(`OpenSearch did not answer: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}

function asFault(error: unknown): never {
  if (error instanceof BulkheadRejectedError) throw new Fault('overloaded', 'too many questions wait for OpenSearch', { cause: error })
  if (error instanceof Away || error instanceof BrokenCircuitError)
    throw new Fault('unavailable', error instanceof Away ? error.message : 'OpenSearch is not asked for the moment', { cause: error })
  throw error
}
