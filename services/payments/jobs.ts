import { job, type Job } from '@stoa/chassis/service.ts'
import { withoutTrace } from '@stoa/chassis/telemetry/trace.ts'
import { gatewayOf } from './adapters/providers.ts'
import type { PaymentGateway } from './adapters/gateway.ts'
import type { Charge } from './domain/payment.ts'
import { compare } from './domain/reconcile.ts'
import { SettleSeconds, UnplacedAfter } from './settings.ts'
import { bookedByAttempt } from './store/ledger.ts'
import { ordersOfOps, readStandings, staleOps, unplacedPayments } from './store/payments.ts'
import { markMatched, moveCursor, noteMismatches, openMismatches, readCursor, unmatchedAttempts } from './store/reconciliation.ts'
import { forgetOldNotices } from './store/webhooks.ts'
import { operations, settle } from './usecases.ts'

type Context = Parameters<Job['run']>[0]

const STALE_SECONDS = 900
const STALE_MAX = 500
const UNPLACED_MAX = 200
const NOTICE_DAYS = 30
const CHARGES_AT_ONCE = 200
/** Bounds one run; the next goes on where it ended. */
const PAGES_MAX = 100
const OPEN_MAX = 200
const NO_ID = '00000000-0000-0000-0000-000000000000'

/** The safety net below the tasks: whatever has not moved for 15 minutes is asked about. */
export const wakeStale = job('payments.wake-stale', 60, async ({ db, transaction }) => {
  const stale = await staleOps(db, STALE_SECONDS, STALE_MAX)
  if (stale.length === 0) return
  await transaction(async (tx) => {
    // Each goes on with the trace it has.
    withoutTrace(() => stale.forEach((opId) => tx.schedule(operations, opId, 0)))
  })
})

/** Payments whose order never came are dropped, their cards forgotten, their pages closed. */
export const dropUnplaced = job('payments.drop-unplaced', 300, async ({ db, transaction, ...context }) => {
  const orderIds = await unplacedPayments(db, context.setting(UnplacedAfter), UNPLACED_MAX)
  if (orderIds.length === 0) return
  await transaction((tx) =>
    settle(
      tx,
      context,
      orderIds.map((orderId) => ({ orderId, cause: 'clock', evidence: [{ kind: 'never-placed' }] })),
    ),
  )
})

export const pruneNotices = job('payments.prune-notices', 86_400, async ({ db }) => void (await forgetOldNotices(db, NOTICE_DAYS)))

/** Three-way match of operations, the provider's book and the ledger; what it can explain it applies as evidence first. */
export const reconcile = job('payments.reconcile', 3600, async (context) => {
  const gateway = gatewayOf('sandbox', context)
  if (!gateway) return
  for (const { subject, orderId } of await openMismatches(context.db, OPEN_MAX)) {
    const answer = await gateway.charge(subject)
    if (answer.kind === 'charge') await matchCharges(context, gateway, [answer.charge])
    else if (answer.kind === 'absent') await matchAttempt(context, gateway, { id: subject, orderId })
  }
  await matchBook(context, gateway)
  await matchAttempts(context, gateway)
})

/** From the provider's side: every charge changed since last time and at rest by now. */
async function matchBook(context: Context, gateway: PaymentGateway): Promise<void> {
  const restMs = context.setting(SettleSeconds) * 1000
  for (let page = 0; page < PAGES_MAX && !context.signal.aborted; page++) {
    const charges = await gateway.changesSince(await readCursor(context.db, 'sandbox'), CHARGES_AT_ONCE)
    const moving = charges.findIndex((one) => context.now.getTime() - Date.parse(one.updatedAt) < restMs)
    const resting = moving === -1 ? charges : charges.slice(0, moving)
    const last = resting.at(-1)
    if (!last) return
    await matchCharges(context, gateway, resting)
    await context.transaction((tx) => moveCursor(tx, 'sandbox', last.revision))
    if (moving !== -1 || charges.length < CHARGES_AT_ONCE) return
  }
}

async function matchCharges(context: Context, gateway: PaymentGateway, charges: readonly Charge[]): Promise<void> {
  const orders = await ordersOfOps(
    context.db,
    charges.map((one) => one.key),
  )
  await context.transaction(async (tx) => {
    const known = charges.filter((one) => orders.has(one.key))
    await settle(
      tx,
      context,
      known.map((charge) => ({ orderId: orders.get(charge.key) as string, cause: 'report', evidence: [{ kind: 'charge', charge }] })),
    )
    await markMatched(
      tx,
      known.map((one) => one.key),
    )
  })
  const orderIds = [...new Set(orders.values())]
  const standings = await readStandings(context.db, orderIds)
  const booked = await bookedByAttempt(context.db, orderIds)
  for (const charge of charges) {
    const orderId = orders.get(charge.key)
    const ops = standings.get(orderId ?? '')?.ops ?? []
    const several = ops.filter((op) => op.kind === 'authorize').length > 1
    const alike = several ? (await gateway.book({ orderId: charge.orderId, limit: CHARGES_AT_ONCE })).charges : [charge]
    const found = compare(charge, ops, booked.get(charge.key) ?? { takenMinor: 0, paidBackMinor: 0 }, alike)
    await report(context, orderId ?? charge.orderId, charge.id, found)
  }
}

/** From our side: attempts that succeeded and that the book never showed. */
async function matchAttempts(context: Context, gateway: PaymentGateway): Promise<void> {
  let after = NO_ID
  for (let page = 0; page < PAGES_MAX && !context.signal.aborted; page++) {
    const attempts = await unmatchedAttempts(context.db, context.setting(SettleSeconds), after, CHARGES_AT_ONCE)
    for (const attempt of attempts) await matchAttempt(context, gateway, attempt)
    after = attempts.at(-1)?.id ?? after
    if (attempts.length < CHARGES_AT_ONCE) return
  }
}

async function matchAttempt(context: Context, gateway: PaymentGateway, { id, orderId }: { id: string; orderId: string }): Promise<void> {
  const answer = await gateway.findByKey(id)
  if (answer.kind === 'absent') return report(context, orderId, id, [{ class: 'missing-there', detail: `operation ${id} has no charge` }])
  if (answer.kind !== 'charge') return
  await matchCharges(context, gateway, [answer.charge])
  await report(context, orderId, id, [])
}

async function report(context: Context, orderId: string, subject: string, found: Parameters<typeof noteMismatches>[4]): Promise<void> {
  const added = await context.transaction((tx) => noteMismatches(tx, 'sandbox', orderId, subject, found))
  if (added > 0) context.log.error({ orderId, subject, found }, 'payments and the provider’s book do not match')
}
