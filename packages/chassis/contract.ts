/**
 * What crosses a service's border: routes (the world → service), calls (service → service) and events
 * (service → whoever listens). Contracts are plain values; types, validation and documents derive from them.
 */
import { Type, type Static, type TProperties, type TSchema } from 'typebox'

/** The roles an account may hold (ID6). */
export type Role = 'customer' | 'vendor' | 'admin' | 'warehouse' | 'pos'

/** A staff permission: its stable name and the roles that hold it. */
export interface StaffPermission {
  readonly name: string
  readonly roles: readonly Role[]
}

/** Who may use a route: everybody, any logged-in account, or the holders of a staff permission. */
export type Permission = 'public' | 'customer' | StaffPermission

/** Names a staff permission and the roles that hold it, e.g. `staff('stock:write', 'admin', 'warehouse')`. */
export function staff(name: string, ...roles: Role[]): StaffPermission {
  return { name, roles }
}

/** An object schema that refuses unknown fields. */
export function object<P extends TProperties>(properties: P, options: Record<string, unknown> = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options })
}

/** Codes that a contract promises to answer instead of its output, with the HTTP status of each. */
export type RefusalTable = Readonly<Record<string, 400 | 401 | 402 | 403 | 404 | 409 | 410 | 412 | 422 | 428 | 429 | 503>>

/** Class of a route for rate limits and load shedding: payment callbacks before checkout before browsing. */
export type RouteClass = 'callback' | 'checkout' | 'cart' | 'browse' | 'login' | 'staff'

export interface RouteSpec<P extends TSchema, Q extends TSchema, B extends TSchema, O extends TSchema, R extends RefusalTable> {
  /** One sentence for the API document. */
  readonly summary: string
  readonly permission: Permission
  readonly class: RouteClass
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly output: O
  /** Status of success; 200 unless told. */
  readonly status?: 200 | 201 | 202 | 204
  readonly refusals?: R
  /** `required`: 400 `idempotency-key-missing` without the header. `optional`: honoured when sent. */
  readonly idempotencyKey?: 'required' | 'optional'
  /**
   * `required`: the handler refuses `stale` unless `ifMatch` names what is there; without an `If-Match` header that becomes 428
   * `precondition-required`.
   */
  readonly ifMatch?: 'required'
  /** The largest JSON body; 1 MiB unless told. */
  readonly bodyBytesMax?: number
  /** Other paths with the same method that mean the same (the seeds' own names). */
  readonly aliases?: readonly string[]
  /** The body is not JSON: `stream` hands over a readable of these content types, `raw` the exact bytes. */
  readonly rawBody?: { readonly as: 'stream' | 'bytes'; readonly contentTypes: readonly string[]; readonly maxBytes: number }
  /** The answer is not JSON but this content type. `text/event-stream` routes are built with `live`. */
  readonly answers?: string
  /** Further content types beside `answers`. The handler names the one it chose: `reply.header('content-type', …)`. */
  readonly alsoAnswers?: readonly string[]
  /** Mounted only when the shop runs with `STOA_DEMO=on`. */
  readonly demoOnly?: boolean
  /**
   * The answer to whoever does not say who he is depends on path and query alone. It may be kept for so many milliseconds (`KEPT_MS_MAX` at most),
   * or until something is touched that the handler said it shows (`reply.shows`). Only for a public GET of class `browse`.
   */
  readonly keptMs?: number
}

export interface Route<
  P extends TSchema = TSchema,
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  O extends TSchema = TSchema,
  R extends RefusalTable = RefusalTable,
> extends RouteSpec<P, Q, B, O, R> {
  readonly kind: 'route'
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api`; parameters as `{name}`. */
  readonly path: string
}

const nothing = object({})

/** No answer is kept longer: what is touched while nobody can be told of it is wrong for so long at most. */
export const KEPT_MS_MAX = 5000

function isKeepable({ permission, class: of, answers, keptMs = 0 }: Pick<Route, 'permission' | 'class' | 'answers' | 'keptMs'>): boolean {
  return permission === 'public' && of === 'browse' && answers === undefined && keptMs <= KEPT_MS_MAX
}

/** Declares a door for the outside world, e.g. `route('POST /orders', {...})`. */
export function route<
  O extends TSchema,
  const R extends RefusalTable = Record<never, never>,
  P extends TSchema = typeof nothing,
  Q extends TSchema = typeof nothing,
  B extends TSchema = typeof nothing,
>(door: `${Route['method']} /${string}`, spec: RouteSpec<P, Q, B, O, R>): Route<P, Q, B, O, R> {
  const [method, path] = door.split(' ') as [Route['method'], string]
  if (spec.keptMs !== undefined && !(method === 'GET' && isKeepable(spec)))
    throw new Error(`${door} may not be kept: only JSON that anybody browses is, for ${KEPT_MS_MAX} ms at most`)
  return { kind: 'route', method, path, ...spec }
}

export interface CallSpec<I extends TSchema, O extends TSchema, R extends RefusalTable> {
  readonly summary: string
  readonly input: I
  readonly output: O
  readonly refusals?: R
  /** Carried by gRPC between processes, with 2 s unless told; else by HTTP with 5 s. */
  readonly over?: 'grpc'
  /** Milliseconds until the caller gives up, where the carrier's own are not right. */
  readonly deadlineMs?: number
  /** May be repeated without harm, so the caller's retry budget may be spent on it. */
  readonly repeatable: boolean
}

export interface Call<I extends TSchema = TSchema, O extends TSchema = TSchema, R extends RefusalTable = RefusalTable>
  extends CallSpec<I, O, R> {
  readonly kind: 'call'
  readonly service: string
  readonly name: string
}

/** Declares a door for other services, e.g. `call('inventory.ReserveStock', {...})`. */
export function call<I extends TSchema, O extends TSchema, const R extends RefusalTable = Record<never, never>>(
  name: `${string}.${string}`,
  spec: CallSpec<I, O, R>,
): Call<I, O, R> {
  const [service, own] = name.split('.') as [string, string]
  return { kind: 'call', service, name: own, ...spec }
}

export interface EventSpec<D extends TSchema> {
  readonly summary: string
  readonly topic: string
  readonly version: number
  /** Field of `data` whose value is the partition key: events of one key stay in order. */
  readonly key: keyof Static<D> & string
  /** Field of `data` that names what kept answers may show: they are forgotten when this is published, and again where it is consumed. */
  readonly touches?: keyof Static<D> & string
  readonly data: D
}

export interface EventContract<D extends TSchema = TSchema> extends Omit<EventSpec<D>, 'key' | 'touches'> {
  readonly kind: 'event'
  readonly name: string
  readonly key: string
  readonly touches?: string
}

/** Declares something that happened, in the past tense, e.g. `event('OrderCreated', {...})`. */
export function event<D extends TSchema>(name: string, spec: EventSpec<D>): EventContract<D> {
  return { kind: 'event', name, ...spec }
}

/** Partitions of every topic (EV2). Fixed when an event is written; another number is a new version of the stream. */
export const PARTITIONS = 6

/** The codes a contract may refuse with. */
export type RefusalCode<C> = C extends { refusals?: infer R } ? keyof NonNullable<R> & string : never

/** A refusal: an expected no, promised by the contract, with what the caller needs to go on. */
export interface Refusal<Code extends string = string> {
  readonly refused: Code
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly [extension: string]: unknown
}

/** One bad field. `path` as in `items[0].quantity`. */
export interface FieldError {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Makes a refusal. `more` may hold `detail`, `errors` and fields of the problem document such as `availableUnits`. */
export function refuse<const Code extends string>(
  code: Code,
  more: { detail?: string; errors?: readonly FieldError[]; [extension: string]: unknown } = {},
): Refusal<Code> {
  return { refused: code, ...more }
}

/** Whether `outcome` is a refusal. */
export function isRefusal(outcome: unknown): outcome is Refusal {
  return typeof outcome === 'object' && outcome !== null && 'refused' in outcome
}

/** What a handler of `C` may return: its output, or a refusal its contract promised. */
export type Outcome<C extends { output: TSchema }> = [RefusalCode<C>] extends [never]
  ? Static<C['output']>
  : Static<C['output']> | Refusal<RefusalCode<C>>

/** What an event touches of what may be kept. */
export function touchedBy(event: EventContract, data: unknown): string[] {
  const thing = event.touches === undefined ? undefined : (data as Record<string, unknown>)[event.touches]
  return typeof thing === 'string' ? [thing] : []
}
