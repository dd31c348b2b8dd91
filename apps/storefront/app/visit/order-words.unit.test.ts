import { describe, expect, test } from 'vitest'
import { isSettling, orderWords, stationsOf } from './order-words.ts'
import type { Order } from './shop.ts'

type Told = Parameters<typeof orderWords>[0]
function order(status: Order['status'], more: Partial<Told> = {}): Told {
  return {
    status,
    payment: { state: 'authorizing', method: 'card', provider: 'sandbox' },
    timeline: [{ at: '2026-11-21T10:00:00Z', status: 'PENDING', text: 'Placed.' }],
    ...more,
  }
}

describe('orderWords', () => {
  test('when a card was declined, it says so and that nothing was charged', () => {
    expect(orderWords(order('CANCELLED', { cancelReason: 'payment-declined' })).next).toContain('Nothing was charged')
  })
  test('when the shopper must still pay, it asks for it', () => {
    const waiting = order('PENDING', { payment: { state: 'requires-action', method: 'card', provider: 'sandbox' } })
    expect(orderWords(waiting).title).toBe('The payment waits for you.')
  })
  test('when a cancellation waits for the payment, it says that instead of the payment', () => {
    expect(orderWords(order('PENDING', { cancelRequested: true })).title).toBe('Being cancelled')
  })
})

describe('isSettling', () => {
  test('when a card order is pending, the page looks again; a transfer takes days and it does not', () => {
    expect(isSettling(order('PENDING'))).toBe(true)
    expect(isSettling(order('PENDING', { payment: { state: 'none', method: 'bank-transfer', provider: 'bank' } }))).toBe(false)
    expect(isSettling(order('CONFIRMED'))).toBe(false)
  })
})

describe('stationsOf', () => {
  test('when an order is on its way, what happened comes first and what is left follows', () => {
    const stations = stationsOf(
      order('CONFIRMED', { timeline: [...order('PENDING').timeline, { at: '2026-11-21T10:00:05Z', status: 'CONFIRMED', text: 'Paid.' }] }),
    )
    expect(stations.map(({ title, state }) => [title, state])).toEqual([
      ['Placed', 'done'],
      ['Confirmed', 'now'],
      ['Being packed', 'next'],
      ['On its way', 'next'],
      ['Delivered', 'next'],
    ])
  })
  test('when an order was cancelled, nothing is promised after it', () => {
    const stations = stationsOf(order('CANCELLED', { timeline: [{ at: '2026-11-21T10:00:00Z', status: 'CANCELLED', text: 'Declined.' }] }))
    expect(stations.map(({ state }) => state)).toEqual(['stopped'])
  })
})
