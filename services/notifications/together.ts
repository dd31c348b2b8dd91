/** What the sending of many messages has in common: their statements. */
import { createBatcher, createLookup, createSharedWrite, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { Task, TransactionFn } from '@stoa/chassis/service.ts'
import { MessageSent } from '@stoa/contracts/notifications.ts'
import type { NextStep } from './domain/delivery.ts'
import { beginHandovers, endTries, findMessages, type Handing, type MessageRow, type TryEnd } from './store.ts'

/** One lane: who comes while a statement is at work shares the next one. */
const BATCH = { itemsMax: 100, waitMs: 1, lanes: 1, queueMax: 1000 }

/** Reads messages, together with whoever else does just now. */
export const findMessage = oncePer((db: Db) => createLookup((ids: string[]) => findMessages(db, ids)))

/**
 * Marks that a handover begins, together with whoever else does just now: true for one alone of those who come with the same message.
 * One statement is a transaction of its own.
 */
export const beginHandover = oncePer((db: Db) =>
  createBatcher<Handing, boolean>(BATCH, async (given) => {
    const first = new Map(given.toReversed().map((one) => [one.id, one]))
    const begun = await beginHandovers(db, [...first.values()])
    return given.map((one) => begun.has(one.id) && first.get(one.id) === one)
  }),
)

/** What came of a try. */
export interface Outcome {
  readonly task: Task
  readonly message: MessageRow
  readonly from: TryEnd['from']
  readonly step: NextStep
  readonly context: { readonly transaction: TransactionFn }
}

function endOf({ message, from, step }: Outcome): TryEnd {
  return { id: message.id, from, to: step.state, why: 'why' in step ? step.why : null }
}

/** Ends a try, together with whoever else does just now. */
export const endTry = oncePer((_db: Db) =>
  createSharedWrite<Outcome>(
    BATCH,
    async (tx, outcomes) => {
      const first = new Map(outcomes.toReversed().map((one) => [one.message.id, one]))
      const moved = await endTries(tx, [...first.values()].map(endOf))
      for (const { message, step } of first.values())
        if (moved.has(message.id) && step.state === 'sent')
          tx.publish(MessageSent, { messageId: message.id, template: message.template, channel: 'email' })
      await Promise.all(outcomes.map(({ task, step }) => next(task, tx, step)))
    },
    ({ message }) => [message.id],
  ),
)

async function next(task: Task, tx: Tx, step: NextStep): Promise<void> {
  if (step.state === 'waiting') return task.retryIn(tx, step.retryInSeconds)
  if (step.state === 'in-doubt' && step.askInSeconds !== undefined) return task.retryIn(tx, step.askInSeconds)
  await task.finish(tx)
}
