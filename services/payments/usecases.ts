/** What every door of this room shares: evidence becomes rows, postings, events and tasks in one transaction. */
import { createBatcher, createSharedWrite, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import { timer, worker, type Common, type Task, type Worker } from '@stoa/chassis/service.ts'
import { withTraceOf } from '@stoa/chassis/telemetry/trace.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { decide } from './domain/decide.ts'
import type { Decision, Evidence, Learnt } from './domain/evidence.ts'
import { isOnline, newOp, newPayment, providerOf, type Cause, type Method, type Op } from './domain/payment.ts'
import { nextStep, secondsUntilNext, type Step } from './domain/steps.ts'
import { readWork, takeStep } from './provider.ts'
import { AbandonAfter, paceOf } from './settings.ts'
import { bookEntries } from './store/ledger.ts'
import { addPayments, insertPayments, lockStandings, ordersOfOps, saveDecisions, type SecretsByOp } from './store/payments.ts'

/** Calls under way at once, inquiries included. A silent provider holds each for its deadline. */
const OPERATIONS_AT_ONCE = 64
/** Longer than a try with its inquiry: 10 s + 3 s. */
const OPERATION_LEASE_SECONDS = 20
/** At 100 or 3 ms a batch leaves; two are at work at once. Source: reliability §3. */
const BATCH = { itemsMax: 100, waitMs: 3, lanes: 2, queueMax: 1000 }

type Deciding = Pick<Common, 'newId' | 'setting'>

/** Works on operations at providers, one step at a time. */
export const operations = worker(
  'payment-operation',
  { concurrency: OPERATIONS_AT_ONCE, leaseSeconds: OPERATION_LEASE_SECONDS },
  workOperation,
)

/** Lets an order go whose payment has been unknown for a day. */
export const abandonment = timer('payment-abandonment', async (opId, { tx, ...context }) => {
  const orderId = (await ordersOfOps(tx, [opId])).get(opId)
  if (orderId) await settle(tx, context, [{ orderId, cause: 'clock', evidence: [{ kind: 'gave-up', opId }] }])
})

/** What was learnt about one order's payment. */
export interface Change extends Learnt {
  readonly orderId: string
}

/** Decides on changes under the locks of their payments and writes what follows. Orders without a payment are left out. `secrets`: sealed, of attempts that begin. */
export async function settle(
  tx: Tx,
  context: Deciding,
  changes: readonly Change[],
  secrets: SecretsByOp = new Map(),
): Promise<Map<string, Decision>> {
  const byOrder = Map.groupBy(changes, (one) => one.orderId)
  const standings = await lockStandings(tx, [...byOrder.keys()])
  const decisions = new Map<string, Decision>()
  for (const [orderId, standing] of standings) decisions.set(orderId, decide(standing, byOrder.get(orderId) ?? [], context.newId))
  const moved = [...decisions.values()].filter(
    (one) => one.changed.length > 0 || one.payment !== standings.get(one.payment.orderId)?.payment,
  )
  if (moved.length === 0) return decisions
  const entries = moved.flatMap((one) => one.entries)
  await Promise.all([saveDecisions(tx, moved, secrets), bookEntries(tx, entries)])
  for (const decision of moved) withTraceOf(decision.payment.orderId, () => announce(tx, context, decision))
  return decisions
}

function announce(tx: Tx, { setting }: Deciding, { payment, told, due, unknown }: Decision): void {
  const { orderId, method, provider, currency } = payment
  for (const { outcome, operationId, amountMinor } of told) {
    tx.publish(PaymentProcessed, { orderId, outcome, method, provider, amount: { amount: amountMinor, currency }, operationId })
  }
  for (const opId of due) tx.schedule(operations, opId, 0)
  for (const opId of unknown) tx.schedule(abandonment, opId, setting(AbandonAfter))
}

/** What somebody wants to pay. */
export interface Wanted {
  readonly orderId: string
  readonly method: Method
  readonly amount: { readonly amount: number; readonly currency: string }
}

/** Payments that nobody has begun; known ones stay as they are. */
export async function openPayments(tx: Tx, wanted: readonly Wanted[]): Promise<void> {
  await addPayments(tx, wanted.map(unbegun))
}

function unbegun({ orderId, method, amount }: Wanted) {
  return newPayment(orderId, method, providerOf(method, amount.amount), amount)
}

/** The operation of a new attempt: asks a provider, or waits for money that comes by itself. `hosted`: a card is chosen on the provider's page. */
export function newAttempt(id: string, { orderId, method, amount }: Wanted, hosted: boolean): Op {
  const provider = providerOf(method, amount.amount)
  const kind = isOnline(provider) ? 'authorize' : 'receipt'
  const { amount: amountMinor, currency } = amount
  return newOp({ id, orderId, kind, attempt: id, provider, amountMinor, currency, hosted: hosted && kind === 'authorize' })
}

/** A payment nobody knows yet, with its first attempt. */
export interface Beginning {
  readonly wanted: Wanted
  readonly op: Op
  readonly secrets: string | null
  readonly newId: () => string
}

/** Begins payments of orders that are not known yet, together with whoever else does just now. Undefined: the order is known. */
export const beginPayment = oncePer((db: Db) =>
  createBatcher<Beginning, Decision | undefined>(
    BATCH,
    async (items) => {
      const firsts = new Map(items.toReversed().map((one) => [one.wanted.orderId, one]))
      const decided = new Map([...firsts.values()].map((one) => [one, begun(one)]))
      const secrets = new Map(
        [...firsts.values()].flatMap(({ op, secrets: sealed }) => (sealed === null ? [] : [[op.id, sealed] as const])),
      )
      const inserted = await insertPayments(db, [...decided.values()], secrets)
      return items.map((one) => (inserted.has(one.wanted.orderId) ? decided.get(one) : undefined))
    },
    ({ wanted }) => [wanted.orderId],
  ),
)

function begun({ wanted, op, newId }: Beginning): Decision {
  const evidence: Evidence[] = [{ kind: 'attempt-begun', op, method: wanted.method }]
  return decide({ payment: unbegun(wanted), ops: [] }, [{ cause: 'shopper', evidence }], newId)
}

type WorkContext = Parameters<Worker['run']>[1]

async function workOperation(task: Task, context: WorkContext): Promise<void> {
  const work = await readWork(context.db)(task.key)
  const step = work ? nextStep(work.order, work.op) : 'rest'
  if (!work || step === 'rest') return context.transaction(async (tx) => void (await task.finish(tx)))
  const evidence = await takeStep(step, work, context)
  // Something moved between reading and sending: nothing was sent, the task comes again.
  if (evidence.length === 0) return
  failPoint('payments.after-gateway-answer')
  await recordTogether(context.db)({ task, step, op: work.op, evidence, context })
}

interface Record {
  readonly task: Task
  readonly step: Step
  readonly op: Op
  readonly evidence: readonly Evidence[]
  readonly context: WorkContext
}

/** Records what was learnt, together with whoever else does just now. */
const recordTogether = oncePer((_db: Db) => createSharedWrite(BATCH, record, ({ op }) => [op.orderId]))

async function record(tx: Tx, records: readonly Record[]): Promise<void> {
  const [first] = records
  if (!first) return
  const changes = records.map(({ op, step, evidence }): Change => ({ orderId: op.orderId, cause: causeOf(step), evidence }))
  const decisions = await settle(tx, first.context, changes)
  const pace = paceOf(first.context)
  await Promise.all(
    records.map(async ({ task, step, op: before }) => {
      const decision = decisions.get(before.orderId)
      const op = decision?.ops.find((one) => one.id === before.id)
      const next = decision && op ? nextStep(decision.payment, op) : 'rest'
      // A lost lease is no reason to forget what was learnt: whoever has it now finds the operation moved.
      if (!decision || !op || next === 'rest' || decision.due.includes(op.id)) await task.finish(tx)
      else await task.retryIn(tx, secondsUntilNext(op, step, next, pace))
    }),
  )
}

function causeOf(step: Step): Cause {
  return step === 'inquire' ? 'poll' : 'response'
}
