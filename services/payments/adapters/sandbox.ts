import { BrokenCircuitError, bulkhead, BulkheadRejectedError, circuitBreaker, ConsecutiveBreaker, handleWhen, wrap } from 'cockatiel'
import { errors, Pool } from 'undici'
import type { Charge, ChargeState, Op } from '../domain/payment.ts'
import type { Answer, BookPage, PaymentGateway } from './gateway.ts'

export interface SandboxOptions {
  readonly url: string
  readonly secret: string
  readonly callSeconds: number
  readonly inquirySeconds: number
}

const CONNECTIONS_MAX = 64
const RUNNING_MAX = 96
const WAITING_MAX = 192
// A provider that is silent to single cards still answers others in between; one that is away answers nobody.
const FAULTS_BEFORE_OPEN = 20
const HALF_OPEN_AFTER_MS = 3000

interface Money {
  readonly amount: number
  readonly currency: string
}

interface SandboxCharge {
  readonly id: string
  readonly orderId: string
  readonly state: ChargeState
  readonly declineReason?: string
  readonly amount: Money
  readonly captured: Money
  readonly refunded: Money
  readonly actionUrl?: string
  readonly idempotencyKey: string
  readonly revision: number
  readonly at: string
  readonly updatedAt: string
  readonly operations: readonly { readonly kind: string; readonly amount: Money; readonly idempotencyKey: string | null }[]
}

interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a foreign server's JSON; each use says which shape it takes
  readonly body: any
}

/** The sandbox gateway as a provider. */
export function createSandboxGateway(options: SandboxOptions): PaymentGateway {
  const ask = openLine(options)
  const post = (path: string, op: Op, body: object) => answer(ask('POST', path, options.callSeconds, body, op.id), chargeAnswer)
  const get = (path: string) => ask('GET', path, options.inquirySeconds)
  const list = async (query: URLSearchParams): Promise<BookPage> => {
    const { status, body } = await ask('GET', `/gateway/charges?${query}`, options.callSeconds)
    if (status >= 300) throw new Away(status)
    return { charges: (body.items as SandboxCharge[]).map(toCharge), nextCursor: body.nextCursor as string | null }
  }
  return {
    authorize: (op, { token, returnUrl }) =>
      post('/gateway/authorizations', op, { orderId: op.orderId, amount: moneyOf(op), token, returnUrl }),
    openPage: (op, { returnUrl }, seconds) => {
      const wanted = { orderId: op.orderId, amount: moneyOf(op), returnUrl, idempotencyKey: op.id }
      return answer(ask('POST', '/gateway/sessions', seconds, wanted), (body) => ({ kind: 'page', url: String(body.url) }))
    },
    capture: (op) => post(`/gateway/charges/${op.chargeId}/capture`, op, { amount: moneyOf(op) }),
    release: (op) => post(`/gateway/charges/${op.chargeId}/void`, op, {}),
    refund: (op) => post(`/gateway/charges/${op.chargeId}/refund`, op, { amount: moneyOf(op) }),
    findByKey: (key) =>
      answer(get(`/gateway/charges?idempotencyKey=${key}&limit=1`), (body) =>
        body.items.length === 0 ? { kind: 'absent' } : chargeAnswer(body.items[0]),
      ),
    charge: async (id) => {
      const found = await answer(get(`/gateway/charges/${encodeURIComponent(id)}`), chargeAnswer)
      return found.kind === 'refused' && found.code === 'not-found' ? { kind: 'absent' } : found
    },
    closeKey: (key) =>
      answer(ask('POST', `/gateway/keys/${key}/close`, options.callSeconds, {}), (body) =>
        body.closed === true ? { kind: 'closed', charge: body.charge ? toCharge(body.charge) : null } : chargeAnswer(body.charge),
      ),
    book: ({ orderId, limit, cursor, settled }) => {
      const filter = { ...(orderId ? { orderId } : {}), ...(cursor ? { before: cursor } : {}), ...(settled ? { settled: 'true' } : {}) }
      return list(new URLSearchParams({ limit: String(limit), ...filter }))
    },
    changesSince: async (revision, limit) => (await list(new URLSearchParams({ after: String(revision), limit: String(limit) }))).charges,
  }
}

type Ask = (method: 'GET' | 'POST', path: string, seconds: number, body?: object, key?: string) => Promise<Reply>

/** Kept connections, bounded calls, and a breaker that stops asking a server that is away. Throws: when there is no answer. */
function openLine(options: SandboxOptions): Ask {
  const pool = new Pool(options.url, { connections: CONNECTIONS_MAX, pipelining: 1, keepAliveTimeout: 4000, connect: { timeout: 2000 } })
  const away = circuitBreaker(handleWhen(isAway), {
    halfOpenAfter: HALF_OPEN_AFTER_MS,
    breaker: new ConsecutiveBreaker(FAULTS_BEFORE_OPEN),
  })
  const guard = wrap(bulkhead(RUNNING_MAX, WAITING_MAX), away)
  const authorization = `Bearer ${options.secret}`
  return (method, path, seconds, body, key) =>
    guard.execute(async () => {
      const response = await pool.request({
        method,
        path,
        headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}), ...(key ? { 'idempotency-key': key } : {}) },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(seconds * 1000),
      })
      const reply: Reply = { status: response.statusCode, body: await response.body.json() }
      if (reply.status === 503 || reply.status === 429) throw new Away(reply.status)
      return reply
    })
}

async function answer(work: Promise<Reply>, read: (body: Reply['body']) => Answer): Promise<Answer> {
  try {
    const { status, body } = await work
    if (status < 300) return read(body)
    const code = typeof body?.code === 'string' ? body.code : `status-${status}`
    if (status >= 500 || status === 401 || UNDECIDED.has(code)) return { kind: 'no-answer', reached: status >= 500, reason: code }
    return { kind: 'refused', code }
  } catch (error) {
    return { kind: 'no-answer', reached: mayHaveReached(error), reason: reasonOf(error) }
  }
}

/** Not decided: the same key may be tried again. `idempotency-key-reused` would be our bug; only inquiry can tell what is there. */
const UNDECIDED = new Set(['idempotency-key-in-use', 'idempotency-key-reused', 'too-many-requests'])
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

class Away extends Error {
  readonly code: string
  constructor(status: number) {
    super(`the provider answered ${status}`)
    this.code = `status-${status}`
  }
}

function isAway(error: unknown): boolean {
  return !(error instanceof BulkheadRejectedError)
}

function mayHaveReached(error: unknown): boolean {
  if (error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError || error instanceof Away) return false
  return !NEVER_CONNECTED.has(codeOf(error))
}

function reasonOf(error: unknown): string {
  if (error instanceof BrokenCircuitError) return 'breaker-open'
  if (error instanceof BulkheadRejectedError) return 'too-many-calls'
  if (error instanceof Error && error.name === 'TimeoutError') return 'timeout'
  const code = codeOf(error)
  if (code !== '') return code
  return error instanceof errors.UndiciError ? error.code : 'fault'
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

function moneyOf(op: Op): Money {
  return { amount: op.amountMinor, currency: op.currency }
}

function chargeAnswer(body: SandboxCharge): Answer {
  return { kind: 'charge', charge: toCharge(body) }
}

function toCharge(charge: SandboxCharge): Charge {
  return {
    id: charge.id,
    key: charge.idempotencyKey,
    orderId: charge.orderId,
    state: charge.state,
    reason: charge.declineReason ?? null,
    amountMinor: charge.amount.amount,
    capturedMinor: charge.captured.amount,
    refundedMinor: charge.refunded.amount,
    currency: charge.amount.currency,
    actionUrl: charge.actionUrl ?? null,
    revision: charge.revision,
    at: charge.at,
    updatedAt: charge.updatedAt,
    operations: charge.operations.map((one) => ({ kind: one.kind, key: one.idempotencyKey, amountMinor: one.amount.amount })),
  }
}
