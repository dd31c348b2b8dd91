import {
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
} from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { staff } from '../contract.ts'
import { Fault } from '../fault.ts'
import type { Caller } from '../service.ts'
import { Authenticator, GUEST, permits, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER, TOKEN_TYPE } from './authentication.ts'

interface Key {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

let ours: Key
let next: Key
let strangers: Key

async function makeKey(kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: TOKEN_ALGORITHM, use: 'sig' } }
}

beforeAll(async () => {
  ours = await makeKey('ours')
  next = await makeKey('next')
  strangers = await makeKey('ours')
})
beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-06-01T12:00:00Z'), toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

interface Wanted {
  readonly claims?: JWTPayload
  readonly header?: Partial<JWTHeaderParameters>
  readonly without?: readonly string[]
  readonly by?: Key
}

function tokenOf({ claims = {}, header = {}, without = [], by = ours }: Wanted = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const all: JWTPayload = {
    iss: TOKEN_ISSUER,
    aud: TOKEN_AUDIENCE,
    sub: 'account',
    sid: 'session',
    roles: ['customer'],
    iat: now,
    exp: now + 600,
    ...claims,
  }
  for (const name of without) delete all[name]
  return new SignJWT(all).setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: 'ours', ...header }).sign(by.privateKey)
}

function authenticatorOf(...keys: Key[]): { authenticator: Authenticator; fetched: () => number; keys: Key[] } {
  let fetched = 0
  const authenticator = new Authenticator(async () => {
    fetched++
    return { keys: keys.map((one) => one.jwk) }
  })
  return { authenticator, fetched: () => fetched, keys }
}

describe('an access token', () => {
  test('speaks for its account', async () => {
    const { authenticator } = authenticatorOf(ours)
    expect(await authenticator.callerOf(await tokenOf({ claims: { roles: ['admin'] } }))).toEqual({
      kind: 'account',
      accountId: 'account',
      sessionId: 'session',
      roles: ['admin'],
      groups: [],
    })
  })

  test('brings the customer groups it was signed with', async () => {
    const { authenticator } = authenticatorOf(ours)
    expect(await authenticator.callerOf(await tokenOf({ claims: { groups: ['trade'] } }))).toMatchObject({ groups: ['trade'] })
  })

  const wrong: [string, Wanted][] = [
    ['another issuer', { claims: { iss: 'elsewhere' } }],
    ['no issuer', { without: ['iss'] }],
    ['another audience', { claims: { aud: 'elsewhere' } }],
    ['an expiry that has passed', { claims: { exp: Math.floor(Date.UTC(2026, 5, 1, 11, 59, 59) / 1000) } }],
    ['no expiry', { without: ['exp'] }],
    ['a beginning that has not come', { claims: { nbf: Math.floor(Date.UTC(2026, 5, 1, 12, 5) / 1000) } }],
    ['no subject', { without: ['sub'] }],
    ['no session', { without: ['sid'] }],
    ['roles that are no list', { claims: { roles: 'admin' } }],
    ['groups that are no list', { claims: { groups: 'trade' } }],
    ['another type of token', { header: { typ: 'JWT' } }],
    ['an unknown key id', { header: { kid: 'nobody' } }],
  ]
  test.each(wrong)('with %s speaks for nobody', async (_, wanted) => {
    expect(await authenticatorOf(ours).authenticator.callerOf(await tokenOf(wanted))).toBeUndefined()
  })

  test('signed by a stranger under our key id speaks for nobody', async () => {
    expect(await authenticatorOf(ours).authenticator.callerOf(await tokenOf({ by: strangers }))).toBeUndefined()
  })

  test('without a signature (alg none) speaks for nobody', async () => {
    const unsecured = new UnsecuredJWT({ sid: 'session', roles: ['admin'] })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setSubject('account')
      .setExpirationTime('10m')
      .encode()
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: TOKEN_TYPE, kid: 'ours' })).toString('base64url')
    const { authenticator } = authenticatorOf(ours)
    expect(await authenticator.callerOf(unsecured)).toBeUndefined()
    expect(await authenticator.callerOf([header, unsecured.split('.')[1], ''].join('.'))).toBeUndefined()
  })

  test('signed by HMAC with our public key as the secret speaks for nobody', async () => {
    const { authenticator } = authenticatorOf(ours)
    for (const secret of [Buffer.from(ours.jwk.x ?? '', 'base64url'), Buffer.from(JSON.stringify(ours.jwk))]) {
      const forged = await new SignJWT({ sid: 'session', roles: ['admin'] })
        .setProtectedHeader({ alg: 'HS256', typ: TOKEN_TYPE, kid: 'ours' })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(TOKEN_AUDIENCE)
        .setSubject('account')
        .setExpirationTime('10m')
        .sign(secret)
      expect(await authenticator.callerOf(forged)).toBeUndefined()
    }
  })

  test('whose claims were changed speaks for nobody', async () => {
    const [header, body, signature] = (await tokenOf()).split('.') as [string, string, string]
    const claims = { ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), roles: ['admin'] }
    const changed = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
    expect(await authenticatorOf(ours).authenticator.callerOf(changed)).toBeUndefined()
  })

  test.each(['', 'x', 'a.b.c', 'ey.ey.ey', '..', 'ü.ü.ü'])('that is none (%j) speaks for nobody', async (token) => {
    expect(await authenticatorOf(ours).authenticator.callerOf(token)).toBeUndefined()
  })

  test('that was known ends with its expiry all the same', async () => {
    const { authenticator } = authenticatorOf(ours)
    const token = await tokenOf()
    expect(await authenticator.callerOf(token)).toBeDefined()
    vi.setSystemTime(Date.now() + 599_000)
    expect(await authenticator.callerOf(token)).toBeDefined()
    vi.setSystemTime(Date.now() + 2000)
    expect(await authenticator.callerOf(token)).toBeUndefined()
  })
})

describe('keys', () => {
  test('that are new are fetched when a token names them, those withdrawn are forgotten', async () => {
    const { authenticator, keys } = authenticatorOf(ours)
    expect(await authenticator.callerOf(await tokenOf())).toBeDefined()
    keys.splice(0, 1, next)
    vi.setSystemTime(Date.now() + 6000)
    expect(await authenticator.callerOf(await tokenOf({ by: next, header: { kid: 'next' } }))).toBeDefined()
    expect(await authenticator.callerOf(await tokenOf({ claims: { sub: 'another' } }))).toBeUndefined()
  })

  test('are not fetched again for each of many bad tokens', async () => {
    const { authenticator, fetched } = authenticatorOf(ours)
    for (let index = 0; index < 50; index++) await authenticator.callerOf(await tokenOf({ header: { kid: `unknown-${index}` } }))
    expect(fetched()).toBe(1)
    vi.setSystemTime(Date.now() + 6000)
    for (let index = 0; index < 50; index++) await authenticator.callerOf(await tokenOf({ header: { kid: `unknown-${index}` } }))
    expect(fetched()).toBe(2)
  })

  test('that cannot be had are a fault, not a refusal', async () => {
    const authenticator = new Authenticator(() => Promise.reject(new Fault('unavailable', 'identity is away')))
    await expect(authenticator.callerOf(await tokenOf())).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('a permission', () => {
  const customer: Caller = { kind: 'account', accountId: 'a', sessionId: 's', roles: ['customer'], groups: [] }
  const warehouse: Caller = { ...customer, roles: ['customer', 'warehouse'] }
  const write = staff('stock:write', 'admin', 'warehouse')

  test.each([
    ['public', 'public' as const, ['yes', 'yes', 'yes']],
    ['customer', 'customer' as const, ['unauthenticated', 'yes', 'yes']],
    ['of staff', write, ['unauthenticated', 'forbidden', 'yes']],
    ['of nobody', staff('nobody'), ['unauthenticated', 'forbidden', 'forbidden']],
  ])('%s lets in whom it names', (_, permission, verdicts) => {
    expect([GUEST, customer, warehouse].map((caller) => permits(permission, caller))).toEqual(verdicts)
  })
})
