/** Calls to services of other processes over HTTP: kept connections, the least busy replica, no replica twice. */
import type { KeyObject } from 'node:crypto'
import type { Pool } from 'undici'
import type { Call } from '../contract.ts'
import { Fault, isFaultCode } from '../fault.ts'
import { currentTraceparent } from '../telemetry/trace.ts'
import type { CallCarrier } from './carrier.ts'
import { remainingMs } from './deadline.ts'
import { CALL_BYTES_MAX } from './desk.ts'
import type { Directory } from './directory.ts'
import { DEADLINE_HEADER } from './http-door.ts'
import { asUnreached, codeOf, httpReplicas, type HttpLine } from './http-line.ts'
import { passOf } from './pass.ts'
import { Unreached, type Replicas } from './replicas.ts'

/** What stands between (an ingress, a proxy) says that the service cannot answer. */
const AWAY_STATUSES = new Set([502, 503, 504])

/** Carries calls by `POST /calls/:service/:name`. */
export class HttpCarrier implements CallCarrier {
  readonly #directory: Directory
  readonly #authorization: string
  readonly #replicas: Replicas<HttpLine>
  readonly #shares: boolean

  /** `replicas`: shared with others who ask the same services, and closed by them. */
  constructor(options: { readonly directory: Directory; readonly secret: KeyObject; readonly replicas?: Replicas<HttpLine> }) {
    this.#directory = options.directory
    this.#authorization = passOf(options.secret).header
    this.#replicas = options.replicas ?? httpReplicas()
    this.#shares = options.replicas !== undefined
  }

  async send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
    const body = JSON.stringify(input)
    const addresses = this.#directory.httpOf(contract.service)
    const ask = ({ calls }: HttpLine) => this.#ask(calls, contract, body, signal)
    return this.#replicas.ask({ service: contract.service, addresses, signal, ask })
  }

  /** Ends its connections; calls in flight fail. */
  async close(): Promise<void> {
    if (!this.#shares) await this.#replicas.close()
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
  const found = asUnreached(error)
  if (found instanceof Unreached) return found
  const tooMuch = codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
  const what = tooMuch ? `answered more than ${CALL_BYTES_MAX} bytes` : `broke off: ${(error as Error).message}`
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
