import { createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { areFaults, replaceAddresses } from './domain/addresses.ts'
import { commonPasswords } from './domain/common-passwords.ts'
import { addressPrefix, describeDevice, foldUsername, identifierOf, normaliseEmail, preferredLanguage } from './domain/identifiers.ts'
import { FAILURES_MAX, lockedForSeconds, WINDOW_SECONDS, withFailure } from './domain/lockout.ts'
import { passwordFaults } from './domain/passwords.ts'
import { decideRefresh, sessionSecondsLeft, successorOf } from './domain/sessions.ts'
import { nextKey, retiredAt, signerAt, TOKEN_SECONDS } from './domain/signing-keys.ts'
import { deriveToken, requestIdOf, tokenFits, type Binding } from './domain/tokens.ts'

const start = new Date('2026-11-21T12:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

describe('identifiers', () => {
  test('when only case or outer blanks differ, it is the same person', () => {
    expect(normaliseEmail(' Zeno@Example.ORG ')).toBe('zeno@example.org')
    expect(foldUsername('ZENO')).toBe('zeno')
    expect(identifierOf({ email: 'Zeno' })).toEqual({ kind: 'username', value: 'zeno' })
    expect(identifierOf({ username: 'Zeno@example.org' })).toEqual({ kind: 'email', value: 'zeno@example.org' })
    expect(identifierOf({})).toBeUndefined()
  })

  test.each([
    ['192.0.2.17', '192.0.2'],
    ['::ffff:192.0.2.17', '192.0.2'],
    ['2001:db8:1:2::7', '2001:db8:1'],
    ['2001:db8::7', '2001:db8:0'],
    ['2001:0DB8:0001::', '2001:db8:1'],
    ['::1', '0:0:0'],
  ])('the network of %s is %s', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  test.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['curl/8.5.0', 'curl'],
    [undefined, 'Unknown device'],
  ])('the device of %s is %s', (userAgent, device) => {
    expect(describeDevice(userAgent)).toBe(device)
  })

  test.each([
    [undefined, 'en'],
    ['de', 'de'],
    ['fr, de;q=0.3, en;q=0.7', 'en'],
    ['de;q=0', 'en'],
    ['zz;q=abc, de-CH;q=0.1', 'de'],
  ])('of the languages %s, the shop writes %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language)
  })
})

describe('passwords', () => {
  const around = { email: 'zeno@example.org', username: 'Citium', shopName: 'Stoa' }

  test('when a password is common in any case, or one of the own words, it is refused', () => {
    for (const bad of ['password123', 'QWERTYUIOP', 'Zeno@Example.org', 'ZENO', 'citium', 'stoa'])
      expect(passwordFaults('password', bad, around)).toHaveLength(1)
  })

  test('when a password only begins like a common one, it may be used', () => {
    for (const good of ['password and more', 'stoa-demo-2026', 'zeno@example.org!', 'S3cure-Passw0rd!'])
      expect(passwordFaults('password', good, around)).toEqual([])
  })

  test('the list is long enough, lower case, and holds nothing shorter than a password may be', () => {
    expect(commonPasswords.size).toBeGreaterThan(1000)
    expect([...commonPasswords].filter((word) => word.length < 8 || word !== word.toLowerCase())).toEqual([])
  })
})

describe('the lock', () => {
  test('when fewer than ten failures lie in the window, it is open', () => {
    const nine = Array.from({ length: 9 }, (_, index) => after(index))
    expect(lockedForSeconds(nine, FAILURES_MAX, after(60))).toBe(0)
    expect(lockedForSeconds([...nine, after(9)], FAILURES_MAX, after(60))).toBe(WINDOW_SECONDS - 60)
  })

  test('when the tenth-last failure leaves the window, it opens', () => {
    const ten = Array.from({ length: 10 }, (_, index) => after(index))
    expect(lockedForSeconds(ten, FAILURES_MAX, after(WINDOW_SECONDS - 1))).toBe(1)
    expect(lockedForSeconds(ten, FAILURES_MAX, after(WINDOW_SECONDS))).toBe(0)
  })

  test('whatever the times of the tries, no window of fifteen minutes holds more than ten that count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
        let failedAt: Date[] = []
        let clock = 0
        const counted: number[] = []
        for (const gap of gaps) {
          clock += gap
          if (lockedForSeconds(failedAt, FAILURES_MAX, after(clock)) > 0) continue
          failedAt = withFailure(failedAt, FAILURES_MAX, after(clock))
          counted.push(clock)
        }
        for (const from of counted)
          expect(counted.filter((at) => at >= from && at < from + WINDOW_SECONDS).length).toBeLessThanOrEqual(FAILURES_MAX)
      }),
    )
  })
})

describe('refresh tokens', () => {
  const live = { spentAt: null, sameClient: true, ended: false, expiresAt: after(60) }

  test.each([
    [live, 'rotate'],
    [{ ...live, ended: true }, 'refuse'],
    [{ ...live, expiresAt: start }, 'refuse'],
    [{ ...live, spentAt: after(-10) }, 'repeat-successor'],
    [{ ...live, spentAt: after(-11) }, 'end-family'],
    [{ ...live, spentAt: after(-1), sameClient: false }, 'end-family'],
    [{ ...live, spentAt: after(-1), sameClient: false, ended: true }, 'refuse'],
  ])('a token like %j: %s', (token, decision) => {
    expect(decideRefresh(token, start)).toBe(decision)
  })

  test('the successor depends on the token and the secret, and on nothing else', () => {
    const secret = createSecretKey(Buffer.alloc(32, 1))
    expect(successorOf(secret, 'a')).toBe(successorOf(secret, 'a'))
    expect(successorOf(secret, 'a')).not.toBe(successorOf(secret, 'b'))
    expect(successorOf(secret, 'a')).not.toBe(successorOf(createSecretKey(Buffer.alloc(32, 2)), 'a'))
    expect(Buffer.from(successorOf(secret, 'a'), 'base64url')).toHaveLength(32)
  })

  test('a login lasts until its nearer end, and never longer than its absolute one', () => {
    const lifetimes = { idle: 60, absolute: 100, stayIdle: 600, stayAbsolute: 1000 }
    expect(sessionSecondsLeft(lifetimes, false, 0)).toBe(60)
    expect(sessionSecondsLeft(lifetimes, false, 70)).toBe(30)
    expect(sessionSecondsLeft(lifetimes, false, 200)).toBe(0)
    expect(sessionSecondsLeft(lifetimes, true, 70)).toBe(600)
  })
})

describe('tokens of mails', () => {
  const secret = createSecretKey(Buffer.alloc(32, 7))
  const binding: Binding = {
    purpose: 'confirm-email',
    requestId: '019a0000-0000-7000-8000-000000000001',
    accountId: '019a0000-0000-7000-8000-000000000002',
    emailIndex: 'index',
    passwordVersion: 1,
  }

  test('when nothing has changed, the token fits and names its request', () => {
    const token = deriveToken(secret, binding)
    expect(token).toMatch(/^[\w-]{64}$/)
    expect(requestIdOf(token)).toBe(binding.requestId)
    expect(tokenFits(secret, token, binding)).toBe(true)
  })

  test.each<[Partial<Binding>]>([
    [{ purpose: 'reset-password' }],
    [{ requestId: '019a0000-0000-7000-8000-000000000003' }],
    [{ accountId: '019a0000-0000-7000-8000-000000000003' }],
    [{ emailIndex: 'another' }],
    [{ passwordVersion: 2 }],
  ])('when %j has changed, the token fits no more', (change) => {
    expect(tokenFits(secret, deriveToken(secret, binding), { ...binding, ...change })).toBe(false)
  })

  test('when text is no token, it names no request and fits nothing', () => {
    for (const text of ['', 'x', 'a'.repeat(63), 'a'.repeat(65), '/'.repeat(64)]) {
      expect(requestIdOf(text)).toBeUndefined()
      expect(tokenFits(secret, text, binding)).toBe(false)
    }
  })
})

describe('signing keys', () => {
  const key = (kid: string, signsFrom: Date) => ({ kid, signsFrom })

  test('the newest key whose time has come signs; a later one waits', () => {
    const keys = [key('a', after(-100)), key('b', after(-50)), key('c', after(50))]
    expect(signerAt(keys, start)?.kid).toBe('b')
    expect(nextKey(keys, start)?.kid).toBe('c')
    expect(signerAt([key('c', after(50))], start)).toBeUndefined()
  })

  test('a key goes only when no token it signed can still live', () => {
    const keys = [key('old', after(-5000)), key('new', start)]
    expect(retiredAt(keys, after(TOKEN_SECONDS))).toEqual([])
    expect(retiredAt(keys, after(TOKEN_SECONDS + 61)).map((one) => one.kid)).toEqual(['old'])
    expect(retiredAt([key('only', after(-1e6))], start)).toEqual([])
  })
})

describe('the address book', () => {
  const address = { name: 'Zeno', line1: 'Painted Porch 1', city: 'Athens', postalCode: '10555', country: 'GR' }
  const newId = () => 'new'

  test('when it has entries, exactly one is the default; known ids stay', () => {
    const book = replaceAddresses(['a'], [address, { ...address, id: 'a', default: true }], newId)
    expect(book).toEqual([
      { ...address, id: 'new', default: false },
      { ...address, id: 'a', default: true },
    ])
    expect(replaceAddresses([], [address, address], newId)).toMatchObject([{ default: true }, { default: false }])
    expect(replaceAddresses(['a'], [], newId)).toEqual([])
  })

  test('when entries contradict each other, every fault is named', () => {
    const outcome = replaceAddresses(
      ['a'],
      [
        { ...address, id: 'a', default: true },
        { ...address, id: 'a', default: true },
        { ...address, id: 'b' },
      ],
      newId,
    )
    expect(areFaults(outcome) && outcome.map((fault) => [fault.path, fault.code])).toEqual([
      ['addresses[1].default', 'only-one'],
      ['addresses[1].id', 'repeated'],
      ['addresses[2].id', 'unknown'],
    ])
  })
})
