/** Steps at a provider, and what is learnt by them. No transaction is open here. */
import { createHmac } from 'node:crypto'
import { createBatcher, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { seal, unseal } from '@stoa/chassis/secrets.ts'
import type { Common } from '@stoa/chassis/service.ts'
import type { Answer, CardSecrets, PaymentGateway } from './adapters/gateway.ts'
import { gatewayOf } from './adapters/providers.ts'
import type { Evidence } from './domain/evidence.ts'
import type { Op } from './domain/payment.ts'
import type { Step } from './domain/steps.ts'
import { CallDeadline, PageDeadline } from './settings.ts'
import { claimTries, readWorks, type Claim, type Work } from './store/payments.ts'

type Context = Pick<Common, 'secret' | 'setting'> & { readonly db: Db }

const BATCH = { itemsMax: 100, waitMs: 3, lanes: 2, queueMax: 1000 }

/** Reads the work of a task, together with whoever else reads just now. */
export const readWork = oncePer((db: Db) =>
  createBatcher<string, Work | undefined>(BATCH, async (opIds) => {
    const works = await readWorks(db, opIds)
    return opIds.map((opId) => works.get(opId))
  }),
)

/** Notes tries before they are made, together with whoever else does just now. */
const claimTry = oncePer((db: Db) =>
  createBatcher<Claim, 'claimed' | 'conflict' | 'moved'>(BATCH, async (claims) => {
    const outcomes = await claimTries(db, claims)
    return claims.map((one) => outcomes.get(one.op.id) ?? 'moved')
  }),
)

/** One step at the provider. Empty when something moved before anything was sent. Throws: when another request was sent under this key before. */
export async function takeStep(step: Exclude<Step, 'rest'>, { op, secrets }: Work, context: Context): Promise<readonly Evidence[]> {
  const gateway = gatewayOf(op.provider, context)
  if (!gateway) return [{ kind: 'no-answer', opId: op.id, reached: false, reason: 'no-provider' }]
  if (step === 'inquire') return evidenceOf(op, await gateway.findByKey(op.id))
  if (step === 'close') return closingEvidence(op, await gateway.closeKey(op.id))
  const card = openSecrets(context, op, secrets)
  if (op.kind === 'authorize' && !card) return [{ kind: 'refused', opId: op.id, code: 'card-missing', closed: false }]
  if (step === 'open-page' && card) return evidenceOf(op, await gateway.openPage(op, card, context.setting(CallDeadline)))
  const claim = await claimTry(context.db)({ op, requestHash: requestHash(context, op, card) })
  if (claim === 'moved') return []
  if (claim === 'conflict') throw new Error(`operation ${op.id} was sent with other parameters before`)
  return sendAndAsk(gateway, op, card)
}

/** Sends; when the answer is lost or a no, asks at once what really happened. An inquiry is always allowed. */
async function sendAndAsk(gateway: PaymentGateway, op: Op, card: CardSecrets | undefined): Promise<readonly Evidence[]> {
  const answer = await send(gateway, op, card)
  const learnt = evidenceOf(op, answer)
  if (answer.kind === 'charge') return learnt
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
      if (answer.code === 'key-closed') return [{ kind: 'key-closed', opId, why: 'no-charge' }]
      return [{ kind: 'refused', opId, code: answer.code, closed: false }]
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

/** Asks for the provider's page of an attempt, while the shopper waits. Empty when it has none to give now. */
export async function pageFor(opId: string, context: Context): Promise<readonly Evidence[]> {
  const work = await readWork(context.db)(opId)
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

/** What `sealSecrets` sealed; undefined when it was wiped. */
export function openSecrets({ secret }: Pick<Common, 'secret'>, op: Op, sealed: string | null): CardSecrets | undefined {
  return sealed === null ? undefined : (JSON.parse(unseal(secret('card-token'), sealed, sealContext(op))) as CardSecrets)
}

function sealContext(op: Pick<Op, 'id' | 'orderId'>): string {
  return `order:${op.orderId}:operation:${op.id}`
}

function requestHash({ secret }: Pick<Common, 'secret'>, op: Op, card: CardSecrets | undefined): string {
  const request = [op.kind, op.orderId, op.amountMinor, op.currency, op.chargeId, card?.token, card?.returnUrl]
  return createHmac('sha256', secret('request-hash')).update(JSON.stringify(request)).digest('base64url')
}
