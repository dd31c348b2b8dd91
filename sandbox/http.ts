import { timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

const BODY_BYTES_MAX = 65_536
// A peer that stalls must not hold a connection for ever.
const REQUEST_MS_MAX = 15_000

/** A refusal, answered as a problem document. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

/** Thrown by a handler whose answer must be lost: `reset` breaks the connection, `silence` never answers. */
export class LostAnswer extends Error {
  readonly manner: 'reset' | 'silence'
  constructor(manner: 'reset' | 'silence') {
    super(`the answer is lost (${manner})`)
    this.manner = manner
  }
}

export interface Call {
  method: string
  path: string
  params: Record<string, string>
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
}

export interface Answer {
  status: number
  headers?: Record<string, string>
  json?: unknown
  html?: string
}

export interface Route {
  method: 'GET' | 'POST'
  /** A path with `:name` parts. */
  path: string
  /** `secret`: the bearer of the shared secret; `public`: anybody on the loopback. */
  access: 'secret' | 'public'
  answer(call: Call): Answer | Promise<Answer>
}

export interface HttpOptions {
  routes: Route[]
  secret: string
  silenceMs: number
  /** Runs before every route; may throw to break or lose the call. */
  before(call: Call): void
}

/** The HTTP door: routing, the secret, bodies, problems, and answers that get lost on purpose. */
export function makeHttpServer(options: HttpOptions): Server {
  const server = createServer((request, response) => {
    void serve(request, response, options)
  })
  server.requestTimeout = REQUEST_MS_MAX
  server.headersTimeout = REQUEST_MS_MAX
  server.keepAliveTimeout = 5000
  return server
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  try {
    const call = await readCall(request)
    const route = findRoute(options.routes, call)
    if (route.access === 'secret' && !bearerIs(call, options.secret)) throw new Refusal(401, 'unauthenticated', 'The bearer key is wrong.')
    options.before(call)
    send(response, await route.answer(call))
  } catch (error) {
    if (error instanceof LostAnswer) return lose(response, error.manner, options.silenceMs)
    if (error instanceof Refusal) return send(response, problem(error.status, error.code, error.message))
    process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : String(error)}\n`)
    send(response, problem(500, 'internal', 'The sandbox failed.'))
  }
}

function lose(response: ServerResponse, manner: 'reset' | 'silence', silenceMs: number): void {
  const end = () => void response.socket?.destroy()
  if (manner === 'reset') return end()
  const timer = setTimeout(end, silenceMs)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || response.headersSent) return
  const type =
    answer.html === undefined ? (answer.status >= 400 ? 'application/problem+json' : 'application/json') : 'text/html; charset=utf-8'
  const body = answer.html ?? (answer.json === undefined ? '' : JSON.stringify(answer.json))
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...answer.headers,
  })
  response.end(body)
}

/** A problem document (RFC 9457). */
export function problem(status: number, code: string, detail: string): Answer {
  return { status, json: { type: `urn:sandbox:problem:${code}`, title: code, status, code, detail } }
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://sandbox')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) throw new Refusal(413, 'body-too-large', `A body has at most ${BODY_BYTES_MAX} bytes.`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString('utf8')
  return { method: request.method ?? 'GET', path: url.pathname, params: {}, query: url.searchParams, headers: request.headers, body }
}

function findRoute(routes: Route[], call: Call): Route {
  let otherMethod = false
  for (const route of routes) {
    const params = matchPath(route.path, call.path)
    if (!params) continue
    if (route.method !== call.method) {
      otherMethod = true
      continue
    }
    call.params = params
    return route
  }
  if (otherMethod) throw new Refusal(405, 'method-not-allowed', `${call.path} does not take ${call.method}.`)
  throw new Refusal(404, 'not-found', `There is nothing at ${call.path}.`)
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) {
      try {
        params[part.slice(1)] = decodeURIComponent(value)
      } catch {
        return undefined
      }
    } else if (part !== value) return undefined
  }
  return params
}

function bearerIs(call: Call, secret: string): boolean {
  const given = Buffer.from(call.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${secret}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
