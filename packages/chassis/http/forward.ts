/** Doors of services in other processes: admitted here like any door, then passed on to a replica and its answer passed back. */
import { PassThrough, type Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clockOf } from '../calls/deadline.ts'
import type { UpstreamAnswer, Upstreams } from '../calls/upstreams.ts'
import type { Route } from '../contract.ts'
import { Fault } from '../fault.ts'
import type { Gate } from '../runtime/loops.ts'
import { currentTraceparent } from '../telemetry/trace.ts'
import { endToEnd } from './end-to-end.ts'
import { admission, doorOptions, doorPaths, gateOf, takeUnread } from './mount.ts'
import type { ServerOptions, StoaServer } from './server-options.ts'

const ANSWER_MS = 5000
/** A file may have to be taken in whole before there is an answer. */
const UPLOAD_MS = 120_000
/** What is logged of a request whose client left before its answer. */
const CLIENT_GONE = 499

/** What a client says of where it comes from is replaced by what is known of it; the trace goes on from here. */
const SAID_BY_US = /^(?:forwarded|x-forwarded-.*|x-real-ip|traceparent|content-length|host)$/
/** Said of each answer by this server itself. */
const SAID_HERE: ReadonlySet<string> = new Set(['date', 'x-request-id'])

export interface Passage {
  readonly app: StoaServer
  readonly service: string
  readonly options: ServerOptions
  readonly upstreams: Upstreams
  /** How long the service may take to begin its answer, the wait for a place included; 5 s unless told. A file has its own time. */
  readonly answerMs?: number
}

interface ForwardedDoor {
  readonly answerMs: number
  readonly contract: Route
  readonly service: string
  readonly upstreams: Upstreams
  readonly gate: Gate
  readonly live: LiveStreams
}

/** The streams of events that are being passed on. They have no end of their own, and would keep the server from ending. */
class LiveStreams {
  readonly #ends = new Set<() => void>()
  #closed = false

  add(end: () => void): void {
    this.#ends.add(end)
    if (this.#closed) end()
  }

  delete(end: () => void): void {
    this.#ends.delete(end)
  }

  close(): void {
    this.#closed = true
    for (const end of this.#ends) end()
  }
}

/** Mounts the doors of a service below `/api`. Answers those mounted. */
export function forwardService(passage: Passage, contracts: readonly Route[]): Route[] {
  const { app, options } = passage
  const mounted = contracts.filter((one) => !one.demoOnly || options.demo)
  const live = new LiveStreams()
  app.addHook('preClose', async () => live.close())
  // Nothing is understood on the way: the service does that. A body that is no file is taken whole, so that it can be sent twice.
  app.register(async (scope) => {
    takeUnread(scope, 'bytes', ['application/json'])
    for (const contract of mounted) if (!contract.rawBody) forwardRoute(scope, passage, contract, live)
  })
  for (const contract of mounted) {
    const { rawBody } = contract
    if (!rawBody) continue
    app.register(async (scope) => {
      takeUnread(scope, rawBody.as, rawBody.contentTypes)
      forwardRoute(scope, passage, contract, live)
    })
  }
  return mounted
}

function forwardRoute(scope: FastifyInstance, passage: Passage, contract: Route, live: LiveStreams): void {
  const { app, service, options, upstreams } = passage
  const answerMs = contract.rawBody ? UPLOAD_MS : (passage.answerMs ?? ANSWER_MS)
  // One service that does not answer must not take the places of those that do.
  const door: ForwardedDoor = { contract, service, upstreams, answerMs, gate: gateOf(app, contract.class, service), live }
  const handler = (request: FastifyRequest, reply: FastifyReply) => forward(door, request, reply)
  for (const url of doorPaths(contract))
    scope.route({ method: contract.method, url, ...doorOptions(contract, service, admission(app, contract, options)), handler })
}

async function forward(door: ForwardedDoor, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { contract, service, upstreams, gate } = door
  const clock = clockOf(door.answerMs)
  const leave = () => clock.end(new Fault('unavailable', 'the client is gone'))
  reply.raw.once('close', leave)
  // It may have left while it was asked who it is.
  if (reply.raw.destroyed) leave()
  const headers = headersFor(request)
  const isLive = contract.answers === 'text/event-stream'
  const send = () =>
    upstreams.send(service, {
      method: contract.method,
      path: request.raw.url as string,
      headers,
      body: request.body as Buffer | Readable | undefined,
      repeatable: contract.method === 'GET' || (contract.idempotencyKey !== undefined && headers['idempotency-key'] !== undefined),
      lasting: contract.rawBody?.as === 'stream' || contract.answers !== undefined,
      signal: clock.signal,
    })
  const answer = await (isLive ? send() : gate.run(send, clock.signal))
    .catch((error: unknown) => {
      if (reply.raw.destroyed) return undefined
      throw error
    })
    // What has begun may take its time; the client can still end it.
    .finally(() => clock.end())
  if (answer) return passBack(answer, reply, isLive ? door.live : undefined)
  reply.raw.statusCode = CLIENT_GONE
  return reply.hijack()
}

function passBack({ status, headers, body }: UpstreamAnswer, reply: FastifyReply, live: LiveStreams | undefined): FastifyReply {
  reply.code(status)
  for (const [name, value] of endToEnd(headers)) if (!SAID_HERE.has(name)) reply.header(name, value)
  if (Buffer.isBuffer(body)) return body.length === 0 ? reply.send() : reply.send(body)
  return reply.send(carried(body, live))
}

/** The stream as it comes. Broken off before its first part, it can still be told as a fault. */
function carried(body: Readable, live: LiveStreams | undefined): Readable {
  const out = new PassThrough()
  const end = () => {
    body.unpipe(out)
    out.end()
  }
  body.once('error', (cause) => out.destroy(new Fault('unavailable', 'the answer broke off', { cause })))
  out.once('close', () => {
    live?.delete(end)
    body.on('error', () => {}).destroy()
  })
  body.pipe(out)
  live?.add(end)
  return out
}

function headersFor(request: FastifyRequest): Record<string, string | string[]> {
  const traceparent = currentTraceparent()
  const length = request.headers['content-length']
  const isStream = request.body !== undefined && !Buffer.isBuffer(request.body)
  return {
    ...Object.fromEntries(endToEnd(request.headers).filter(([name]) => !SAID_BY_US.test(name))),
    host: request.host,
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
    // Of a body at hand it is known anyway.
    ...(isStream && length !== undefined ? { 'content-length': length } : {}),
    ...(traceparent ? { traceparent } : {}),
  }
}
