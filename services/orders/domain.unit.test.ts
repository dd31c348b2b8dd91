import fc from 'fast-check'
import { isRefusal } from '@stoa/chassis/contract.ts'
import { expect, test } from 'vitest'
import {
  onCommitRefused,
  onHoldExpired,
  onPayment,
  requestCancel,
  setStatus,
  type Change,
  type PaymentOutcome,
  type SagaState,
} from './domain.ts'

const PLACED = new Date('2026-01-01T10:00:00Z')
const order = (over: Partial<SagaState> = {}): SagaState => ({
  orderId: 'o',
  status: 'PENDING',
  method: 'card',
  paymentState: 'authorizing',
  cancelRequested: false,
  placedAt: PLACED,
  flags: [],
  ...over,
})
const after = (state: SagaState, change: Change): SagaState => ({
  ...state,
  ...Object.fromEntries(Object.entries(change).filter(([key]) => key in state)),
})

test('when the payment is authorized, a pending order is confirmed', () => {
  expect(onPayment(order(), 'authorized')).toMatchObject({ status: 'CONFIRMED', paymentState: 'authorized' })
})

test('when the customer asked to cancel meanwhile, an authorized payment ends in a cancelled order', () => {
  expect(onPayment(order({ cancelRequested: true }), 'authorized')).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer' })
})

test('when the payment is declined, the order ends as payment-declined', () => {
  expect(onPayment(order(), 'declined')).toMatchObject({ status: 'CANCELLED', cancelReason: 'payment-declined' })
})

test('when the payment is unknown, neither its news nor the end of the hold ends the order', () => {
  const unknown = after(order(), onPayment(order(), 'unknown'))
  expect(unknown.status).toBe('PENDING')
  expect(onHoldExpired(unknown)).toEqual({})
})

test('when a confirmed order cannot have its stock, it is cancelled as out-of-stock', () => {
  expect(onCommitRefused(order({ status: 'CONFIRMED' }))).toMatchObject({ status: 'CANCELLED', cancelReason: 'out-of-stock' })
})

test('when 30 minutes have passed, a customer can no longer cancel', () => {
  const confirmed = order({ status: 'CONFIRMED', paymentState: 'authorized' })
  expect(requestCancel(confirmed, new Date(PLACED.getTime() + 29 * 60_000))).toMatchObject({
    status: 'CANCELLED',
    cancelReason: 'customer',
  })
  expect(requestCancel(confirmed, new Date(PLACED.getTime() + 30 * 60_000))).toMatchObject({ refused: 'cancel-window-passed' })
  expect(requestCancel(order({ status: 'PROCESSING' }), PLACED)).toMatchObject({ refused: 'cancel-window-passed' })
})

test('when a payment runs, a customer’s cancel is noted and waits for it', () => {
  expect(requestCancel(order(), PLACED)).toEqual({ cancelRequested: true })
  expect(requestCancel(order({ paymentState: 'requires-action' }), PLACED)).toMatchObject({ status: 'CANCELLED' })
  expect(requestCancel(order({ method: 'bank-transfer', paymentState: 'none' }), PLACED)).toMatchObject({ status: 'CANCELLED' })
})

test('when the customer asked to cancel meanwhile, a payment that asks for their step ends in a cancelled order', () => {
  expect(onPayment(order({ cancelRequested: true }), 'requires-action')).toMatchObject({ status: 'CANCELLED', cancelReason: 'customer' })
})

test('when an order ends whose shopper never took the step, its payment has failed, whoever ended it', () => {
  const waiting = order({ paymentState: 'requires-action' })
  const ends = [requestCancel(waiting, PLACED), setStatus(waiting, 'CANCELLED'), onHoldExpired(waiting)]
  for (const end of [...ends, onPayment(order({ cancelRequested: true }), 'requires-action')])
    expect(end).toMatchObject({ status: 'CANCELLED', paymentState: 'failed' })
  expect(requestCancel(order({ status: 'CONFIRMED', paymentState: 'authorized' }), PLACED)).not.toHaveProperty('paymentState')
})

test('when staff book a bank transfer, the order is confirmed; a card order cannot be confirmed by hand', () => {
  expect(setStatus(order({ method: 'bank-transfer', paymentState: 'none' }), 'CONFIRMED')).toMatchObject({ status: 'CONFIRMED' })
  expect(setStatus(order(), 'CONFIRMED')).toMatchObject({ refused: 'illegal-transition' })
})

test('when a step is not in the table, it is refused by name', () => {
  expect(setStatus(order({ status: 'CONFIRMED' }), 'DELIVERED')).toMatchObject({
    refused: 'illegal-transition',
    from: 'CONFIRMED',
    to: 'DELIVERED',
  })
  expect(setStatus(order({ status: 'CANCELLED' }), 'PROCESSING')).toMatchObject({ refused: 'illegal-transition' })
})

test('when capture fails and later succeeds, the flag comes and goes', () => {
  const shipped = order({ status: 'SHIPPED', paymentState: 'authorized' })
  const flagged = after(shipped, onPayment(shipped, 'capture-failed'))
  expect(flagged.flags).toEqual(['capture-failed'])
  expect(after(flagged, onPayment(flagged, 'captured')).flags).toEqual([])
})

test('whatever comes in whatever order, an order that ended never lives again and none is confirmed after it was cancelled', () => {
  const outcomes: PaymentOutcome[] = [
    'requires-action',
    'authorized',
    'declined',
    'timed-out',
    'unknown',
    'abandoned',
    'captured',
    'capture-failed',
    'voided',
    'partially-refunded',
    'refunded',
  ]
  const happening = fc.oneof(
    fc.constantFrom(...outcomes).map((one) => (state: SagaState) => onPayment(state, one)),
    fc.constant((state: SagaState) => onHoldExpired(state)),
    fc.constant((state: SagaState) => onCommitRefused(state)),
    fc.constant((state: SagaState) => requestCancel(state, PLACED)),
    fc
      .constantFrom(...(['PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'RETURNED', 'REFUNDED'] as const))
      .map((to) => (state: SagaState) => setStatus(state, to)),
  )
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 30 }),
      fc.constantFrom<SagaState['method']>('card', 'bank-transfer', 'cash-on-delivery'),
      (happenings, method) => {
        let state = order({ method, paymentState: method === 'bank-transfer' ? 'none' : 'authorizing' })
        for (const happens of happenings) {
          const change = happens(state)
          if (isRefusal(change)) continue
          const next = after(state, change)
          if (state.status === 'CANCELLED' || state.status === 'REFUNDED') expect(next.status).toBe(state.status)
          if (next.status !== state.status && next.status === 'PENDING') throw new Error('an order became pending again')
          state = next
        }
      },
    ),
  )
})
