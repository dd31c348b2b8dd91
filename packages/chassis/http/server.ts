/** The HTTP server: doors of services as Fastify routes, checked in the order api.md fixes. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit, { type FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Route } from '../contract.ts'
import { asFault } from '../fault.ts'
import type { ServiceRuntime } from '../runtime/service-runtime.ts'
import type { Log } from '../telemetry/log.ts'
import { currentTraceId, withTrace } from '../telemetry/trace.ts'
import { mountRoute } from './mount.ts'
import { problem, problemOfFault, sendProblem } from './problems.ts'
import { sharedCounts } from './shared-counts.ts'
import type { ServerOptions, StoaServer } from './server-options.ts'

const BODY_BYTES_MAX = 1_048_576
const HEADER_SECONDS_MAX = 15
const REQUEST_SECONDS_MAX = 30
/** How long a server that ends waits for the first word on a connection. */
const SILENT_MS_MAX = 500
/** Browsers ask again after this long whether another origin may. */
const PREFLIGHT_SECONDS = 600
/** Addresses and accounts whose requests are counted at once, per class. */
const COUNTED_MAX = 20_000

/** A host name or address, perhaps with a port. */
const HOST = /^(?:[\w.~-]*|\[[\da-fA-F:.]+\])(?::\d{0,5})?$/

/** Makes the server of a process, with no doors yet. */
export async function createServer(options: ServerOptions): Promise<StoaServer> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_SECONDS_MAX * 1000,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    maxRequestsPerSocket: 0,
    // What still comes in on a kept connection while the server ends is answered like any other.
    return503OnClosing: false,
    http: { headersTimeout: HEADER_SECONDS_MAX * 1000 },
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    genReqId: () => '',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 500, querystringParser: parseQuery },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'ignore',
    frameworkErrors: (error, request, reply) => withTrace(null, () => sendUnrouted(error, request, reply)),
    clientErrorHandler: sendClientError,
    rewriteUrl: (request) => rewrite(request.url ?? '/', request.headers.host, options.apiHost),
  })
  app.removeContentTypeParser('text/plain')
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], styleSrc: ["'self'"], imgSrc: ["'self'", 'data:'] },
    },
    crossOriginResourcePolicy: { policy: 'same-site' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: 31_536_000 },
  })
  await app.register(cors, {
    origin: true,
    credentials: false,
    // OPTIONS that asks for no other origin's sake is not refused: that answer would be no problem document.
    strictPreflight: false,
    // Left alone, the plugin lets other origins only read and post.
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: PREFLIGHT_SECONDS,
    exposedHeaders: ['ETag', 'Location', 'Idempotent-Replayed', 'Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  })
  if (options.rateLimits) await registerLimits(app, options)
  endSilentConnections(app)
  traceRequests(app)
  recordRequests(app, options)
  app.addHook('onRequest', async (request, reply) => {
    if (!HOST.test(request.host)) return sendProblem(reply, problem(400, 'invalid-request', request.id, { detail: 'Host names no host.' }))
  })
  app.setErrorHandler((error, request, reply) => sendError(error as Error, request, reply, options.log))
  return app
}

/** Counts of requests: in this process, or in Redis for all replicas together. */
async function registerLimits(app: StoaServer, { redis }: ServerOptions): Promise<void> {
  const counts = redis ? { store: sharedCounts(redis) as unknown as FastifyRateLimitStoreCtor } : { cache: COUNTED_MAX }
  await app.register(rateLimit, { global: false, ...counts })
}

/** Mounts a service's routes below `/api`. Answers the doors, for 405 and the API document. */
export function mountService(app: StoaServer, service: ServiceRuntime, options: ServerOptions): Route[] {
  const mounted: Route[] = []
  for (const handler of service.definition.routes ?? []) {
    const contract = handler.contract as Route
    if (contract.demoOnly && !options.demo) continue
    mountRoute(app, service, handler, options)
    mounted.push(contract)
  }
  return mounted
}

/** Answers for paths below `/api` that no door takes: 405 where another method would do, else 404. */
export function apiNotFound(doors: readonly Route[]): (request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  const shapes = doors.flatMap((one) =>
    [one.path, ...(one.aliases ?? [])].map((path) => ({
      method: one.method,
      shape: new RegExp(`^/api${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
    })),
  )
  return (request, reply) => {
    const path = request.url.split('?')[0] as string
    const methods = [...new Set(shapes.filter((one) => one.shape.test(path)).map((one) => one.method))]
    // A known path by its own method comes here when a part of it is longer than any name.
    if (methods.length === 0 || methods.includes(request.method as Route['method']))
      return sendProblem(reply, problem(404, 'not-found', currentTraceId() ?? ''))
    reply.header('allow', methods.join(', '))
    return sendProblem(reply, problem(405, 'method-not-allowed', currentTraceId() ?? ''))
  }
}

/**
 * A connection on which nothing was ever asked counts as busy for Node, and keeps a server from ending until its time is up. Browsers
 * open such ones in advance.
 */
function endSilentConnections(app: StoaServer): void {
  const silent = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  app.server.on('request', (request) => silent.delete(request.socket))
  app.addHook('preClose', async () => {
    const later = setTimeout(() => {
      for (const socket of silent) socket.destroy()
    }, SILENT_MS_MAX)
    later.unref()
  })
}

function traceRequests(app: StoaServer): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const given = request.headers.traceparent
    withTrace(typeof given === 'string' ? given : null, () => {
      ;(request as { id: string }).id = currentTraceId() as string
      done()
    })
  })
}

function recordRequests(app: StoaServer, options: ServerOptions): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id)
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const seconds = reply.elapsedTime / 1000
    const service = request.routeOptions.config.service ?? 'gateway'
    options.metrics.requests.observe({ service, method: request.method, route, status: String(reply.statusCode) }, seconds)
    // Asked twice a second by every neighbour.
    if (request.routeOptions.config.quiet) return done()
    options.log.info(
      {
        method: request.method,
        // Its serializer removes what must not be logged, and only when the line is written.
        url: request.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        service,
        // The answer may have left outside of its trace.
        traceId: request.id,
      },
      'request',
    )
    done()
  })
}

function rewrite(url: string, host: string | undefined, apiHost: string): string {
  if (apiHost === '' || host?.split(':')[0] !== apiHost || url.startsWith('/api/')) return url
  return `/api${url}`
}

const BY_CODE: Readonly<Record<string, readonly [number, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'invalid-json'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'invalid-json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'invalid-json'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'payload-too-large'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported-media-type'],
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'header-too-large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request-timeout'],
}

/** The one place where errors become answers. No stack, SQL or path leaves the server. */
export function sendError(
  error: Error & { code?: string; statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const known = BY_CODE[error.code ?? '']
  if (known) {
    readOut(request, reply)
    return sendProblem(reply, problem(known[0], known[1], request.id))
  }
  if (error instanceof SyntaxError && error.statusCode === 400) return sendProblem(reply, problem(400, 'invalid-json', request.id))
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return sendProblem(reply, problem(error.statusCode, 'invalid-request', request.id))
  const fault = asFault(error)
  log[fault.code === 'internal' ? 'error' : 'warn']({ traceId: request.id, route: request.routeOptions.url, error }, 'a request failed')
  const document = problemOfFault(fault, request.id)
  if (document.status === 503) reply.header('retry-after', fault.retryAfterSeconds)
  return sendProblem(reply, document)
}

/**
 * Lets a refused body run out. Hung up on while still sending, the client would lose the answer with the connection; the time a
 * request may take is the bound.
 */
function readOut(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection')
  request.raw.resume()
}

/** A request whose address cannot be read, or has a part longer than any name: it never reaches a door. */
function sendUnrouted(error: { code?: string; statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): void {
  const requestId = currentTraceId() as string
  reply.header('x-request-id', requestId)
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') return void sendProblem(reply, problem(404, 'not-found', requestId))
  const document = problem(error.statusCode ?? 400, 'invalid-request', requestId, { detail: 'The address cannot be read.' })
  void sendProblem(reply, document)
}

/** What is no HTTP, or too much or too slow: there is no request yet, only a socket. */
function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, code] = CLIENT_ERRORS[error.code ?? ''] ?? ([400, 'invalid-request'] as const)
  const requestId = withTrace(null, () => currentTraceId() as string)
  const body = JSON.stringify(problem(status, code, requestId, { detail: 'The request is not HTTP as it is spoken here.' }))
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
    )
  socket.destroy(error)
}

/** Repeated names become arrays; a name without `=` is the empty text. */
function parseQuery(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    const before = found[name]
    found[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return found
}
