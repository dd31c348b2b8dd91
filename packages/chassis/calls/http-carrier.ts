/** Calls to services of other processes over HTTP: kept connections, the least busy replica, no replica twice. */
import type { KeyObject } from 'node:crypto'
import { Pool } from 'undici'
import type { Call } from '../contract.ts'
import { Fault, isFaultCode } from '../fault.ts'
import { currentTraceparent } from '../telemetry/trace.ts'
import type { CallCarrier } from './carrier.ts'
import { remainingMs } from './deadline.ts'
import { CALL_BYTES_MAX } from './desk.ts'
import type { Directory } from './directory.ts'
import { DEADLINE_HEADER } from './http-door.ts'
import { passOf } from './pass.ts'
import { Replicas, Unreached } from './replicas.ts'

/** Connections to one replica; more calls than these wait for one, within their deadline. */
const CONNECTIONS_MAX = 64
const CONNECT_MS_MAX = 1000
/** Nothing was sent, as there was no connection. */
const UNREACHED = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])
/** What stands between (an ingress, a proxy) says that the service cannot answer. */
const AWAY_STATUSES = new Set([502, 503, 504])

/** Carries calls by `POST /calls/:service/:name`. */
export class HttpCarrier implements CallCarrier {
  readonly #directory: Directory
  readonly #authorization: string
  readonly #replicas = new Replicas(
    (address) =>
      new Pool(address, {
        connections: CONNECTIONS_MAX,
        pipelining: 1,
        connect: { timeout: CONNECT_MS_MAX },
        maxResponseSize: CALL_BYTES_MAX,
        // Each call brings its own deadline.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
  )

  constructor(options: { readonly directory: Directory; readonly secret: KeyObject }) {
    this.#directory = options.directory
    this.#authorization = passOf(options.secret).header
  }

  async send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
    const body = JSON.stringify(input)
    const addresses = this.#directory.httpOf(contract.service)
    return this.#replicas.ask(contract.service, addresses, signal, (pool) => this.#ask(pool, contract, body, signal))
  }

  /** Ends all connections; calls in flight fail. */
  async close(): Promise<void> {
    await Promise.all(this.#replicas.connections().map((pool) => pool.destroy()))
  }

  async #ask(pool: Pool, contract: Call, body: string, signal: AbortSignal): Promise<unknown> {
    const traceparent = currentTraceparent()
    let status: number
    let text: string
    try {
      const response = await pool.request({
        method: 'POST',
        path: `/calls/${contract.service}/${encodeURIComponent(contract.name)}`,
        headers: {
          'content-type': 'application/json',
          authorization: this.#authorization,
          [DEADLINE_HEADER]: String(Math.max(1, Math.floor(remainingMs(contract)))),
          ...(traceparent === undefined ? {} : { traceparent }),
        },
        body,
        signal,
      })
      status = response.statusCode
      text = await response.body.text()
    } catch (error) {
      throw failureOf(contract, error, signal)
    }
    return outcomeOf(contract, status, text)
  }
}

function failureOf(contract: Call, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const { code, message } = error as { code?: string; message?: string }
  if (code !== undefined && UNREACHED.has(code)) return new Unreached(message, { cause: error })
  const tooMuch = code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  const what = tooMuch ? `answered more than ${CALL_BYTES_MAX} bytes` : `broke off: ${message}`
  return new Fault(tooMuch ? 'internal' : 'unavailable', `${contract.service}.${contract.name} ${what}`, { cause: error })
}

interface Problem {
  readonly code?: unknown
  readonly detail?: unknown
  readonly retryAfterSeconds?: unknown
}

function outcomeOf(contract: Call, status: number, text: string): unknown {
  const document = parse(text) as ({ output?: unknown; refusal?: unknown } & Problem) | undefined
  if (status === 200 && document && 'output' in document) return document.output
  if (status === 200 && document && 'refusal' in document) return document.refusal
  const asked = `${contract.service}.${contract.name}`
  if (isFaultCode(document?.code)) {
    const after = document.retryAfterSeconds
    throw new Fault(document.code, `${asked} failed: ${document.code}`, typeof after === 'number' ? { retryAfterSeconds: after } : {})
  }
  const detail = typeof document?.detail === 'string' ? document.detail : 'not as a service of ours does'
  throw new Fault(AWAY_STATUSES.has(status) ? 'unavailable' : 'internal', `${asked} was answered with ${status}: ${detail}`)
}

function parse(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null ? document : undefined
  } catch {
    return undefined
  }
}
