import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { quietUntil } from './domain/quiet-hours.ts'
import { guestHashOf, readUnsubscribeToken, unsubscribeToken } from './domain/unsubscribe.ts'

const until = (from: string, to: string, timeZone: string, now: string) =>
  quietUntil({ from, to, timeZone }, new Date(now))?.toISOString() ?? null

describe('quiet hours', () => {
  test.each([
    ['before they begin', '2026-11-21T20:59:59Z', null],
    ['when they begin', '2026-11-21T21:00:00Z', '2026-11-22T06:00:00.000Z'],
    ['before midnight', '2026-11-21T22:30:00Z', '2026-11-22T06:00:00.000Z'],
    ['after midnight', '2026-11-22T01:00:00Z', '2026-11-22T06:00:00.000Z'],
    ['when they end', '2026-11-22T06:00:00Z', null],
  ])('over midnight, %s (%s): %s', (_when, now, end) => {
    expect(until('22:00', '07:00', 'Europe/Berlin', now)).toBe(end)
  })

  test.each([
    ['2026-11-21T11:59:00Z', null],
    ['2026-11-21T12:00:00Z', '2026-11-21T14:30:00.000Z'],
    ['2026-11-21T14:30:00Z', null],
  ])('within a day, at %s: %s', (now, end) => {
    expect(until('13:00', '15:30', 'Europe/Berlin', now)).toBe(end)
  })

  test('the day is that of the place, on either side of the world', () => {
    expect(until('22:00', '07:00', 'Pacific/Auckland', '2026-11-21T10:00:00Z')).toBe('2026-11-21T18:00:00.000Z')
    expect(until('22:00', '07:00', 'Pacific/Honolulu', '2026-11-21T09:00:00Z')).toBe('2026-11-21T17:00:00.000Z')
    expect(until('22:00', '07:00', 'Asia/Kathmandu', '2026-11-21T17:00:00Z')).toBe('2026-11-22T01:15:00.000Z')
  })

  test('when the clock is put forward in the night, they end by the new time: an hour less', () => {
    expect(until('22:00', '07:00', 'Europe/Berlin', '2026-03-28T21:30:00Z')).toBe('2026-03-29T05:00:00.000Z')
  })

  test('when the clock is put back in the night, they end by the new time: an hour more', () => {
    expect(until('22:00', '07:00', 'Europe/Berlin', '2026-10-24T20:30:00Z')).toBe('2026-10-25T06:00:00.000Z')
  })

  test('when they end at a time that comes twice, they end at the second', () => {
    expect(until('22:00', '02:30', 'Europe/Berlin', '2026-10-25T00:15:00Z')).toBe('2026-10-25T01:30:00.000Z')
    expect(until('22:00', '02:30', 'Europe/Berlin', '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:30:00.000Z')
    expect(until('22:00', '02:30', 'Europe/Berlin', '2026-10-25T01:30:00Z')).toBeNull()
  })

  test('when they end at a time that is left out, they end as long after the change', () => {
    expect(until('22:00', '02:30', 'Europe/Berlin', '2026-03-29T01:29:00Z')).toBe('2026-03-29T01:30:00.000Z')
    expect(until('22:00', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z')).toBeNull()
  })

  test('all through a year, their end is not quiet, and the moment before it is', () => {
    const hours = { from: '22:15', to: '06:45', timeZone: 'America/New_York' }
    for (let now = Date.UTC(2026, 0, 1); now < Date.UTC(2027, 0, 1); now += 900_000 * 31) {
      const end = quietUntil(hours, new Date(now))
      if (!end) continue
      expect(end.getTime() - now).toBeLessThanOrEqual(9.5 * 3_600_000)
      expect([new Date(now).toISOString(), quietUntil(hours, end)]).toEqual([new Date(now).toISOString(), undefined])
      expect(quietUntil(hours, new Date(end.getTime() - 1))).toEqual(end)
    }
  })
})

describe('the link that ends mails', () => {
  const key = createSecretKey(randomBytes(32))
  const accountId = '019a0000-0000-7000-8000-000000000001'

  test('names person and kind, and no address', () => {
    expect(readUnsubscribeToken(key, unsubscribeToken(key, 'order-progress', { accountId }))).toEqual({
      kind: 'order-progress',
      person: { accountId },
    })
    const guestHash = guestHashOf(key, ' Zeno@Example.org ')
    expect(guestHash).toBe(guestHashOf(key, 'zeno@example.org'))
    const token = unsubscribeToken(key, 'account-news', { guestHash })
    expect(readUnsubscribeToken(key, token)).toEqual({ kind: 'account-news', person: { guestHash } })
    expect(`${token} ${Buffer.from(token, 'base64url').toString('latin1')}`).not.toMatch(/zeno|example/i)
    expect(encodeURIComponent(token)).toBe(token)
  })

  test('when any sign of it is changed, or another key made it, it names nothing', () => {
    const token = unsubscribeToken(key, 'order-progress', { accountId })
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      // The last sign of a signature holds two bits that are no part of it: they are compared as well.
      expect([changed, readUnsubscribeToken(key, changed)]).toEqual([changed, undefined])
    }
    expect(readUnsubscribeToken(createSecretKey(randomBytes(32)), token)).toBeUndefined()
    for (const odd of ['', '.', token.slice(1), `${token}A`, token.replace('order-progress', 'account-news'), token.replace('.a', '.g')])
      expect([odd, readUnsubscribeToken(key, odd)]).toEqual([odd, undefined])
  })
})
