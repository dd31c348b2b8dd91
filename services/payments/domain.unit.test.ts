import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './domain/decide.ts'
import type { Decision, Evidence, Told } from './domain/evidence.ts'
import type { Entry } from './domain/ledger.ts'
import { isFinal, isOnline, newOp, newPayment, providerOf, refundFault, type Method, type Op, type Standing } from './domain/payment.ts'
import { nextStep, secondsUntilNext } from './domain/steps.ts'
import { openBook, type Plan } from './testing/book.ts'

const AMOUNT = { amount: 1299, currency: 'EUR' }
const ORDER = '00000000-0000-7000-8000-000000000000'

function numberedIds() {
  let last = 0
  return () => `00000000-0000-7000-8000-${String(++last).padStart(12, '0')}`
}

function attemptOf(id: string, method: Method = 'card', hosted = false): Op {
  const provider = providerOf(method, AMOUNT.amount)
  const kind = isOnline(provider) ? 'authorize' : 'receipt'
  return newOp({ id, orderId: ORDER, kind, attempt: id, provider, amountMinor: AMOUNT.amount, currency: AMOUNT.currency, hosted })
}

/** A payment under test: standing, and all that ever followed. */
function startLife(method: Method = 'card', hosted = false) {
  const newId = numberedIds()
  const first = attemptOf(newId(), method, hosted)
  let standing: Standing = { payment: newPayment(ORDER, method, first.provider, AMOUNT), ops: [] }
  const entries: Entry[] = []
  const told: Told[] = []
  const seen: Evidence[] = []
  const life = {
    first,
    newId,
    entries,
    told,
    seen,
    get payment() {
      return standing.payment
    },
    get ops() {
      return standing.ops
    },
    get outcomes() {
      return told.map((one) => one.outcome)
    },
    op: (id: string) => standing.ops.find((one) => one.id === id) as Op,
    later: (kind: Op['kind']) => standing.ops.filter((one) => one.kind === kind),
    learn(...evidence: Evidence[]): Decision {
      const decision = decide(standing, evidence, 'response', newId)
      standing = { payment: decision.payment, ops: decision.ops }
      entries.push(...decision.entries)
      told.push(...decision.told)
      seen.push(...evidence)
      return decision
    },
    /** What the worker does before a call. */
    sent(id: string) {
      standing = {
        ...standing,
        ops: standing.ops.map((op) =>
          op.id === id ? { ...op, tries: op.tries + 1, state: op.state === 'created' ? 'sent' : op.state } : op,
        ),
      }
    },
  }
  life.learn({ kind: 'attempt-begun', op: first, method })
  return life
}

const placed: Evidence = { kind: 'order-placed', number: 'S-1', total: AMOUNT }
const cancelled: Evidence = { kind: 'order-cancelled' }
const shipped: Evidence = { kind: 'order-shipped' }

function chargeIn(book: ReturnType<typeof openBook>, key: string): Evidence {
  const charge = book.find(key)
  if (!charge) throw new Error('no such charge')
  return { kind: 'charge', charge }
}

function paidLife(plan: Plan = 'authorize') {
  const book = openBook()
  const life = startLife()
  life.learn(placed)
  life.sent(life.first.id)
  book.authorize(life.first, plan)
  return { book, life, see: () => life.learn(chargeIn(book, life.first.id)) }
}

describe('a card', () => {
  test('when the order is placed, its operation is worked on, and the answer is told', () => {
    const { life, see } = paidLife()
    see()
    expect(life.outcomes).toEqual(['authorized'])
    expect(life.payment.state).toBe('authorized')
    expect(life.entries).toEqual([])
  })

  test('when it is declined, the order hears it once and the payment is over', () => {
    const { life, see } = paidLife('decline')
    see()
    see()
    expect(life.outcomes).toEqual(['declined'])
    expect(life.payment).toMatchObject({ over: true, state: 'failed' })
  })

  test('when it succeeds after it was told to have failed, the money is released by itself', () => {
    const { book, life, see } = paidLife('fail')
    see()
    book.succeed(life.first.id)
    const { due } = see()
    const [release] = life.later('void')
    expect(due).toEqual([release?.id])
    expect(book.operate(release as Op)).toBe(true)
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

  test('when the order is cancelled while the call is under way, its success is released', () => {
    const { life, see } = paidLife()
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
    const { life, see } = paidLife()
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
    const { book, life, see } = paidLife()
    see()
    life.learn(shipped, shipped)
    const [capture, ...more] = life.later('capture')
    expect(more).toEqual([])
    expect(book.operate(capture as Op)).toBe(true)
    see()
    see()
    expect(life.outcomes).toEqual(['authorized', 'captured'])
    expect(balances(life.entries)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })

  test('when a capture fails, the order hears it once and the same key is sent again', () => {
    const { life, see } = paidLife()
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
    const { book, life, see } = paidLife()
    see()
    life.learn(shipped)
    const charge = book.find(life.first.id)
    if (charge) life.learn({ kind: 'charge', charge: { ...charge, state: 'voided', revision: charge.revision + 1 } })
    expect(life.outcomes).toEqual(['authorized', 'capture-failed', 'voided'])
  })

  test('when a charge of another amount stands under our key, it is not believed', () => {
    const { book, life } = paidLife()
    const charge = book.find(life.first.id)
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
    book.authorize(life.first, 'authorize')
    life.learn(chargeIn(book, life.first.id))
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
    book.authorize(life.first, 'authorize')
    life.learn(chargeIn(book, life.first.id))
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
    book.authorize(second, 'authorize')
    life.learn(chargeIn(book, second.id))
    book.authorize(life.first, 'authorize')
    life.learn(chargeIn(book, life.first.id))
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
    const free = decide(
      { payment: newPayment(ORDER, 'card', 'none', { amount: 0, currency: 'EUR' }), ops: [] },
      [
        { kind: 'attempt-begun', op, method: 'card' },
        { kind: 'order-placed', number: 'S-1', total: { amount: 0, currency: 'EUR' } },
      ],
      'order',
      newId,
    )
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
    const { book, life, see } = paidLife()
    see()
    life.learn(shipped)
    book.operate(life.later('capture')[0] as Op)
    see()
    const opId = life.newId()
    life.learn({ kind: 'refund-ordered', opId, amountMinor: 500, reason: 'scratched' })
    life.learn({ kind: 'refused', opId, code: 'amount-too-large', closed: true })
    expect(life.payment.refundOrderedMinor).toBe(0)
    expect(balances(life.entries)).toEqual({ 'gateway_clearing:sandbox': 1299, revenue: -1299 })
  })
})

describe('whatever comes, in whatever order', () => {
  const step = fc.record({
    act: fc.constantFrom(
      'place',
      'cancel',
      'ship',
      'deadline',
      'refund',
      'work',
      'work',
      'work',
      'lose',
      'succeed-late',
      'notice',
      'repeat',
      'abandon',
    ),
    pick: fc.nat({ max: 1000 }),
  })

  test('money is conserved, told once, and agrees with the provider’s book', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Plan>('authorize', 'decline', 'fail', 'challenge', 'nothing'),
        fc.array(step, { maxLength: 60 }),
        (plan, steps) => {
          const { life, book } = play(plan, steps)
          comeToRest(life, book, plan)
          demandSound(life, book)
        },
      ),
      { numRuns: 600 },
    )
  })

  test('all evidence of a provider once more, shuffled, changes nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Plan>('authorize', 'fail', 'challenge'),
        fc.array(step, { maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        (plan, steps, random) => {
          const { life, book } = play(plan, steps)
          comeToRest(life, book, plan)
          const before = { payment: life.payment, ops: life.ops, told: life.told.length, entries: life.entries.length }
          const again = [...book.snapshots(), ...book.snapshots()].map((charge) => ({ rank: random.next().value as number, charge }))
          for (const { charge } of again.sort((one, other) => one.rank - other.rank)) life.learn({ kind: 'charge', charge })
          expect({ payment: life.payment, ops: life.ops, told: life.told.length, entries: life.entries.length }).toEqual(before)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('snapshots of one charge end in the same state in every order', () => {
    const { book, life, see } = paidLife()
    see()
    life.learn(shipped)
    const capture = life.later('capture')[0] as Op
    book.operate(capture)
    see()
    const refunds = [300, 999].map((amountMinor) => {
      const opId = life.newId()
      life.learn({ kind: 'refund-ordered', opId, amountMinor, reason: 'x' })
      return life.op(opId)
    })
    const open: Standing = { payment: life.payment, ops: life.ops }
    for (const op of refunds) book.operate(op)
    const snapshots = book.snapshots()
    fc.assert(
      fc.property(fc.shuffledSubarray([...snapshots, ...snapshots], { minLength: snapshots.length * 2 }), (shuffled) => {
        let standing = open
        for (const charge of shuffled) standing = decide(standing, [{ kind: 'charge', charge }], 'webhook', numberedIds())
        expect(standing.payment).toMatchObject({ state: 'refunded', refundedMinor: 1299, refundOrderedMinor: 1299 })
      }),
    )
  })
})

type Life = ReturnType<typeof startLife>
type Book = ReturnType<typeof openBook>

function play(plan: Plan, steps: readonly { act: string; pick: number }[]): { life: Life; book: Book } {
  const life = startLife()
  const book = openBook()
  for (const { act, pick } of steps) {
    const op = life.ops[pick % life.ops.length] as Op
    if (act === 'place') life.learn(placed)
    if (act === 'cancel' && life.payment.placed && !life.payment.shipped) life.learn(cancelled)
    if (act === 'ship' && life.payment.state === 'authorized' && !life.payment.cancelled) life.learn(shipped)
    if (act === 'deadline') life.learn({ kind: 'deadline-passed' })
    if (act === 'refund' && refundFault(life.payment, { amount: 1 + pick, currency: 'EUR' }) === undefined) {
      life.learn({ kind: 'refund-ordered', opId: life.newId(), amountMinor: 1 + pick, reason: 'x' })
    }
    if (act === 'work') work(life, book, op, plan, true)
    if (act === 'lose') work(life, book, op, plan, false)
    if (act === 'succeed-late') book.succeed(op.id)
    if (act === 'abandon' && op.state === 'unknown') life.learn({ kind: 'gave-up', opId: op.id })
    if (act === 'notice' || act === 'repeat') {
      const snapshots = book.snapshots()
      const charge = snapshots[pick % Math.max(1, snapshots.length)]
      if (charge) life.learn({ kind: 'charge', charge })
    }
  }
  return { life, book }
}

/** One step of the worker; `answered` false loses the answer. */
function work(life: Life, book: Book, op: Op, plan: Plan, answered: boolean): void {
  const step = nextStep(life.payment, op)
  if (step === 'rest' || step === 'open-page') return
  if (step === 'close') {
    const { closed, charge } = book.close(op.id)
    if (!answered) return
    if (charge) life.learn({ kind: 'charge', charge })
    if (closed) life.learn({ kind: 'key-closed', opId: op.id, why: 'no-charge' })
    return
  }
  if (step === 'inquire') {
    const charge = book.find(op.id)
    life.learn(
      !answered
        ? { kind: 'no-answer', opId: op.id, reached: true, reason: 'x' }
        : charge
          ? { kind: 'charge', charge }
          : { kind: 'absent', opId: op.id },
    )
    return
  }
  life.sent(op.id)
  const done = op.kind === 'authorize' ? book.authorize(op, plan) : book.operate(op)
  if (!answered || done === 'absent') life.learn({ kind: 'no-answer', opId: op.id, reached: true, reason: 'timeout' })
  else if (done === 'closed') life.learn({ kind: 'key-closed', opId: op.id, why: 'no-charge' })
  else if (typeof done === 'object') life.learn({ kind: 'charge', charge: done })
  else {
    const charge = book.chargeOf(op)
    if (charge) life.learn({ kind: 'charge', charge })
    if (!done) life.learn({ kind: 'refused', opId: op.id, code: 'no', closed: op.kind === 'refund' })
  }
}

/** The order comes, the shopper does not, and every operation is worked on until it rests. */
function comeToRest(life: Life, book: Book, plan: Plan): void {
  life.learn(placed)
  for (let round = 0; round < 40; round++) {
    const open = life.ops.filter((op) => nextStep(life.payment, op) !== 'rest')
    if (open.every((op) => op.state === 'requires-action')) life.learn({ kind: 'deadline-passed' })
    for (const op of open) work(life, book, life.op(op.id), plan, true)
    for (const charge of book.charges()) life.learn({ kind: 'charge', charge })
  }
}

function demandSound(life: Life, book: Book): void {
  const { payment, ops, told, entries } = life
  for (const entry of entries) expect(entry.postings.reduce((sum, one) => sum + one.amountMinor, 0)).toBe(0)
  expect(new Set(entries.map((one) => `${one.kind} ${one.externalRef}`)).size).toBe(entries.length)
  expect(payment.capturedMinor).toBeLessThanOrEqual(payment.amountMinor)
  expect(payment.refundOrderedMinor).toBeLessThanOrEqual(payment.capturedMinor)
  expect(ops.filter((op) => !isFinal(op))).toEqual([])
  const there = book.charges()
  const net = there.reduce((sum, one) => sum + one.capturedMinor - one.refundedMinor, 0)
  expect(payment.capturedMinor - payment.refundedMinor).toBe(net)
  expect(balances(entries)['gateway_clearing:sandbox'] ?? 0).toBe(net)
  const live = there.filter((one) => one.state === 'authorized')
  if (payment.cancelled || payment.over) expect([live.length, net]).toEqual([0, 0])
  else expect(live.length).toBe(payment.shipped ? 0 : 1)
  if (payment.shipped && !payment.cancelled && !payment.over) expect(payment.capturedMinor).toBe(payment.amountMinor)
  for (const outcome of ['authorized', 'captured', 'declined', 'timed-out', 'abandoned', 'unknown', 'voided', 'refunded'] as const) {
    expect(told.filter((one) => one.outcome === outcome).length).toBeLessThanOrEqual(1)
  }
  const ended = told.findIndex((one) => one.outcome === 'declined' || one.outcome === 'timed-out' || one.outcome === 'abandoned')
  const after = ended === -1 ? [] : told.slice(ended + 1).map((one) => one.outcome)
  expect(after).not.toContain('authorized')
  expect(after).not.toContain('captured')
}

function balances(entries: readonly Entry[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { account, amountMinor } of entries.flatMap((one) => one.postings)) sums[account] = (sums[account] ?? 0) + amountMinor
  return Object.fromEntries(Object.entries(sums).filter(([, total]) => total !== 0))
}

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
