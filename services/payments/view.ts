/** How a payment looks from outside. */
import type { Static } from 'typebox'
import type { Operation, PaymentStatus } from '@stoa/contracts/payments.ts'
import type { Common } from '@stoa/chassis/service.ts'
import { TransferDays } from '@stoa/chassis/settings.ts'
import { TransferBic, TransferIban, TransferRecipient } from './settings.ts'
import type { OpView, PaymentView } from './store/payments.ts'

const DAY_MS = 86_400_000

/** One operation, as the API shows it. */
export function operationView(op: OpView): Static<typeof Operation> {
  return {
    id: op.id,
    kind: op.kind,
    state: op.state,
    amount: { amount: op.amountMinor, currency: op.currency },
    provider: op.provider,
    reason: op.reason,
    at: op.createdAt.toISOString(),
  }
}

/** A payment with its operations, as the API shows it. */
export function statusView(payment: PaymentView, ops: readonly OpView[], context: Pick<Common, 'setting'>): Static<typeof PaymentStatus> {
  const attempt = ops.find((op) => op.id === payment.attempt)
  const waits = payment.state === 'requires-action' && attempt?.actionUrl && !attempt.ending
  return {
    orderId: payment.orderId,
    state: payment.state,
    method: payment.method,
    provider: payment.provider,
    amount: { amount: payment.amountMinor, currency: payment.currency },
    refunded: { amount: payment.refundedMinor, currency: payment.currency },
    ...(waits && attempt.actionUrl ? { nextAction: { type: 'redirect' as const, url: attempt.actionUrl } } : {}),
    ...(payment.provider === 'bank-transfer' && payment.state === 'none' ? { transfer: transferOf(payment, context) } : {}),
    operations: ops.map(operationView),
  }
}

function transferOf(payment: PaymentView, { setting }: Pick<Common, 'setting'>) {
  return {
    iban: setting(TransferIban),
    bic: setting(TransferBic),
    recipient: setting(TransferRecipient),
    reference: payment.number ?? payment.orderId,
    payBy: new Date(payment.createdAt.getTime() + setting(TransferDays) * DAY_MS).toISOString(),
  }
}
