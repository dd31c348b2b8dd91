import { isRefusal, refuse, type FieldError } from '@stoa/chassis/contract.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { handle, orchestrate, read, type Caller, type FaultsOf, type ReadContext } from '@stoa/chassis/service.ts'
import { SandboxSecret } from '@stoa/chassis/settings.ts'
import { AuthorizeOrderAccess } from '@stoa/contracts/orders.ts'
import { CheckoutPayment, GetPaymentStatus, ListSandboxCharges, RefundPayment, SandboxWebhook } from '@stoa/contracts/payments.ts'
import { gatewayOf } from './adapters/providers.ts'
import type { Evidence } from './domain/evidence.ts'
import { isFinal, mayTryAgain, refundFault, type Standing } from './domain/payment.ts'
import { isSigned } from './domain/signature.ts'
import { SandboxSecretBefore, WebhookPause } from './settings.ts'
import { closingEvidence, pageFor, sealSecrets } from './provider.ts'
import { newAttempt, settle } from './usecases.ts'
import { lockStandings, readStandings } from './store/payments.ts'
import type { Notice } from './store/webhooks.ts'
import { operationView, statusView } from './view.ts'
import { takeNotice } from './workers.ts'

const STAFF_ROLES = new Set(['admin', 'warehouse', 'pos'])

/** Lets the owner, staff or the holder of the order's token through. Orders that cannot be asked answer 503. */
async function orderFor(
  context: Pick<ReadContext<typeof GetPaymentStatus>, 'call' | 'caller' | 'headers'>,
  orderId: string,
  queryToken: string | undefined,
) {
  const { call, caller, headers } = context
  const token = queryToken ?? headers['order-token']
  return call(AuthorizeOrderAccess, {
    orderId,
    staff: isStaff(caller),
    ...(caller.kind === 'account' ? { accountId: caller.accountId } : {}),
    ...(token === undefined ? {} : { token }),
  })
}

function isStaff(caller: Caller): boolean {
  return caller.kind === 'account' && caller.roles.some((role) => STAFF_ROLES.has(role))
}

export const getPaymentStatus = read(GetPaymentStatus, async ({ query, db, ...context }) => {
  const order = await orderFor(context, query.orderId, query.token)
  if (isRefusal(order)) return refuse('not-found')
  const standing = (await readStandings(db, [query.orderId])).get(query.orderId)
  return standing ? statusView(standing.payment, standing.ops, context) : refuse('not-found')
})

export const checkoutPayment = orchestrate(
  CheckoutPayment,
  async ({ input, query, db, transaction, fixedIds, rememberAnswer, ...context }) => {
    const order = await orderFor(context, input.orderId, query.token)
    if (isRefusal(order)) return refuse('not-found')
    const { attemptId } = await fixedIds('attemptId')
    const before = (await readStandings(db, [input.orderId])).get(input.orderId)
    if (!before) return refuse('not-found')
    const resumed = before.ops.some((op) => op.id === attemptId)
    if (!resumed && (order.status !== 'PENDING' || !mayTryAgain(before.payment)))
      return refuse('illegal-transition', { detail: 'This order does not wait for a payment.' })
    const proof = resumed ? [] : await endFormer(before, context)
    const op = newAttempt(attemptId, { orderId: input.orderId, method: input.method, amount: order.total }, input.token === undefined)
    const pass = query.token ?? context.headers['order-token']
    const returnUrl = `${context.origin}/orders/${input.orderId}${pass === undefined ? '' : `?token=${encodeURIComponent(pass)}`}`
    const sealed =
      op.kind === 'authorize' ? new Map([[op.id, sealSecrets(context, op, { token: input.token ?? null, returnUrl })]]) : undefined
    const begun = await transaction(async (tx) => {
      const now = (await lockStandings(tx, [input.orderId])).get(input.orderId)
      if (now?.payment.attempt !== before.payment.attempt) return false
      const ended = await settle(tx, context, [{ orderId: input.orderId, cause: 'shopper', evidence: proof }])
      const { payment } = ended.get(input.orderId) ?? now
      if (resumed || !mayTryAgain(payment)) return resumed
      const evidence: Evidence[] = [{ kind: 'attempt-begun', op, method: input.method }]
      await settle(tx, context, [{ orderId: input.orderId, cause: 'shopper', evidence }], sealed)
      return true
    })
    if (!begun) return refuse('illegal-transition', { detail: 'The former payment of this order went through.' })
    if (op.hosted) {
      const opened = await pageFor(op.id, { ...context, db })
      if (opened.length > 0)
        await transaction((tx) => settle(tx, context, [{ orderId: input.orderId, cause: 'response', evidence: opened }]))
    }
    const standing = (await readStandings(db, [input.orderId])).get(input.orderId)
    if (!standing) return refuse('not-found')
    const status = statusView(standing.payment, standing.ops, context)
    await transaction((tx) => rememberAnswer(tx, status))
    return status
  },
  { faults: cardFaults },
)

/** A card where no provider of cards is set up. */
function cardFaults(body: unknown, context: Parameters<FaultsOf>[1]): FieldError[] {
  const isCard = (body as { method?: unknown }).method === 'card'
  return isCard && !gatewayOf('sandbox', context) ? [{ path: 'method', code: 'not-offered', message: 'cards are not taken here' }] : []
}

/** Proof that the former attempt took nothing, or the charge that it became. Throws: `unavailable` when neither can be had. */
async function endFormer({ payment, ops }: Standing, context: Parameters<typeof gatewayOf>[1]): Promise<readonly Evidence[]> {
  const former = ops.find((op) => op.id === payment.attempt)
  if (!former || former.kind !== 'authorize' || isFinal(former)) return []
  const closing = await gatewayOf(former.provider, context)?.closeKey(former.id)
  if (!closing || closing.kind === 'no-answer' || closing.kind === 'refused')
    throw new Fault('unavailable', 'the former payment cannot be ended now')
  return closingEvidence(former, closing, 'superseded')
}

export const refundPayment = handle(RefundPayment, async ({ input, tx, ...context }) => {
  const standing = (await lockStandings(tx, [input.orderId])).get(input.orderId)
  if (!standing) return refuse('not-found')
  const fault = refundFault(standing.payment, input.amount)
  if (fault === 'invalid-request')
    return refuse(fault, { errors: [{ path: 'amount', code: 'invalid', message: `more than 0, in ${standing.payment.currency}` }] })
  if (fault)
    return refuse(fault, { detail: fault === 'amount-too-high' ? 'More than is left of what was captured.' : 'Nothing was captured.' })
  const amountMinor = input.amount?.amount ?? standing.payment.capturedMinor - standing.payment.refundOrderedMinor
  const opId = context.newId()
  const evidence: Evidence[] = [{ kind: 'refund-ordered', opId, amountMinor, reason: input.reason }]
  const decision = (await settle(tx, context, [{ orderId: input.orderId, cause: 'staff', evidence }])).get(input.orderId)
  const op = decision?.ops.find((one) => one.id === opId)
  if (!op) throw new Error(`refund of ${input.orderId} was not taken down`)
  return operationView({ ...op, createdAt: context.now })
})

export const sandboxWebhook = orchestrate(SandboxWebhook, async ({ bytes, headers, db, transaction, now, setting, log }) => {
  const secrets = [setting(SandboxSecret), setting(SandboxSecretBefore)]
  if (!isSigned(bytes, headers['sandbox-signature'], secrets, now)) return refuse('invalid-signature')
  const notice = noticeOf(bytes)
  if (!notice) {
    log.warn({ bytes: bytes.length }, 'a signed notice of no known shape')
    return refuse('invalid-request')
  }
  await takeNotice(db)({ notice, transaction, pauseSeconds: setting(WebhookPause), now })
  return { received: true as const }
})

/** Only what leads to the charge: its state is asked for, never taken from a notice. */
function noticeOf(bytes: Buffer): Notice | undefined {
  try {
    const { id, data } = JSON.parse(bytes.toString('utf8')) as { id?: unknown; data?: { charge?: { id?: unknown; revision?: unknown } } }
    const charge = data?.charge
    if (typeof id !== 'string' || id === '' || typeof charge?.id !== 'string' || !Number.isSafeInteger(charge.revision)) return undefined
    return { eventId: id, chargeId: charge.id, revision: Number(charge.revision) }
  } catch {
    return undefined
  }
}

const CHARGES_AT_ONCE = 100

export const listSandboxCharges = read(ListSandboxCharges, async ({ query, ...context }) => {
  const gateway = gatewayOf('sandbox', context)
  if (!gateway) return refuse('unavailable')
  const { orderId, limit, cursor } = query
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) return refuse('invalid-cursor')
  const page = await gateway.book({ orderId, cursor, limit: limit ?? CHARGES_AT_ONCE, settled: true }).catch(() => undefined)
  if (!page) return refuse('unavailable', { detail: 'The gateway does not answer.' })
  const items = page.charges.map((one) => {
    const money = (amount: number) => ({ amount, currency: one.currency })
    const { id, state, key, at } = one
    return {
      id,
      orderId: one.orderId,
      state,
      amount: money(one.amountMinor),
      captured: money(one.capturedMinor),
      refunded: money(one.refundedMinor),
      idempotencyKey: key,
      at,
    }
  })
  return { items, nextCursor: page.nextCursor }
})
