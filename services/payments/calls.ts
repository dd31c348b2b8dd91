import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { handle, orchestrate, read, type Common, type TransactionFn } from '@stoa/chassis/service.ts'
import { BookReceipt, PaymentsOf, PreparePayment } from '@stoa/contracts/payments.ts'
import type { Static } from 'typebox'
import type { CardSecrets } from './adapters/gateway.ts'
import { gatewayOf } from './adapters/providers.ts'
import { isOnline, providerOf, type Op, type Payment, type Standing } from './domain/payment.ts'
import { openSecrets, pageFor, readWork, sealSecrets } from './provider.ts'
import { beginPayment, newAttempt, openPayments, settle } from './usecases.ts'
import { lockStandings, readStandings, replaceSecrets } from './store/payments.ts'
import { statusView } from './view.ts'

type Asked = Static<typeof PreparePayment.input>

export const preparePayment = orchestrate(PreparePayment, async ({ input, db, transaction, ...context }) => {
  const provider = providerOf(input.method, input.amount.amount)
  if (isOnline(provider) && !gatewayOf(provider, context)) return refuse('unavailable', { detail: 'No provider for cards is set up.' })
  const first = newAttempt(context.newId(), input, input.token === undefined)
  const secrets = first.kind === 'authorize' ? sealSecrets(context, first, secretsOf(input)) : null
  const begun = await beginPayment(db)({ wanted: input, op: first, secrets, newId: context.newId })
  if (begun && !first.hosted) return { state: begun.payment.state }
  const op = begun ? first : ((await saidBefore(input, db, context)) ?? (await takeDown(input, transaction, context)))
  if (isRefusal(op)) return op
  if (op.hosted && op.state === 'created') {
    const opened = await pageFor(op.id, { ...context, db })
    if (opened.length === 0) return refuse('unavailable', { detail: 'The payment provider does not answer.' })
    await transaction((tx) => settle(tx, context, [{ orderId: input.orderId, cause: 'response', evidence: opened }]))
  }
  const standing = (await readStandings(db, [input.orderId])).get(input.orderId)
  if (!standing) return refuse('unavailable')
  const { state, nextAction } = statusView(standing.payment, standing.ops, context)
  return { state, ...(nextAction ? { nextAction } : {}) }
})

/** The attempt of an order that was prepared before, when nothing new is said. */
async function saidBefore(input: Asked, db: Db, context: Common): Promise<Op | undefined> {
  const standing = (await readStandings(db, [input.orderId])).get(input.orderId)
  const attempt = standing?.ops.find((op) => op.id === standing.payment.attempt)
  if (!standing || !attempt || !isSame(standing.payment, attempt, input)) return undefined
  if (attempt.kind !== 'authorize' || attempt.state !== 'created') return attempt
  const work = await readWork(db)(attempt.id)
  const card = work && openSecrets(context, attempt, work.secrets)
  const asked = secretsOf(input)
  return card?.token === asked.token && card.returnUrl === asked.returnUrl ? attempt : undefined
}

/** Takes down what is to be paid for an order that was prepared before. Until it is placed, the last word counts; what that replaces is ended. */
async function takeDown(input: Asked, transaction: TransactionFn, context: Common) {
  return transaction(async (tx) => {
    await openPayments(tx, [input])
    const { payment, ops } = (await lockStandings(tx, [input.orderId])).get(input.orderId) as Standing
    const attempt = ops.find((op) => op.id === payment.attempt)
    if (attempt && isSame(payment, attempt, input)) {
      if (attempt.kind === 'authorize') await replaceSecrets(tx, attempt.id, sealSecrets(context, attempt, secretsOf(input)))
      return attempt
    }
    if (payment.placed || payment.over || payment.cancelled) {
      return refuse('illegal-transition', { detail: 'The payment of this order has begun.' })
    }
    const begun = newAttempt(context.newId(), input, input.token === undefined)
    const sealed = begun.kind === 'authorize' ? new Map([[begun.id, sealSecrets(context, begun, secretsOf(input))]]) : undefined
    const { orderId, method } = input
    await settle(tx, context, [{ orderId, cause: 'shopper', evidence: [{ kind: 'attempt-begun', op: begun, method }] }], sealed)
    return begun
  })
}

function isSame(payment: Payment, attempt: Op, { method, amount, token }: Asked): boolean {
  const card = attempt.kind !== 'authorize' || attempt.hosted === (token === undefined)
  return card && payment.method === method && payment.amountMinor === amount.amount && payment.currency === amount.currency
}

function secretsOf({ token, returnUrl }: Asked): CardSecrets {
  return { token: token ?? null, returnUrl }
}

export const paymentsOf = read(PaymentsOf, async ({ input, db, setting }) => {
  const standings = await readStandings(db, input.orderIds)
  return { items: [...standings.values()].map(({ payment, ops }) => statusView(payment, ops, { setting })) }
})

export const bookReceipt = handle(BookReceipt, async ({ input, tx, ...context }) => {
  const { orderId } = input
  const decided = await settle(tx, context, [{ orderId, cause: 'staff', evidence: [{ kind: 'receipt-booked' }] }])
  const payment = decided.get(orderId)?.payment
  const received = payment?.provider === 'bank-transfer' && payment.capturedMinor === payment.amountMinor && !payment.cancelled
  return received ? { booked: true } : refuse('illegal-transition', { detail: 'No bank transfer of this order is awaited.' })
})
