/** Doors of services in other processes: admitted here like any door, then passed on to a replica and its answer passed back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Route } from '../contract.ts'
import type { Upstreams } from '../calls/upstreams.ts'
import { currentTraceparent } from '../telemetry/trace.ts'
import { admission, gateOf } from './mount.ts'
import type { ServerOptions, StoaServer } from './server-options.ts'

/** How long a service may take to begin its answer. */
const REST_MS = 5000
/** A file may have to be taken in whole before there is an answer. */
const UPLOAD_MS = 120_000
const BODY_BYTES_MAX = 1_048_576

/** Headers of one connection; they end with it (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])
/** What a client says of itself here is replaced by what is known of it. */
const OURS = new Set(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'traceparent', 'content-length', 'host'])
/** Said of each answer by this server itself. */
const SAID_HERE = new Set(['x-request-id', 'date', 'strict-transport-security', 'vary'])

/** Doors of one service, and how it is reached. */
interface Passage {
  readonly app: StoaServer
  readonly service: string
  readonly options: ServerOptions
  readonly upstreams: Upstreams
}

/** Mounts the doors of a service below `/api`. Answers those mounted. */
export function forwardService(passage: Passage, contracts: readonly Route[]): Route[] {
  const mounted = contracts.filter((one) => !one.demoOnly || passage.options.demo)
  // Nothing is understood on the way: the service does that. A small body is taken whole, so that it can be sent to another replica.
  passage.app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    for (const contract of mounted) if (contract.rawBody?.as !== 'stream') forwardRoute(scope, passage, contract)
  })
  passage.app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const contract of mounted) if (contract.rawBody?.as === 'stream') forwardRoute(scope, passage, contract)
  })
  return mounted
}

function forwardRoute(scope: FastifyInstance, { app, service, options, upstreams }: Passage, contract: Route): void {
  const gate = gateOf(app, contract.class)
  const onRequest = admission(app, contract, options)
  const isLive = contract.answers === 'text/event-stream'
  const pass = (request: FastifyRequest, reply: FastifyReply) => forward(contract, service, upstreams, request, reply)
  for (const path of [contract.path, ...(contract.aliases ?? [])])
    scope.route({
      method: contract.method,
      url: `/api${path.replace(/\{(\w+)\}/g, ':$1')}`,
      config: { service },
      bodyLimit: contract.rawBody?.maxBytes ?? contract.bodyBytesMax ?? BODY_BYTES_MAX,
      onRequest,
      handler: isLive ? pass : (request, reply) => gate.run(() => pass(request, reply)),
    })
}

async function forward(
  contract: Route,
  service: string,
  upstreams: Upstreams,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const key = contract.idempotencyKey !== undefined && request.headers['idempotency-key'] !== undefined
  const answer = await upstreams.send(service, {
    method: contract.method,
    path: request.raw.url as string,
    headers: headersFor(request),
    body: request.body as Buffer | NodeJS.ReadableStream | undefined,
    timeoutMs: contract.rawBody ? UPLOAD_MS : REST_MS,
    repeatable: contract.method === 'GET' || key,
    signal: gone.signal,
  })
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !HOP_BY_HOP.has(name) && !SAID_HERE.has(name)) reply.header(name, value)
  return reply.code(answer.statusCode).send(answer.body)
}

function headersFor(request: FastifyRequest): Record<string, string | string[]> {
  const kept = Object.entries(request.headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !OURS.has(entry[0]),
  )
  const traceparent = currentTraceparent()
  return {
    ...Object.fromEntries(kept),
    host: request.host,
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
    ...(traceparent ? { traceparent } : {}),
  }
}
