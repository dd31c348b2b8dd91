/** Orders that wait: looked at before their hold runs out, and again until they end. Nothing here takes a decision about money. */
import { isRefusal } from '@stoa/chassis/contract.ts'
import { worker } from '@stoa/chassis/service.ts'
import { ContactOf } from '@stoa/contracts/identity.ts'
import { ExtendHold } from '@stoa/contracts/inventory.ts'
import { PaymentDeadlinePassed } from '@stoa/contracts/orders.ts'
import { emailIndexOf } from './contact.ts'
import { HOLD_SECONDS, onHoldExpired, paymentRuns } from './domain.ts'
import { saveChanges } from './store/changes.ts'
import { claimOrders, findOrder, lockOrders, moveDeadline } from './store/orders.ts'

const ASK_AGAIN_SECONDS = 60

/** Prolongs the wait of an order whose payment runs or is unknown; ends the attempt of one that nobody finishes; ends one never paid. */
export const watchDeadline = worker(
  'orders.watch-deadline',
  { concurrency: 4, leaseSeconds: 30 },
  async (task, { db, call, transaction }) => {
    const seen = await findOrder(db, task.key)
    const waits = seen?.status === 'PENDING' && paymentRuns(seen)
    if (waits) await call(ExtendHold, { orderId: task.key, holdSeconds: HOLD_SECONDS + ASK_AGAIN_SECONDS })
    await transaction(async (tx) => {
      const order = (await lockOrders(tx, [task.key])).get(task.key)
      if (order?.status !== 'PENDING') return void (await task.finish(tx))
      if (waits) {
        await moveDeadline(tx, task.key, HOLD_SECONDS)
        return task.retryIn(tx, HOLD_SECONDS - ASK_AGAIN_SECONDS)
      }
      if (order.method === 'bank-transfer') {
        await saveChanges(tx, [{ order, change: onHoldExpired(order) }])
        return void (await task.finish(tx))
      }
      // The shopper's step was never taken: payments ends the attempt with proof, and its news ends the order.
      tx.publish(PaymentDeadlinePassed, { orderId: task.key })
      return task.retryIn(tx, ASK_AGAIN_SECONDS)
    })
  },
)

/** Gives a person who confirmed an address the guest orders placed with it. */
export const claimGuestOrders = worker(
  'orders.claim-guest-orders',
  { concurrency: 2, leaseSeconds: 30 },
  async (task, { call, transaction, secret }) => {
    const contact = await call(ContactOf, { accountId: task.key })
    await transaction(async (tx) => {
      if (!isRefusal(contact)) await claimOrders(tx, task.key, emailIndexOf({ secret }, contact.email))
      await task.finish(tx)
    })
  },
)
