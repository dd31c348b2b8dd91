/** One door: from a Fastify request through checks to the handler, and back. */
import fastJson from 'fast-json-stringify'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler, RouteHandlerMethod } from 'fastify'
import { isRefusal, type FieldError, type Route, type RouteClass } from '../contract.ts'
import { executeRoute, isStream, type Answer, type RequestIn } from '../runtime/execute.ts'
import { Gate } from '../runtime/loops.ts'
import type { ServiceRuntime } from '../runtime/service-runtime.ts'
import type { Caller, Handler } from '../service.ts'
import { GUEST, permits } from './authentication.ts'
import { FOR_CACHES, impersonal, makingOf, mayBeKept, nameOf, sendKept } from './kept-answers.ts'
import { limitsOf, type Limits } from './limits.ts'
import { problem, problemOfRefusal, sendProblem } from './problems.ts'
import type { ServerOptions, StoaServer } from './server-options.ts'
import { sendLive } from './live.ts'
import { bodyValidator, textValidator, type Validator } from './validation.ts'

/** Requests of one class at work at once in a process; as many again may wait. Checkout is kept apart from browsing. */
const AT_ONCE: Readonly<Record<RouteClass, number>> = { callback: 64, checkout: 256, cart: 128, browse: 128, login: 32, staff: 64 }
const gates = new WeakMap<StoaServer, Map<string, { readonly name: RouteClass; readonly gate: Gate }>>()
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Service whose door this is. */
    service?: string
    /** Its requests are not logged. */
    quiet?: boolean
  }
}

/** What is asked at a door before the body is read. */
interface Entrance {
  readonly contract: Route
  readonly options: ServerOptions
  readonly limits: Limits | undefined
}

interface Door extends Entrance {
  readonly handler: Handler
  readonly service: ServiceRuntime
  readonly params: Validator | undefined
  readonly idParams: readonly string[]
  readonly query: Validator
  readonly body: Validator | undefined
  readonly serialize: (value: unknown) => string
  readonly gate: Gate
}

type WithCaller = FastifyRequest & { stoaCaller?: Caller }

/** Mounts a route and its aliases. */
export function mountRoute(app: StoaServer, service: ServiceRuntime, handler: Handler, options: ServerOptions): void {
  const contract = handler.contract as Route
  const door: Door = {
    ...entranceOf(app, contract, options),
    handler,
    service,
    params: contract.params ? textValidator(contract.params) : undefined,
    idParams: idParamsOf(contract),
    query: textValidator(contract.query ?? { type: 'object', additionalProperties: false }),
    body:
      contract.rawBody || contract.method === 'GET' || contract.method === 'DELETE'
        ? undefined
        : bodyValidator(contract.body ?? { type: 'object', additionalProperties: false }),
    serialize: serializerOf(contract),
    gate: gateOf(app, contract.class),
  }
  const shared = doorOptions(contract, service.service, (request, reply) => admit(door, request, reply))
  const answer: RouteHandlerMethod = (request, reply) => handleRequest(door, request, reply)
  const mount = (scope: FastifyInstance) => {
    for (const url of doorPaths(contract)) scope.route({ method: contract.method, url, ...shared, handler: answer })
  }
  if (!contract.rawBody) return mount(app)
  const { as, contentTypes } = contract.rawBody
  app.register(async (scope) => {
    takeUnread(scope, as, contentTypes)
    mount(scope)
  })
}

/** Paths below `/api` that a door stands at. */
export function doorPaths(contract: Route): string[] {
  return [contract.path, ...(contract.aliases ?? [])].map((path) => `/api${path.replace(/\{(\w+)\}/g, ':$1')}`)
}

/** What every door is mounted with, whoever stands behind it. */
export function doorOptions(contract: Route, service: string, onRequest: onRequestAsyncHookHandler) {
  const bodyLimit = contract.rawBody?.maxBytes ?? contract.bodyBytesMax
  return { config: { service }, onRequest, ...(bodyLimit === undefined ? {} : { bodyLimit }) }
}

/** Lets the doors of `scope` take bodies of these types, and no others, without looking into them. */
export function takeUnread(scope: FastifyInstance, as: 'stream' | 'bytes', contentTypes: readonly string[]): void {
  scope.removeAllContentTypeParsers()
  if (as === 'bytes') scope.addContentTypeParser([...contentTypes], { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  else scope.addContentTypeParser([...contentTypes], (_request, payload, done) => done(null, payload))
}

function entranceOf(app: StoaServer, contract: Route, options: ServerOptions): Entrance {
  return { contract, options, limits: options.rateLimits ? limitsOf(app, contract.class) : undefined }
}

/** Who may come in by a door that is another process's: the hook that asks. */
export function admission(app: StoaServer, contract: Route, options: ServerOptions) {
  const entrance = entranceOf(app, contract, options)
  return (request: FastifyRequest, reply: FastifyReply) => admit(entrance, request, reply)
}

/** 429, 401, 403 and 400 for a missing key, before the body is read. */
async function admit(door: Entrance, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const limited = await door.limits?.ofAddress(request, reply)
  if (limited) return limited
  const authorization = request.headers.authorization
  let caller: Caller = GUEST
  if (authorization !== undefined) {
    const token = /^Bearer (.+)$/i.exec(authorization)?.[1]
    const known = token ? await door.options.authenticator.callerOf(token) : undefined
    if (!known)
      return sendProblem(reply.header('www-authenticate', 'Bearer error="invalid_token"'), problem(401, 'unauthenticated', request.id))
    caller = known
  }
  const exhausted = await door.limits?.ofAccount(caller, request, reply)
  if (exhausted) return exhausted
  const verdict = permits(door.contract.permission, caller)
  if (verdict === 'unauthenticated') return sendProblem(reply.header('www-authenticate', 'Bearer'), problem(401, verdict, request.id))
  if (verdict === 'forbidden') return sendProblem(reply, problem(403, verdict, request.id))
  if (!acceptable(door.contract, request.headers.accept)) return sendProblem(reply, problem(406, 'not-acceptable', request.id))
  ;(request as WithCaller).stoaCaller = caller
  return keyMissing(door, request, reply)
}

function acceptable(contract: Route, accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return true
  const answers = [contract.answers ?? 'application/json', ...(contract.alsoAnswers ?? [])]
  const welcome = ['*/*', 'application/problem+json', ...answers, ...answers.map((one) => `${one.split('/')[0]}/*`)]
  return accept.split(',').some((part) => welcome.includes((part.split(';')[0] as string).trim().toLowerCase()))
}

function keyMissing(door: Entrance, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (door.contract.idempotencyKey !== 'required' || request.headers['idempotency-key'] !== undefined) return undefined
  return sendProblem(
    reply,
    problem(400, 'idempotency-key-missing', request.id, { detail: 'This request needs the header Idempotency-Key.' }),
  )
}

function faultsOf(door: Door, request: FastifyRequest): FieldError[] {
  const key = request.headers['idempotency-key']
  const badKey = door.contract.idempotencyKey && key !== undefined && (typeof key !== 'string' || key.length < 8 || key.length > 255)
  return [
    ...(badKey ? [{ path: 'Idempotency-Key', code: 'malformed', message: 'must have 8 to 255 characters' }] : []),
    ...(door.params?.(request.params) ?? []),
    ...door.query(request.query),
    ...(door.body?.(request.body === undefined ? {} : request.body) ?? []),
    ...(door.handler.faults?.(request.body ?? {}, {
      setting: door.service.common().setting,
      caller: (request as WithCaller).stoaCaller ?? GUEST,
    }) ?? []),
  ]
}

async function handleRequest(door: Door, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { contract, service } = door
  if (door.idParams.some((name) => !UUID.test((request.params as Record<string, string>)[name] ?? '')))
    return sendProblem(reply, problem(404, 'not-found', request.id))
  const faults = faultsOf(door, request)
  if (faults.length > 0) return sendProblem(reply, problem(422, 'invalid-request', request.id, { errors: faults }))
  const asked = requestOf(door, request)
  if (mayBeKept(contract, request)) return answerFromKept(door, asked, request, reply)
  const gone = new AbortController()
  if (contract.answers) reply.raw.once('close', () => gone.abort())
  const run = () => executeRoute(service, door.handler, asked, gone.signal)
  const answer = door.handler.style === 'live' ? await run() : await door.gate.run(run)
  return send(door, request, reply, answer)
}

/** An answer that is the same for everybody is made once for all who ask until something it shows is touched. */
async function answerFromKept(door: Door, asked: RequestIn, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { contract, service, handler } = door
  // It is made for others too: nobody who leaves ends it.
  const make = () => door.gate.run(() => executeRoute(service, handler, impersonal(asked), service.stopSignal))
  const made = await service.keptAnswers.through(nameOf(contract, asked), makingOf(contract, make, door.serialize))
  return 'refused' in made ? send(door, request, reply, made.refused) : sendKept(request, reply, made.kept)
}

function requestOf(door: Door, request: FastifyRequest): RequestIn {
  const raw = door.contract.rawBody?.as
  return {
    input: raw ? {} : (request.body ?? {}),
    params: request.params as Record<string, unknown>,
    query: request.query as Record<string, unknown>,
    caller: (request as WithCaller).stoaCaller ?? GUEST,
    address: request.ip,
    cookies: request.cookies,
    headers: request.headers as Record<string, string | undefined>,
    origin: `${request.protocol}://${request.host}`,
    // Without the header it is no tag there is: the handler says first whether there is anything to match.
    ifMatch: request.headers['if-match']?.replace(/^W\//, '').replaceAll('"', '') ?? '',
    idempotencyKey: request.headers['idempotency-key'] as string | undefined,
    lastEventId: request.headers['last-event-id'] as string | undefined,
    ...(raw === 'bytes' ? { bytes: (request.body as Buffer | undefined) ?? Buffer.alloc(0) } : {}),
    ...(raw === 'stream' ? { stream: (request.body as Readable | undefined) ?? Readable.from([]) } : {}),
  }
}

function send(door: Door, request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { contract } = door
  for (const [name, value] of Object.entries(answer.headers)) reply.header(name, value)
  const secure = request.protocol === 'https'
  for (const one of answer.cookies) {
    const how = { path: one.path, httpOnly: true, sameSite: 'lax', secure } as const
    if (one.value === null) reply.clearCookie(one.name, how)
    else reply.setCookie(one.name, one.value, { ...how, ...(one.maxAgeSeconds === undefined ? {} : { maxAge: one.maxAgeSeconds }) })
  }
  if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', forAnybody(contract, request) ? FOR_CACHES : 'no-store')
  if (isRefusal(answer.outcome)) {
    const tagMissing = answer.outcome.refused === 'stale' && contract.ifMatch === 'required' && request.headers['if-match'] === undefined
    const document = tagMissing
      ? problem(428, 'precondition-required', request.id)
      : problemOfRefusal(answer.outcome, contract.refusals ?? {}, request.id)
    const after = document.retryAfterSeconds ?? (document.status === 503 ? 1 : undefined)
    if (after !== undefined) reply.header('retry-after', after)
    return sendProblem(reply, document)
  }
  if (door.handler.style === 'live' && isStream(answer.outcome)) return sendLive(reply.header('x-request-id', request.id), answer.outcome)
  if (answer.replayed) reply.header('idempotent-replayed', 'true')
  reply.code(contract.status ?? 200)
  if (contract.status === 204) return reply.send()
  if (contract.answers)
    return reply
      .header('content-type', `${reply.getHeader('content-type') ?? contract.answers}; charset=utf-8`)
      .send(isStream(answer.outcome) ? Readable.from(answer.outcome) : answer.outcome)
  return reply.header('content-type', 'application/json; charset=utf-8').serializer(door.serialize).send(answer.outcome)
}

/** Whether an answer is the same for everybody; any other is nothing for a cache on the way. */
function forAnybody(contract: Route, request: FastifyRequest): boolean {
  return contract.method === 'GET' && contract.class === 'browse' && contract.permission === 'public' && !request.headers.authorization
}

/** Path parameters that are UUIDs: anything else names nothing, so it is 404. */
function idParamsOf(contract: Route): string[] {
  const properties = (contract.params as { properties?: Record<string, { format?: string }> } | undefined)?.properties ?? {}
  return Object.entries(properties)
    .filter(([, schema]) => schema.format === 'uuid')
    .map(([name]) => name)
}

/** Only declared fields leave the house. */
function serializerOf(contract: Route): (value: unknown) => string {
  if (contract.answers) return String
  return fastJson(JSON.parse(JSON.stringify(contract.output)))
}

/** Requests of each class at work and waiting, for the metrics. */
export function crowdsOf(app: StoaServer): ReadonlyMap<RouteClass, { readonly running: number; readonly waiting: number }> {
  const crowds = new Map<RouteClass, { running: number; waiting: number }>()
  for (const { name, gate } of gates.get(app)?.values() ?? []) {
    const { running, waiting } = crowds.get(name) ?? { running: 0, waiting: 0 }
    crowds.set(name, { running: running + gate.running, waiting: waiting + gate.waiting })
  }
  return crowds
}

/** The places of a class of routes, shared by all its doors: those of this process, or those that lead to `elsewhere`. */
export function gateOf(app: StoaServer, name: RouteClass, elsewhere = ''): Gate {
  const own = gates.get(app) ?? new Map<string, { name: RouteClass; gate: Gate }>()
  gates.set(app, own)
  const key = `${name} ${elsewhere}`
  const { gate } = own.get(key) ?? { gate: new Gate(AT_ONCE[name], AT_ONCE[name] * 8) }
  own.set(key, { name, gate })
  return gate
}
