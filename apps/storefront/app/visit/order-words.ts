/** What an order says of itself: its headline, what comes next, and the stations of its way. */
import { dateText, momentText } from '@stoa/ui/format.ts'
import type { Station } from '@stoa/ui/timeline.tsx'
import type { Order, Reordered } from './shop.ts'

type Status = Order['status']
type Told = Pick<Order, 'status' | 'payment' | 'cancelReason' | 'cancelRequested' | 'payBy' | 'timeline'>

const titles: Record<Status, string> = {
  PENDING: 'Placed',
  CONFIRMED: 'Confirmed',
  PROCESSING: 'Being packed',
  SHIPPED: 'On its way',
  DELIVERED: 'Delivered',
  CANCELLED: 'Cancelled',
  RETURNED: 'Returned',
  REFUNDED: 'Refunded',
}

/** A status in a word. */
export function statusTitle(status: string): string {
  return titles[status as Status] ?? status
}

const reasons: Record<string, string> = {
  'payment-declined': 'The card was declined. Nothing was charged, and the goods are back in your cart, if that is where they came from.',
  'out-of-stock': 'The last piece went to somebody else in the same moment. Nothing was charged.',
  customer: 'You cancelled it. Whatever had been reserved on your card is released.',
  'payment-timeout': 'The payment never reached the bank. Nothing was charged.',
  'payment-unknown': 'The bank never told us how the payment ended. Should it turn out charged, it is given back by itself.',
  staff: 'We had to cancel it. Whatever had been paid is given back.',
}

/** Whether the order may change within moments: its payment is under way, here or on the provider's page. */
export function isSettling(order: Told): boolean {
  return order.status === 'PENDING' && !awaitsTransfer(order)
}

/** Whether the shop waits for a bank transfer. */
export function awaitsTransfer(order: Told): boolean {
  return order.status === 'PENDING' && order.payment.method === 'bank-transfer'
}

/** Whether the order has ended and no stream need be watched. */
export function hasEnded(status: Status): boolean {
  return ['DELIVERED', 'CANCELLED', 'RETURNED', 'REFUNDED'].includes(status)
}

/** Headline and a sentence on what happens next. */
export function orderWords(order: Told): { title: string; next: string } {
  if (order.cancelRequested && order.status === 'PENDING')
    return { title: 'Being cancelled', next: 'As soon as the payment is settled either way, the order ends and nothing is kept.' }
  switch (order.status) {
    case 'PENDING':
      return pendingWords(order)
    case 'CONFIRMED':
      return { title: 'Thank you. It is yours.', next: 'We pack it next. A mail tells you when it leaves.' }
    case 'PROCESSING':
      return { title: 'It is being packed.', next: 'A mail with the parcel number comes when it leaves the house.' }
    case 'SHIPPED':
      return { title: 'It is on its way.', next: 'The stations below tell where the parcel is.' }
    case 'DELIVERED':
      return { title: 'It has arrived.', next: 'May it serve you long.' }
    case 'CANCELLED':
      return { title: 'This order was cancelled.', next: reasons[order.cancelReason ?? ''] ?? 'Nothing is kept of what had been paid.' }
    case 'RETURNED':
      return { title: 'It has come back to us.', next: 'What is owed to you is on its way.' }
    case 'REFUNDED':
      return { title: 'Your money is on its way back.', next: 'Banks take a few days to show it.' }
  }
}

function pendingWords(order: Told): { title: string; next: string } {
  if (order.payment.state === 'requires-action')
    return {
      title: 'The payment waits for you.',
      next: 'Your goods are held for 15 minutes. Pay on the provider’s page, and the order is confirmed.',
    }
  if (awaitsTransfer(order))
    return {
      title: 'We wait for your transfer.',
      next: `Your goods are held until ${order.payBy ? dateText(order.payBy) : 'the money is here'}. The order is confirmed when it arrives.`,
    }
  return { title: 'The payment is being settled.', next: 'This takes seconds. The page goes on by itself.' }
}

const WAY: readonly Status[] = ['PENDING', 'CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED']

/** What has happened, then what is still to come. */
export function stationsOf(order: Told): Station[] {
  const ended = hasEnded(order.status)
  const past = order.timeline.map((entry, index): Station => {
    const last = index === order.timeline.length - 1
    return {
      key: `${index}`,
      title: statusTitle(entry.status),
      text: entry.text,
      when: momentText(entry.at),
      state: entry.status === 'CANCELLED' ? 'stopped' : last && !ended ? 'now' : 'done',
    }
  })
  const here = WAY.indexOf(order.status)
  const ahead = here < 0 ? [] : WAY.slice(here + 1).map((status): Station => ({ key: status, title: titles[status], state: 'next' }))
  return [...past, ...ahead]
}

/** Why a line of an order bought again is not whole in the cart. */
export function missingText({ name, wanted, inCart, reason }: Reordered['notAdded'][number]): string {
  if (reason === 'cart-full') return `${name}: your cart is full`
  if (reason === 'unavailable') return `${name}: no longer sold`
  return inCart === 0 ? `${name}: sold out just now` : `${name}: only ${inCart} of ${wanted} can be had`
}
