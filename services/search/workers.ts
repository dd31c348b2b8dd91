import { isTransient } from '@stoa/chassis/fault.ts'
import { worker, type Common } from '@stoa/chassis/service.ts'
import type { EngineContext, Entry } from './engine.ts'
import { engineOf } from './engines.ts'
import { forgetUnsent, putOffUnsent, unsentEntries } from './store/unsent.ts'
import { INDEX } from './store/write.ts'

const BATCH = 500
/** Batches after which the task comes again, so that its lease is never outlived. */
const BATCHES_MAX = 20
/** An engine that is away is told again after so long. */
const AWAY_SECONDS = 1
/** What it refused for good is tried again now and then: another release may mend it. */
const REFUSED_SECONDS = 600

/** Tells an engine elsewhere of what changed. What fails is told again: an engine ignores what is older than it has. */
export const sendUnsent = worker('search.send', { concurrency: 1, leaseSeconds: 60 }, async (task, context) => {
  const seconds = await sendBatches(context)
  await context.transaction(async (tx) => (seconds === undefined ? void (await task.finish(tx)) : task.retryIn(tx, seconds)))
})

type Context = Common & EngineContext

/** Sends until nothing is left; else answers when to go on. Units: seconds. */
async function sendBatches(context: Context): Promise<number | undefined> {
  const engine = engineOf(context)
  // A process of another setting among those that send: what was noted is theirs.
  if (!engine.send) return undefined
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const entries = await unsentEntries(context.db, BATCH)
    if (entries.length === 0) return undefined
    try {
      await sendBatch(entries, context)
    } catch (error) {
      // The engine's own line says once that it is away.
      if (!isTransient(error)) throw error
      return AWAY_SECONDS
    }
    if (entries.length < BATCH) return undefined
  }
  return 0
}

async function sendBatch(entries: readonly Entry[], context: Context): Promise<void> {
  const refused = (await engineOf(context).send?.(entries, context)) ?? []
  for (const { productId, reason } of refused) context.log.error({ productId, reason }, 'the search engine refuses a product')
  const kept = new Set(refused.map((one) => one.productId))
  await context.transaction(async (tx) => {
    await forgetUnsent(
      tx,
      entries.filter((one) => !kept.has(one.productId)),
    )
    await putOffUnsent(
      tx,
      entries.filter((one) => kept.has(one.productId)),
      REFUSED_SECONDS,
    )
    tx.touch([INDEX])
  })
}
