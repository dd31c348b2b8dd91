import { worker } from '@stoa/chassis/service.ts'
import { engineOf } from './engines.ts'
import { forgetUnsent, unsentEntries } from './store/unsent.ts'
import { INDEX } from './store/write.ts'

const BATCH = 500
/** Batches after which the task comes again, so that its lease is never outlived. */
const BATCHES_MAX = 20

/** Tells an engine elsewhere of what changed. What fails is told again: an engine ignores what is older than it has. */
export const sendUnsent = worker(
  'search.send',
  { concurrency: 1, leaseSeconds: 60 },
  async (task, { db, transaction, signal, ...rest }) => {
    const engine = engineOf(rest)
    let isMore = true
    for (let batch = 0; isMore && batch < BATCHES_MAX && engine.send; batch++) {
      const entries = await unsentEntries(db, BATCH)
      isMore = entries.length === BATCH
      if (entries.length === 0) break
      await engine.send(entries, signal)
      await transaction(async (tx) => {
        await forgetUnsent(tx, entries)
        tx.touch([INDEX])
      })
    }
    await transaction(async (tx) => (isMore && engine.send ? task.retryIn(tx, 0) : void (await task.finish(tx))))
  },
)
