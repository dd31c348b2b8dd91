import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { handle, orchestrate, read, type Common, type TransactionFn } from '@stoa/chassis/service.ts'
import { BookReceipt, PaymentsOf, PreparePayment } from '@stoa/contracts/payments.ts'
import type { Static } from 'typebox'
import type { CardSecrets } from './adapters/gateway.ts'
import { gatewayOf } from './adapters/providers.ts'
import { isOnline, providerOf, type Op, type Payment, type Standing } from './domain/payment.ts'
import { newAttempt, openPayments, pageFor, sealSecrets, settle } from './usecases.ts'
import { lockStandings, readStandings, replaceSecrets } from './store/payments.ts'
import { statusView } from './view.ts'

type Prepared = Static<typeof PreparePayment.input>

export const preparePayment = orchestrate(PreparePayment, async ({ input, db, transaction, ...context }) => {
  const provider = providerOf(input.method, input.amount.amount)
  if (isOnline(provider) && !gatewayOf(provider, context)) return refuse('unavailable', { detail: 'No provider for cards is set up.' })
  const op = await takeDown(input, transaction, context)
  if (isRefusal(op)) return op
  if (op.hosted && op.state === 'created') {
    const opened = await pageFor(op.id, db, context)
    if (opened.length === 0) return refuse('unavailable', { detail: 'The payment provider does not answer.' })
    await transaction((tx) => settle(tx, context, 'response', [{ orderId: input.orderId, evidence: opened }]))
  }
  const standing = (await readStandings(db, [input.orderId])).get(input.orderId)
  if (!standing) return refuse('unavailable')
  const { state, nextAction } = statusView(standing.payment, standing.ops, context)
  return { state, ...(nextAction ? { nextAction } : {}) }
})

/** Takes down what is to be paid. Until the order is placed, the last word counts; what it replaces is ended. */
async function takeDown(input: Prepared, transaction: TransactionFn, context: Common) {
  return transaction(async (tx) => {
    await openPayments(tx, [input])
    const standing = (await lockStandings(tx, [input.orderId])).get(input.orderId) as Standing
    const { payment, ops } = standing
    const attempt = ops.find((op) => op.id === payment.attempt)
    if (attempt && isSame(payment, attempt, input)) {
      if (attempt.kind === 'authorize') await replaceSecrets(tx, attempt.id, sealSecrets(context, attempt, secretsOf(input)))
      return attempt
    }
    if (payment.placed || payment.over || payment.cancelled)
      return refuse('illegal-transition', { detail: 'The payment of this order has begun.' })
    const begun = newAttempt(context.newId(), input.orderId, input.method, input.amount, input.token === undefined)
    const sealed = begun.kind === 'authorize' ? new Map([[begun.id, sealSecrets(context, begun, secretsOf(input))]]) : undefined
    await settle(
      tx,
      context,
      'shopper',
      [{ orderId: input.orderId, evidence: [{ kind: 'attempt-begun', op: begun, method: input.method }] }],
      sealed,
    )
    return begun
  })
}

function isSame(payment: Payment, attempt: Op, { method, amount, token }: Prepared): boolean {
  const card = attempt.kind !== 'authorize' || attempt.hosted === (token === undefined)
  return card && payment.method === method && payment.amountMinor === amount.amount && payment.currency === amount.currency
}

function secretsOf({ token, returnUrl }: Prepared): CardSecrets {
  return { token: token ?? null, returnUrl }
}

export const paymentsOf = read(PaymentsOf, async ({ input, db, setting }) => {
  const standings = await readStandings(db, input.orderIds)
  return { items: [...standings.values()].map(({ payment, ops }) => statusView(payment, ops, { setting })) }
})

export const bookReceipt = handle(BookReceipt, async ({ input, tx, ...context }) => {
  const decision = (await settle(tx, context, 'staff', [{ orderId: input.orderId, evidence: [{ kind: 'receipt-booked' }] }])).get(
    input.orderId,
  )
  if (
    decision?.payment.provider !== 'bank-transfer' ||
    decision.payment.capturedMinor !== decision.payment.amountMinor ||
    decision.payment.cancelled
  ) {
    return refuse('illegal-transition', { detail: 'No bank transfer of this order is awaited.' })
  }
  return { booked: true }
})
