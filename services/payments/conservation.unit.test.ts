import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './domain/decide.ts'
import { isFinal, refundFault, type Op, type Standing } from './domain/payment.ts'
import { nextStep } from './domain/steps.ts'
import { authorize, chargeOf, close, openBook, operate, succeed, type Book, type Plan } from './testing/book.ts'
import { balances, cancelled, numberedIds, placed, sentLife, shipped, startLife, type Life } from './testing/life.ts'

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
      {
        numRuns: 600,
        // The order is cancelled between a lost answer and the next try, which then asks for the shopper's step.
        examples: [['challenge', ['place', 'lose', 'cancel'].map((act) => ({ act: act as 'place', pick: 0 }))]],
      },
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
          const again = [...book.history, ...book.history].map((charge) => ({ rank: random.next().value as number, charge }))
          for (const { charge } of again.sort((one, other) => one.rank - other.rank)) life.learn({ kind: 'charge', charge })
          expect({ payment: life.payment, ops: life.ops, told: life.told.length, entries: life.entries.length }).toEqual(before)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('snapshots of one charge end in the same state in every order', () => {
    const { book, life, see } = sentLife()
    see()
    life.learn(shipped)
    const capture = life.later('capture')[0] as Op
    operate(book, capture)
    see()
    const refunds = [300, 999].map((amountMinor) => {
      const opId = life.newId()
      life.learn({ kind: 'refund-ordered', opId, amountMinor, reason: 'x' })
      return life.op(opId)
    })
    const open = life.standing
    for (const op of refunds) operate(book, op)
    const snapshots = book.history
    fc.assert(
      fc.property(fc.shuffledSubarray([...snapshots, ...snapshots], { minLength: snapshots.length * 2 }), (shuffled) => {
        let standing: Standing = open
        for (const charge of shuffled)
          standing = decide(standing, [{ cause: 'webhook', evidence: [{ kind: 'charge', charge }] }], numberedIds())
        expect(standing.payment).toMatchObject({ state: 'refunded', refundedMinor: 1299, refundOrderedMinor: 1299 })
      }),
    )
  })
})

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
    if (act === 'succeed-late') succeed(book, op.id)
    if (act === 'abandon' && op.state === 'unknown') life.learn({ kind: 'gave-up', opId: op.id })
    if (act === 'notice' || act === 'repeat') {
      const snapshots = book.history
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
    const { closed, charge } = close(book, op.id)
    if (!answered) return
    if (charge) life.learn({ kind: 'charge', charge })
    if (closed) life.learn({ kind: 'key-closed', opId: op.id, why: 'no-charge' })
    return
  }
  if (step === 'inquire') {
    const charge = book.charges.get(op.id)
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
  const done = op.kind === 'authorize' ? authorize(book, op, plan) : operate(book, op)
  if (!answered || done === 'absent') life.learn({ kind: 'no-answer', opId: op.id, reached: true, reason: 'timeout' })
  else if (done === 'closed') life.learn({ kind: 'key-closed', opId: op.id, why: 'no-charge' })
  else if (typeof done === 'object') life.learn({ kind: 'charge', charge: done })
  else {
    const charge = chargeOf(book, op)
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
    for (const charge of [...book.charges.values()]) life.learn({ kind: 'charge', charge })
  }
}

function demandSound(life: Life, book: Book): void {
  const { payment, ops, told, entries } = life
  for (const entry of entries) expect(entry.postings.reduce((sum, one) => sum + one.amountMinor, 0)).toBe(0)
  expect(new Set(entries.map((one) => `${one.kind} ${one.externalRef}`)).size).toBe(entries.length)
  expect(payment.capturedMinor).toBeLessThanOrEqual(payment.amountMinor)
  expect(payment.refundOrderedMinor).toBeLessThanOrEqual(payment.capturedMinor)
  expect(ops.filter((op) => !isFinal(op))).toEqual([])
  const there = [...book.charges.values()]
  const net = there.reduce((sum, one) => sum + one.capturedMinor - one.refundedMinor, 0)
  expect(payment.capturedMinor - payment.refundedMinor).toBe(net)
  expect(balances(entries)['gateway_clearing:sandbox'] ?? 0).toBe(net)
  const live = there.filter((one) => one.state === 'authorized')
  const ended = payment.cancelled || payment.over
  expect(live.length).toBe(ended || payment.shipped ? 0 : 1)
  expect(ended ? net : 0).toBe(0)
  expect(payment.capturedMinor).toBe(payment.shipped && !ended ? payment.amountMinor : payment.refundedMinor)
  for (const outcome of ['authorized', 'captured', 'declined', 'timed-out', 'abandoned', 'unknown', 'voided', 'refunded'] as const) {
    expect(told.filter((one) => one.outcome === outcome).length).toBeLessThanOrEqual(1)
  }
  const last = told.findIndex((one) => one.outcome === 'declined' || one.outcome === 'timed-out' || one.outcome === 'abandoned')
  const after = last === -1 ? [] : told.slice(last + 1).map((one) => one.outcome)
  expect(after).not.toContain('authorized')
  expect(after).not.toContain('captured')
}
