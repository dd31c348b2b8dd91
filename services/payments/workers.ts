import { worker } from '@stoa/chassis/service.ts'
import { gatewayOf } from './adapters/providers.ts'
import { markApplied, waitingNotices } from './store/webhooks.ts'
import { ordersOfOps } from './store/payments.ts'
import { settle } from './usecases.ts'

const NOTICES_AT_ONCE = 16
const NOTICE_LEASE_SECONDS = 20
const RETRY_SECONDS_MAX = 300

/**
 * Applies notices of one charge, by fetching the charge as it stands now: order, repeats and lies of notices are harmless.
 * Notices that repeat what an answer has told already cost no call.
 */
export const notices = worker(
  'payment-notice',
  { concurrency: NOTICES_AT_ONCE, leaseSeconds: NOTICE_LEASE_SECONDS },
  async (task, context) => {
    const waiting = await waitingNotices(context.db, task.key)
    if (!waiting || waiting.told <= waiting.known) {
      return context.transaction(async (tx) => {
        if (waiting) await markApplied(tx, task.key, waiting.known)
        await task.finish(tx)
      })
    }
    const answer = await gatewayOf('sandbox', context)?.charge(task.key)
    if (answer?.kind === 'charge') {
      const { charge } = answer
      const orderId = (await ordersOfOps(context.db, [charge.key])).get(charge.key)
      return context.transaction(async (tx) => {
        if (orderId) await settle(tx, context, 'webhook', [{ orderId, evidence: [{ kind: 'charge', charge }] }])
        else context.log.warn({ charge: charge.id, key: charge.key }, 'a notice of a charge that nobody here asked for')
        // The charge was asked for after these notices came: how it stands now covers them all.
        await markApplied(tx, task.key, Math.max(charge.revision, waiting.told))
        if (!(await task.finish(tx))) throw new Error('another worker took this notice over')
      })
    }
    return context.transaction(async (tx) => {
      // Signed, and yet the provider knows no such charge: nothing to apply, the reconciliation would find it.
      if (answer?.kind !== 'absent') return task.retryIn(tx, Math.min(2 ** task.attempts, RETRY_SECONDS_MAX))
      await markApplied(tx, task.key, waiting.told)
      await task.finish(tx)
    })
  },
)
