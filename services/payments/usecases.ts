/** What every door of this room shares: evidence becomes rows, postings, events and tasks in one transaction. */
import { createHmac } from 'node:crypto'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import { seal, unseal } from '@stoa/chassis/secrets.ts'
import { timer, worker, type Common, type Task, type Worker } from '@stoa/chassis/service.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import type { Answer, CardSecrets, PaymentGateway } from './adapters/gateway.ts'
import { gatewayOf } from './adapters/providers.ts'
import { decide } from './domain/decide.ts'
import type { Decision, Evidence } from './domain/evidence.ts'
import { isOnline, newOp, newPayment, providerOf, type Cause, type Method, type Op, type OperationKind } from './domain/payment.ts'
import { nextStep, secondsUntilNext, type Step } from './domain/steps.ts'
import { AbandonAfter, PageDeadline, paceOf } from './settings.ts'
import { bookEntries } from './store/ledger.ts'
import {
  addPayments,
  claimTry,
  lockStandings,
  ordersOfOps,
  readWork,
  saveDecisions,
  type SecretsByOp,
  type Work,
} from './store/payments.ts'

/** Calls under way at once, inquiries included. A silent provider holds each for its deadline. */
const OPERATIONS_AT_ONCE = 64
/** Longer than a try with its inquiry: 10 s + 3 s. */
const OPERATION_LEASE_SECONDS = 30

/** Works on operations at providers, one step at a time. */
export const operations = worker(
  'payment-operation',
  { concurrency: OPERATIONS_AT_ONCE, leaseSeconds: OPERATION_LEASE_SECONDS },
  workOperation,
)

/** Lets an order go whose payment has been unknown for a day. */
export const abandonment = timer('payment-abandonment', async (opId, context) => {
  const orderId = (await ordersOfOps(context.tx, [opId])).get(opId)
  if (orderId) await settle(context.tx, context, 'clock', [{ orderId, evidence: [{ kind: 'gave-up', opId }] }])
})

/** Evidence about one order's payment. `secrets`: sealed, of an attempt that begins. */
export interface Change {
  readonly orderId: string
  readonly evidence: readonly Evidence[]
}

/** Decides on changes under the locks of their payments and writes what follows. Orders without a payment are left out. */
export async function settle(
  tx: Tx,
  context: Pick<Common, 'newId' | 'setting'>,
  cause: Cause,
  changes: readonly Change[],
  secrets: SecretsByOp = new Map(),
): Promise<Map<string, Decision>> {
  const byOrder = Map.groupBy(changes, (one) => one.orderId)
  const standings = await lockStandings(tx, [...byOrder.keys()])
  const decisions = new Map<string, Decision>()
  for (const [orderId, standing] of standings) {
    const evidence = (byOrder.get(orderId) ?? []).flatMap((one) => one.evidence)
    decisions.set(orderId, decide(standing, evidence, cause, context.newId))
  }
  const all = [...decisions.values()].filter((one) => one.changed.length > 0 || one.payment !== standings.get(one.payment.orderId)?.payment)
  if (all.length === 0) return decisions
  await saveDecisions(tx, all, secrets)
  await bookEntries(
    tx,
    all.flatMap((one) => one.entries),
  )
  for (const decision of all) announce(tx, context, decision)
  return decisions
}

function announce(tx: Tx, { setting }: Pick<Common, 'setting'>, { payment, told, due, unknown }: Decision): void {
  const { orderId, method, provider, currency } = payment
  for (const { outcome, operationId, amountMinor } of told) {
    tx.publish(PaymentProcessed, { orderId, outcome, method, provider, amount: { amount: amountMinor, currency }, operationId })
  }
  for (const opId of due) tx.schedule(operations, opId, 0)
  for (const opId of unknown) tx.schedule(abandonment, opId, setting(AbandonAfter))
}

/** A payment that nobody has begun, as `method` asks. */
export async function openPayments(
  tx: Tx,
  wanted: readonly { orderId: string; method: Method; amount: { amount: number; currency: string } }[],
): Promise<void> {
  await addPayments(
    tx,
    wanted.map(({ orderId, method, amount }) => newPayment(orderId, method, providerOf(method, amount.amount), amount)),
  )
}

/** How an attempt begins: by asking a provider, or by waiting for money that comes by itself. */
export function beginsWith(method: Method, amountMinor: number): OperationKind {
  return isOnline(providerOf(method, amountMinor)) ? 'authorize' : 'receipt'
}

/** The operation of a new attempt. `hosted`: the card, if it is one, is chosen on the provider's page. */
export function newAttempt(id: string, orderId: string, method: Method, amount: { amount: number; currency: string }, hosted: boolean): Op {
  const kind = beginsWith(method, amount.amount)
  const provider = providerOf(method, amount.amount)
  return newOp({
    id,
    orderId,
    kind,
    attempt: id,
    provider,
    amountMinor: amount.amount,
    currency: amount.currency,
    hosted: hosted && kind === 'authorize',
  })
}

/** Asks the provider for its page of an attempt, while the shopper waits. Empty when it has none to give now; the worker goes on asking. */
export async function pageFor(opId: string, db: Db, context: Pick<Common, 'secret' | 'setting'>): Promise<readonly Evidence[]> {
  const work = await readWork(db, opId)
  const gateway = work && gatewayOf(work.op.provider, context)
  const card = work && openSecrets(context, work.op, work.secrets)
  if (!work || !gateway || !card) return []
  const answer = await gateway.openPage(work.op, card, context.setting(PageDeadline))
  return answer.kind === 'page' ? evidenceOf(work.op, answer) : []
}

/** Seals what an attempt needs of the card, for this attempt only. */
export function sealSecrets({ secret }: Pick<Common, 'secret'>, op: Pick<Op, 'id' | 'orderId'>, secrets: CardSecrets): string {
  return seal(secret('card-token'), JSON.stringify(secrets), sealContext(op))
}

/** What `sealSecrets` sealed; without it there is nothing to send. */
export function openSecrets({ secret }: Pick<Common, 'secret'>, op: Op, sealed: string | null): CardSecrets | undefined {
  return sealed === null ? undefined : (JSON.parse(unseal(secret('card-token'), sealed, sealContext(op))) as CardSecrets)
}

function sealContext(op: Pick<Op, 'id' | 'orderId'>): string {
  return `order:${op.orderId}:operation:${op.id}`
}

type WorkContext = Parameters<Worker['run']>[1]

async function workOperation(task: Task, context: WorkContext): Promise<void> {
  const work = await readWork(context.db, task.key)
  const step = work ? nextStep(work.order, work.op) : 'rest'
  const gateway = work && gatewayOf(work.op.provider, context)
  if (!work || step === 'rest') return context.transaction(async (tx) => void (await task.finish(tx)))
  const evidence: readonly Evidence[] = gateway ? await takeStep(gateway, step, work, context) : [missingProvider(work.op)]
  // Something moved between reading and sending: nothing was sent, the task comes again.
  if (evidence.length === 0) return
  failPoint('payments.after-gateway-answer')
  const cause: Cause = step === 'inquire' ? 'poll' : 'response'
  await context.transaction(async (tx) => {
    const decision = (await settle(tx, context, cause, [{ orderId: work.op.orderId, evidence }])).get(work.op.orderId)
    const op = decision?.ops.find((one) => one.id === work.op.id)
    const next = decision && op ? nextStep(decision.payment, op) : 'rest'
    if (!decision || !op || next === 'rest' || decision.due.includes(op.id)) {
      if (!(await task.finish(tx))) throw new Error('another worker took this operation over')
    } else await task.retryIn(tx, secondsUntilNext(op, step, next, paceOf(context)))
  })
}

function missingProvider(op: Op): Evidence {
  return { kind: 'no-answer', opId: op.id, reached: false, reason: 'no-provider' }
}

/** One step at the provider, and what was learnt by it. No transaction is open. */
async function takeStep(
  gateway: PaymentGateway,
  step: Exclude<Step, 'rest'>,
  { op, secrets }: Work,
  context: WorkContext,
): Promise<readonly Evidence[]> {
  if (step === 'inquire') return evidenceOf(op, await gateway.findByKey(op.id))
  if (step === 'close') return closingEvidence(op, await gateway.closeKey(op.id))
  const card = openSecrets(context, op, secrets)
  if (step === 'open-page')
    return card ? evidenceOf(op, await gateway.openPage(op, card, OPERATION_LEASE_SECONDS / 3)) : [missingSecrets(op)]
  if (op.kind === 'authorize' && !card) return [missingSecrets(op)]
  const claim = await claimTry(context.db, op, requestHash(context, op, card))
  if (claim === 'moved') return []
  if (claim === 'conflict') throw new Error(`operation ${op.id} was sent with other parameters before`)
  const answer = await send(gateway, op, card)
  const learnt = evidenceOf(op, answer)
  if (answer.kind === 'charge') return learnt
  // The answer is lost or a no: ask at once what really happened under the key. An inquiry is always allowed.
  if (op.kind === 'authorize') {
    const found = answer.kind === 'no-answer' ? foundBy(op, await gateway.findByKey(op.id)) : []
    return found.length > 0 ? found : learnt
  }
  const seen = foundBy(op, await gateway.charge(op.chargeId ?? ''))
  if (op.kind === 'refund' && answer.kind === 'refused') return [...seen, ...lastWord(op, answer.code, await gateway.closeKey(op.id))]
  return [...seen, ...learnt]
}

function send(gateway: PaymentGateway, op: Op, card: CardSecrets | undefined): Promise<Answer> {
  if (op.kind === 'authorize' && card) return gateway.authorize(op, card)
  if (op.kind === 'capture') return gateway.capture(op)
  return op.kind === 'void' ? gateway.release(op) : gateway.refund(op)
}

function evidenceOf(op: Op, answer: Answer): readonly Evidence[] {
  const opId = op.id
  switch (answer.kind) {
    case 'charge':
      return [{ kind: 'charge', charge: answer.charge }]
    case 'page':
      return [{ kind: 'page-opened', opId, url: answer.url }]
    case 'absent':
      return [{ kind: 'absent', opId }]
    case 'closed':
      return closingEvidence(op, answer)
    case 'refused':
      return answer.code === 'key-closed'
        ? [{ kind: 'key-closed', opId, why: 'no-charge' }]
        : [{ kind: 'refused', opId, code: answer.code, closed: false }]
    case 'no-answer':
      return [{ kind: 'no-answer', opId, reached: answer.reached, reason: answer.reason }]
  }
}

/** What an inquiry beside a call found; that it found nothing, or got no answer itself, says no more than the call did. */
function foundBy(op: Op, answer: Answer): readonly Evidence[] {
  return answer.kind === 'charge' ? evidenceOf(op, answer) : []
}

/** The key is closed, with the charge that was ended by it, or something had happened under it. */
export function closingEvidence(op: Pick<Op, 'id'>, answer: Answer, why: 'no-charge' | 'superseded' = 'no-charge'): readonly Evidence[] {
  if (answer.kind === 'charge') return [{ kind: 'charge', charge: answer.charge }]
  if (answer.kind === 'closed') {
    const ended: readonly Evidence[] = answer.charge ? [{ kind: 'charge', charge: answer.charge }] : []
    return [...ended, { kind: 'key-closed', opId: op.id, why }]
  }
  const reason = answer.kind === 'no-answer' ? answer.reason : answer.kind
  return [{ kind: 'no-answer', opId: op.id, reached: false, reason }]
}

function lastWord(op: Op, code: string, closing: Answer): readonly Evidence[] {
  if (closing.kind === 'closed') return [{ kind: 'refused', opId: op.id, code, closed: true }]
  return closingEvidence(op, closing)
}

function missingSecrets(op: Op): Evidence {
  return { kind: 'refused', opId: op.id, code: 'card-missing', closed: false }
}

function requestHash({ secret }: Pick<Common, 'secret'>, op: Op, card: CardSecrets | undefined): string {
  const request = [op.kind, op.orderId, op.amountMinor, op.currency, op.chargeId, card?.token, card?.returnUrl]
  return createHmac('sha256', secret('request-hash')).update(JSON.stringify(request)).digest('base64url')
}
