/** Notices of providers: taken down together, applied later by asking. */
import { createBatcher, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { worker, type TransactionFn } from '@stoa/chassis/service.ts'
import { withoutTrace, withTrace } from '@stoa/chassis/telemetry/trace.ts'
import { gatewayOf } from './adapters/providers.ts'
import { WebhookPause } from './settings.ts'
import { markApplied, sortNotices, takeNotices, waitingNotices, type Notice } from './store/webhooks.ts'
import { beginningOfOp } from './store/payments.ts'
import { settle } from './usecases.ts'

const BATCH = { itemsMax: 200, waitMs: 3, lanes: 2, queueMax: 2000 }
const CHARGES_AT_ONCE = 16
const LEASE_SECONDS = 20
const RETRY_SECONDS_MAX = 300
/** Notices of one quarter of a second are sorted together. */
const SORT_MS = 250

/**
 * Sorts waiting notices. Most repeat what an answer has told already; waiting a moment for it spares asking.
 */
export const sorting = worker('payment-notices', { concurrency: 1, leaseSeconds: LEASE_SECONDS }, (task, { transaction, setting }) =>
  transaction(async (tx) => {
    const charges = await sortNotices(tx, setting(WebhookPause))
    // Each is a case of its own, whichever notice had them sorted.
    withoutTrace(() => charges.forEach((chargeId) => tx.schedule(asking, chargeId, 0)))
    await task.finish(tx)
  }),
)

/** Applies the notices of one charge by fetching it as it stands now: order, repeats and lies of notices are harmless. */
export const asking = worker('payment-notice', { concurrency: CHARGES_AT_ONCE, leaseSeconds: LEASE_SECONDS }, async (task, context) => {
  const told = await waitingNotices(context.db, task.key)
  const answer = told === undefined ? undefined : await gatewayOf('sandbox', context)?.charge(task.key)
  const charge = answer?.kind === 'charge' ? answer.charge : undefined
  const begun = charge && (await beginningOfOp(context.db, charge.key))
  await context.transaction(async (tx) => {
    if (told !== undefined && answer?.kind !== 'charge' && answer?.kind !== 'absent') {
      return task.retryIn(tx, Math.min(2 ** task.attempts, RETRY_SECONDS_MAX))
    }
    if (charge && begun) {
      const { orderId, traceparent } = begun
      await withTrace(traceparent, () => settle(tx, context, [{ orderId, cause: 'webhook', evidence: [{ kind: 'charge', charge }] }]))
    }
    // Signed, yet nobody here asked for it, or the provider has no such charge: the reconciliation reports what is there.
    else if (told !== undefined) context.log.warn({ charge: task.key }, 'a notice of a charge that is not ours')
    // The charge was asked for after these notices came: how it stands now covers them all.
    if (told !== undefined) await markApplied(tx, task.key, Math.max(charge?.revision ?? 0, told))
    await task.finish(tx)
  })
})

/** Takes a notice down, together with those that come just now, and has them sorted soon. */
export const takeNotice = oncePer((_db: Db) =>
  createBatcher<{ notice: Notice; transaction: TransactionFn; pauseSeconds: number; now: Date }, undefined>(BATCH, async (taken) => {
    const [first] = taken
    if (!first) return []
    const notices = [...new Map(taken.map(({ notice }) => [notice.eventId, notice])).values()]
    await first.transaction(async (tx) => {
      if ((await takeNotices(tx, notices)) === 0) return
      // For all notices of this moment, this one's and others'.
      withoutTrace(() => tx.schedule(sorting, String(Math.floor(first.now.getTime() / SORT_MS)), first.pauseSeconds))
    })
    return taken.map(() => undefined)
  }),
)
