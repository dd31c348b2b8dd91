import { describe, expect, test } from 'vitest'
import { decide } from './domain/decide.ts'
import type { Evidence } from './domain/evidence.ts'
import { newOp, newPayment, providerOf, refundFault, type Op } from './domain/payment.ts'
import { nextStep, secondsUntilNext } from './domain/steps.ts'
import { authorize, openBook, operate, succeed } from './testing/book.ts'
import { AMOUNT, attemptOf, balances, cancelled, numberedIds, ORDER, placed, sentLife, shipped, startLife } from './testing/life.ts'

describe('a card', () => {
  test('when the order is placed, its operation is worked on, and the answer is told', () => {
    const { life, see } = sentLife()
    see()
    expect(life.outcomes).toEqual(['authorized'])
    expect(life.payment.state).toBe('authorized')
    expect(life.entries).toEqual([])
  })

  test('when it is declined, the order hears it once and the payment is over', () => {
    const { life, see } = sentLife('decline')
    see()
    see()
    expect(life.outcomes).toEqual(['declined'])
    expect(life.payment).toMatchObject({ over: true, state: 'failed' })
  })

  test('when it succeeds after it was told to have failed, the money is released by itself', () => {
    const { book, life, see } = sentLife('fail')
    see()
    succeed(book, life.first.id)
    const { due } = see()
    const [release] = life.later('void')
    expect(due).toEqual([release?.id])
    expect(operate(book, release as Op)).toBe(true)
    see()
    expect(life.outcomes).toEqual(['declined', 'voided'])
    expect(life.payment.state).toBe('voided')
  })

  test('when the order is cancelled before anything was sent, nothing ever is', () => {
    const life = startLife()
    life.learn(placed, cancelled)
    expect(life.op(life.first.id)).toMatchObject({ state: 'failed', reason: 'cancelled' })
    expect(nextStep(life.payment, life.op(life.first.id))).toBe('rest')
  })

  test('when the order is cancelled while the call is under way, and it asks for the shopper, its key is closed', () => {
    const { life, see } = sentLife('challenge')
    life.learn(cancelled)
    const { due } = see()
    expect(due).toEqual([life.first.id])
    expect(nextStep(life.payment, life.op(life.first.id))).toBe('close')
    life.learn({ kind: 'key-closed', opId: life.first.id, why: 'no-charge' })
    expect(life.op(life.first.id)).toMatchObject({ state: 'failed', closed: true })
  })

  test('when the order is cancelled while the call is under way, its success is released', () => {
    const { life, see } = sentLife()
    life.learn(cancelled)
    see()
    expect(life.later('void')).toHaveLength(1)
    expect(life.outcomes).toEqual([])
  })

  test('when three tries are unanswered, it is unknown; three empty inquiries ask for the key to be closed; closed is proof', () => {
    const life = startLife()
    life.learn(placed)
    const id = life.first.id
    for (let index = 0; index < 3; index++) {
      expect(nextStep(life.payment, life.op(id))).toBe('send')
      life.sent(id)
      life.learn({ kind: 'no-answer', opId: id, reached: true, reason: 'timeout' })
    }
    expect(life.outcomes).toEqual(['unknown'])
    for (let index = 0; index < 3; index++) {
      expect(nextStep(life.payment, life.op(id))).toBe('inquire')
      life.learn({ kind: 'absent', opId: id })
    }
    expect(nextStep(life.payment, life.op(id))).toBe('close')
    life.learn({ kind: 'key-closed', opId: id, why: 'no-charge' })
    expect(life.outcomes).toEqual(['unknown', 'timed-out'])
    expect(life.payment.state).toBe('failed')
  })

  test('when the provider was away for all tries, the same key is sent again as soon as it answers', () => {
    const life = startLife()
    life.learn(placed)
    const id = life.first.id
    for (let index = 0; index < 3; index++) {
      life.sent(id)
      life.learn({ kind: 'no-answer', opId: id, reached: false, reason: 'ECONNREFUSED' })
    }
    expect(nextStep(life.payment, life.op(id))).toBe('inquire')
    life.learn({ kind: 'absent', opId: id })
    expect(nextStep(life.payment, life.op(id))).toBe('send')
  })

  test('when nothing is known for a day, the order is let go, and a late success is released', () => {
    const { life, see } = sentLife()
    for (let index = 0; index < 3; index++) {
      life.sent(life.first.id)
      life.learn({ kind: 'no-answer', opId: life.first.id, reached: true, reason: 'timeout' })
    }
    life.learn({ kind: 'gave-up', opId: life.first.id }, { kind: 'gave-up', opId: life.first.id })
    expect(life.payment.state).toBe('unknown')
    see()
    expect(life.outcomes).toEqual(['unknown', 'abandoned'])
    expect(life.later('void')).toHaveLength(1)
  })

  test('when it is shipped, it is captured once, and the sale is booked', () => {
    const { book, life, see } = sentLife()
    see()
    life.learn(shipped, shipped)
    const [capture, ...more] = life.later('capture')
    expect(more).toEqual([])
    expect(operate(book, capture as Op)).toBe(true)
    see()
    see()
    expect(life.outcomes).toEqual(['authorized', 'captured'])
    expect(balances(life.entries)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })

  test('when a capture fails, the order hears it once and the same key is sent again', () => {
    const { life, see } = sentLife()
    see()
    life.learn(shipped)
    const id = life.later('capture')[0]?.id as string
    life.sent(id)
    life.learn({ kind: 'refused', opId: id, code: 'provider-says-no', closed: false })
    life.sent(id)
    life.learn({ kind: 'refused', opId: id, code: 'provider-says-no', closed: false })
    expect(life.outcomes).toEqual(['authorized', 'capture-failed'])
    expect(nextStep(life.payment, life.op(id))).toBe('send')
  })

  test('when the provider lets the hold lapse before the capture, that is told', () => {
    const { book, life, see } = sentLife()
    see()
    life.learn(shipped)
    const charge = book.charges.get(life.first.id)
    if (charge) life.learn({ kind: 'charge', charge: { ...charge, state: 'voided', revision: charge.revision + 1 } })
    expect(life.outcomes).toEqual(['authorized', 'capture-failed', 'voided'])
  })

  test('when a charge of another amount stands under our key, it is not believed', () => {
    const { book, life } = sentLife()
    const charge = book.charges.get(life.first.id)
    if (charge) life.learn({ kind: 'charge', charge: { ...charge, amountMinor: 1 } })
    expect(life.op(life.first.id).state).toBe('sent')
  })

  test('when the order costs another sum than was prepared, nothing is charged', () => {
    const life = startLife()
    life.learn({ kind: 'order-placed', number: 'S-1', total: { amount: 1300, currency: 'EUR' } })
    expect(life.outcomes).toEqual(['declined'])
    expect(nextStep(life.payment, life.op(life.first.id))).toBe('rest')
  })
})

describe('a card page', () => {
  test('when the shopper pays before the order is placed, the order hears of it then', () => {
    const book = openBook()
    const life = startLife('card', true)
    life.learn({ kind: 'page-opened', opId: life.first.id, url: 'http://pay' })
    authorize(book, life.first, 'authorize')
    life.see(book, life.first.id)
    expect(life.outcomes).toEqual([])
    life.learn(placed)
    expect(life.outcomes).toEqual(['authorized'])
  })

  test('when the deadline passes, its key is closed, and that is told as timed-out', () => {
    const life = startLife('card', true)
    life.learn({ kind: 'page-opened', opId: life.first.id, url: 'http://pay' }, placed)
    const { due } = life.learn({ kind: 'deadline-passed' })
    expect(due).toEqual([life.first.id])
    expect(nextStep(life.payment, life.op(life.first.id))).toBe('close')
    life.learn({ kind: 'key-closed', opId: life.first.id, why: 'no-charge' })
    expect(life.outcomes).toEqual(['requires-action', 'timed-out'])
  })

  test('when the order never comes, the page is closed, and what was paid on it is released', () => {
    const book = openBook()
    const life = startLife('card', true)
    life.learn({ kind: 'page-opened', opId: life.first.id, url: 'http://pay' })
    life.learn({ kind: 'never-placed' })
    authorize(book, life.first, 'authorize')
    life.see(book, life.first.id)
    expect(life.later('void')).toHaveLength(1)
    life.learn(placed)
    expect(life.outcomes).toEqual(['timed-out'])
  })

  test('when it is given up for another attempt, its late success is released and the other goes on', () => {
    const book = openBook()
    const life = startLife('card', true)
    life.learn({ kind: 'page-opened', opId: life.first.id, url: 'http://pay' }, placed)
    const second = attemptOf(life.newId())
    life.learn({ kind: 'key-closed', opId: life.first.id, why: 'superseded' }, { kind: 'attempt-begun', op: second, method: 'card' })
    authorize(book, second, 'authorize')
    life.see(book, second.id)
    authorize(book, life.first, 'authorize')
    life.see(book, life.first.id)
    expect(life.outcomes).toEqual(['requires-action', 'authorized'])
    expect(life.later('void').map((one) => one.attempt)).toEqual([life.first.id])
    expect(life.payment.state).toBe('authorized')
  })
})

describe('money that comes by itself', () => {
  test('when cash is chosen, it is promised at once and received with the parcel', () => {
    const life = startLife('cash-on-delivery')
    life.learn(placed, shipped, { kind: 'order-delivered' }, { kind: 'order-delivered' })
    expect(life.outcomes).toEqual(['authorized', 'captured'])
    expect(balances(life.entries)).toEqual({ cash_clearing: 1299, revenue: -1299 })
  })

  test('when a transfer is booked twice, it is received once', () => {
    const life = startLife('bank-transfer')
    life.learn(placed)
    expect(life.payment.state).toBe('none')
    life.learn({ kind: 'receipt-booked' }, { kind: 'receipt-booked' })
    expect(life.outcomes).toEqual(['captured'])
    expect(balances(life.entries)).toEqual({ bank_clearing: 1299, revenue: -1299 })
  })

  test('when an order paid by transfer is cancelled, all of it goes back', () => {
    const life = startLife('bank-transfer')
    life.learn(placed, { kind: 'receipt-booked' }, cancelled)
    expect(life.outcomes).toEqual(['captured', 'refunded'])
    expect(balances(life.entries)).toEqual({})
  })

  test('when a transfer is booked for a cancelled order, nothing is taken', () => {
    const life = startLife('bank-transfer')
    life.learn(placed, cancelled, { kind: 'receipt-booked' })
    expect(life.payment.capturedMinor).toBe(0)
  })

  test('when nothing is to be paid, the order hears that it is paid', () => {
    expect(providerOf('card', 0)).toBe('none')
    const newId = numberedIds()
    const op = newOp({ id: newId(), orderId: ORDER, kind: 'receipt', attempt: ORDER, provider: 'none', amountMinor: 0, currency: 'EUR' })
    const begun: Evidence = { kind: 'attempt-begun', op, method: 'card' }
    const costsNothing: Evidence = { kind: 'order-placed', number: 'S-1', total: { amount: 0, currency: 'EUR' } }
    const standing = { payment: newPayment(ORDER, 'card', 'none', { amount: 0, currency: 'EUR' }), ops: [] }
    const free = decide(standing, [{ cause: 'order', evidence: [begun, costsNothing] }], newId)
    expect(free.told.map((one) => one.outcome)).toEqual(['authorized'])
  })
})

describe('refunds', () => {
  test('when more is asked than is left, or in another currency, or of nothing captured, it is refused by name', () => {
    const payment = { ...newPayment(ORDER, 'card', 'sandbox', AMOUNT), capturedMinor: 1000, refundOrderedMinor: 400 }
    expect(refundFault(payment, { amount: 601, currency: 'EUR' })).toBe('amount-too-high')
    expect(refundFault(payment, { amount: 600, currency: 'EUR' })).toBeUndefined()
    expect(refundFault(payment, { amount: 1, currency: 'USD' })).toBe('invalid-request')
    expect(refundFault({ ...payment, refundOrderedMinor: 1000 }, undefined)).toBe('amount-too-high')
    expect(refundFault({ ...payment, capturedMinor: 0, refundOrderedMinor: 0 }, undefined)).toBe('illegal-transition')
  })

  test('when a refund is refused for good, the debt is taken back and the amount is free again', () => {
    const { book, life, see } = sentLife()
    see()
    life.learn(shipped)
    operate(book, life.later('capture')[0] as Op)
    see()
    const opId = life.newId()
    life.learn({ kind: 'refund-ordered', opId, amountMinor: 500, reason: 'scratched' })
    life.learn({ kind: 'refused', opId, code: 'amount-too-large', closed: true })
    expect(life.payment.refundOrderedMinor).toBe(0)
    expect(balances(life.entries)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })
})

describe('pace', () => {
  const pace = { afterTry: [1, 2, 4], firstInquiries: [1, 3, 10], inquiry: 10, slowInquiry: 60, shopper: 30, watch: 3600 }
  const op = attemptOf('a')
  test('the fast phase waits 1, 2, 4 seconds; an unknown outcome is asked after quickly, then every 10 s, then every minute', () => {
    const waits = (fields: Partial<Op>) => secondsUntilNext({ ...op, ...fields }, 'send', 'send', pace)
    expect([1, 2, 3].map((tries) => waits({ state: 'sent', tries }))).toEqual([1, 2, 4])
    expect([0, 1, 2, 3, 29, 30].map((inquiries) => waits({ state: 'unknown', inquiries }))).toEqual([1, 3, 10, 10, 10, 60])
  })

  test('a capture that fails is tried ever more rarely, at least every hour', () => {
    const waits = (tries: number) => secondsUntilNext({ ...op, kind: 'capture', tries }, 'send', 'send', pace)
    expect([1, 2, 3, 4, 5, 6, 20, 5000].map(waits)).toEqual([1, 2, 4, 10, 20, 40, 3600, 3600])
  })
})
