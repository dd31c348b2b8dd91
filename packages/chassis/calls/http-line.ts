/** Kept HTTP connections to one replica. What lasts has connections of its own, so that it never keeps short requests waiting. */
import { Pool } from 'undici'
import { CALL_BYTES_MAX } from './desk.ts'
import { Replicas, Unreached, type Line } from './replicas.ts'

/** Short requests under way to one replica; more wait for one of these connections, within their time. */
const CONNECTIONS_MAX = 64
/** Uploads, downloads and streams of events under way to one replica. */
const LASTING_MAX = 4096
const CONNECT_MS_MAX = 1000
/** Less than a server keeps a connection (72 s), so that no request goes into one that is closing. */
const KEEP_ALIVE_MS = 30_000
/** How long the next part of an answer may take: a stream of events beats every 15 s. */
const SILENCE_MS_MAX = 45_000

/** Nothing was sent, as there was no connection. */
const UNREACHED = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** The connections to one replica. */
export class HttpLine implements Line {
  readonly calls: Pool
  readonly short: Pool
  readonly lasting: Pool
  readonly #health: Pool

  constructor(address: string) {
    const open = (connections: number, more: Pool.Options = {}) =>
      new Pool(address, {
        connections,
        pipelining: 1,
        connect: { timeout: CONNECT_MS_MAX },
        keepAliveTimeout: KEEP_ALIVE_MS,
        keepAliveMaxTimeout: KEEP_ALIVE_MS,
        // Each request brings its own time.
        headersTimeout: 0,
        bodyTimeout: 0,
        ...more,
      })
    this.calls = open(CONNECTIONS_MAX, { maxResponseSize: CALL_BYTES_MAX })
    this.short = open(CONNECTIONS_MAX)
    this.lasting = open(LASTING_MAX, { bodyTimeout: SILENCE_MS_MAX })
    // A look must not wait until a service has found out whether it is ready.
    this.#health = open(2)
  }

  async look(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.says('/health/serving', signal)
    } catch (error) {
      throw asUnreached(error)
    }
  }

  /** Whether it answers 200 to a question after its health. Throws: when it does not answer. */
  async says(path: string, signal: AbortSignal): Promise<boolean> {
    const { statusCode, body } = await this.#health.request({ method: 'GET', path, signal })
    await body.dump()
    return statusCode === 200
  }

  async close(): Promise<void> {
    await Promise.all([this.calls, this.short, this.lasting, this.#health].map((pool) => pool.destroy()))
  }
}

/** Replicas that are reached by HTTP, at addresses `http://host:port`. */
export function httpReplicas(): Replicas<HttpLine> {
  return new Replicas((address) => new HttpLine(address))
}

/** `Unreached` in the place of an error after which nothing can have been sent; else the error itself. */
export function asUnreached(error: unknown): unknown {
  return UNREACHED.has(codeOf(error)) ? new Unreached((error as Error).message, { cause: error }) : error
}

/** The code of an error of a connection, or of what caused it. */
export function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return String(code ?? cause?.code ?? '')
}
