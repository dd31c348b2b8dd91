import { isRefusal } from '@stoa/chassis/contract.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Common } from '@stoa/chassis/service.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { ContactOf, OpenPersonKey, SigningKeys } from '@stoa/contracts/identity.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bearer, newPerson, openIdentity, PASSWORD, refreshTokenOf } from './testing/people.ts'

let room: Room
afterEach(async () => {
  vi.useRealTimers()
  await room.stop()
})

const admin = () => ({ as: room.account({ roles: ['admin'] }) })
const kids = async () => {
  const answer = await room.call(SigningKeys, {})
  return isRefusal(answer) ? [] : answer.keys.map((key) => key.kid)
}
const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString()).kid as string
const query = <Row extends object>(text: ReturnType<typeof sql>) => room.db('identity').rows<Row>(text)

/** Lets so much time pass at once, by which a job is due, and waits for what it does. */
async function runJobs(done: () => Promise<boolean>, seconds = 3601): Promise<void> {
  await room.advance(seconds)
  for (let look = 0; look < 200; look++) {
    if (await done()) return
    await new Promise((go) => setTimeout(go, 25))
  }
  throw new Error('the job did nothing')
}

/** What a further start does, with other settings. */
async function prepareAgain(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const identity = room.house.services.get('identity')
  const common = identity?.common()
  await identity?.definition.prepare?.({
    ...(common as Common),
    setting: ((one) => settings[one.name] ?? common?.setting(one)) as Common['setting'],
    db: identity.database,
    transaction: identity.database.retriedTransaction.bind(identity.database),
    call: identity.call,
    signal: identity.stopSignal,
  })
}

describe('signing keys', () => {
  test('when a key is rotated, it is published first, signs later, and nobody is logged out', async () => {
    room = await openIdentity()
    const person = await newPerson(room)
    const [old] = await kids()
    expect(kidOf(person.accessToken)).toBe(old)
    const rotated = await room.request('POST /api/keys/rotate', admin())
    expect(rotated.status).toBe(201)
    const next = rotated.body.keyId as string
    expect(new Date(rotated.body.signsFrom).getTime()).toBeGreaterThan(Date.now() + 290_000)
    expect((await kids()).sort()).toEqual([old, next].sort())
    expect((await room.request('POST /api/keys/rotate', admin())).body.keyId).toBe(next)
    const meanwhile = await room.request('POST /api/login', { body: { email: person.email, password: PASSWORD } })
    expect(kidOf(meanwhile.body.accessToken)).toBe(old)
    await room.advance(301)
    // The clock of this process too: whoever checks tokens has fetched the published keys again by then.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 301_000 })
    const refreshed = await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: person.refreshToken } })
    expect(kidOf(refreshed.body.accessToken)).toBe(next)
    for (const token of [person.accessToken, refreshed.body.accessToken])
      expect((await room.request('GET /api/profile', bearer({ accessToken: token }))).status).toBe(200)
    await runJobs(async () => (await kids()).length === 1)
    expect(await kids()).toEqual([next])
    const later = await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: refreshTokenOf(refreshed) } })
    expect([later.status, kidOf(later.body.accessToken)]).toEqual([200, next])
  })

  test('when a key is a month old, the job publishes the next', async () => {
    room = await openIdentity()
    const [old] = await kids()
    await runJobs(async () => (await kids()).length === 2, 31 * 24 * 3600)
    expect(await kids()).toContain(old)
    await room.advance(3601)
    expect((await kids()).length).toBeLessThanOrEqual(2)
  })

  test('when the keys are read from outside, they are public parts only', async () => {
    room = await openIdentity()
    const { body } = await room.request('GET /api/.well-known/jwks.json')
    expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    expect((await room.request('POST /api/keys/rotate', { as: room.account({ roles: ['warehouse'] }) })).status).toBe(403)
  })
})

describe('the key-encryption key', () => {
  test('when it is old, a new one seals everything anew and everything still opens', async () => {
    room = await openIdentity()
    const person = await newPerson(room, { name: 'Zeno' })
    const guestId = newId()
    const guest = await room.call(OpenPersonKey, { personId: guestId, guest: true })
    const sealedBefore = await query<{ sealed_key: string }>(sql`SELECT sealed_key FROM people`)
    await runJobs(
      async () =>
        (await query(sql`SELECT 1 FROM people WHERE kek_id = 'kek-1' UNION ALL SELECT 1 FROM signing_keys WHERE kek_id = 'kek-1'`))
          .length === 0,
      366 * 24 * 3600,
    )
    const sealedAfter = await query<{ sealed_key: string }>(sql`SELECT sealed_key FROM people`)
    expect(sealedAfter.filter((row) => sealedBefore.some((old) => old.sealed_key === row.sealed_key))).toEqual([])
    expect(await room.call(OpenPersonKey, { personId: guestId, guest: true })).toEqual(guest)
    expect(await room.call(ContactOf, { accountId: person.id })).toMatchObject({ email: person.email, name: 'Zeno' })
    expect((await room.request('POST /api/login', { body: { email: person.email, password: PASSWORD } })).status).toBe(200)
    expect((await query<{ kek_id: string }>(sql`SELECT kek_id FROM people`)).every((row) => row.kek_id === 'kek-2')).toBe(true)
  })
})

describe('the first start', () => {
  const demo = ['admin', 'warehouse', 'vendor', 'pos', 'shopper']

  test('when it is the demo, its five accounts can log in with their roles, and a second start changes nothing', async () => {
    room = await openIdentity({ env: { STOA_DEMO: 'on' } })
    const roles = []
    for (const name of demo) {
      const { body } = await room.request('POST /api/login', { body: { email: `${name}@stoa.example`, password: 'stoa-demo-2026' } })
      roles.push(...body.user.roles)
    }
    expect(roles).toEqual(['admin', 'warehouse', 'vendor', 'pos', 'customer'])
    const shopper = await room.request('POST /api/login', { body: { email: 'shopper@stoa.example', password: 'stoa-demo-2026' } })
    expect((await room.request('GET /api/profile', bearer(shopper.body))).body.addresses).toMatchObject([{ default: true, country: 'DE' }])
    const hashes = await query<{ password_hash: string }>(sql`SELECT password_hash FROM accounts`)
    expect(new Set(hashes.map((row) => row.password_hash)).size).toBe(5)
    await prepareAgain()
    expect(await query(sql`SELECT password_hash FROM accounts`)).toEqual(hashes)
  })

  test('when a demo becomes a real shop, nobody gets in by the passwords that everybody knows', async () => {
    room = await openIdentity({ env: { STOA_DEMO: 'on' } })
    const logIn = (name: string, password = 'stoa-demo-2026') =>
      room.request('POST /api/login', { body: { email: `${name}@stoa.example`, password } })
    const before = await logIn('admin')
    const own = bearer((await logIn('vendor')).body)
    await room.request('POST /api/password/change', { ...own, body: { current: 'stoa-demo-2026', next: 'a choice of my own' } })
    await prepareAgain({ STOA_DEMO: 'off' })
    for (const name of ['admin', 'warehouse', 'pos', 'shopper']) expect([name, (await logIn(name)).status]).toEqual([name, 401])
    expect((await logIn('vendor', 'a choice of my own')).status).toBe(200)
    const refreshed = await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: refreshTokenOf(before) } })
    expect(refreshed.status).toBe(401)
  })

  test('when an administrator is named, there is that one and no other', async () => {
    room = await openIdentity({ env: { STOA_ADMIN_EMAIL: 'owner@shop.example', STOA_ADMIN_PASSWORD: 'of my own choosing' } })
    const { body } = await room.request('POST /api/login', { body: { email: 'owner@shop.example', password: 'of my own choosing' } })
    expect(body.user).toMatchObject({ roles: ['admin'], emailVerified: true })
    expect(await query(sql`SELECT 1 FROM accounts`)).toHaveLength(1)
  })
})

describe('housekeeping', () => {
  test('when an address was never confirmed for a week, it is forgotten with its key', async () => {
    room = await openIdentity()
    await newPerson(room)
    await room.request('POST /api/register', { body: { email: 'never@example.org', password: PASSWORD, username: 'never' } })
    await room.settled()
    expect(await query(sql`SELECT 1 FROM people`)).toHaveLength(2)
    await room.advance(8 * 24 * 3600)
    await runJobs(async () => (await query(sql`SELECT 1 FROM people`)).length === 1)
    expect(await query(sql`SELECT 1 FROM accounts`)).toHaveLength(1)
  })

  test('when the settings are shortened, logins already open are bound by them', async () => {
    room = await openIdentity()
    const person = await newPerson(room)
    await query(sql`UPDATE sessions SET expires_at = now() + interval '90 days'`)
    const checks = room.house.services.get('identity')?.definition.checks ?? []
    expect(await outcomeOf(checks, 'no session can be refreshed past its absolute lifetime')).toMatchObject({ examined: 1, broken: 1 })
    await runJobs(async () => (await outcomeOf(checks, 'no session can be refreshed past its absolute lifetime')).broken === 0)
    expect((await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: person.refreshToken } })).status).toBe(200)
  })

  test('when an account’s key belongs to a guest, the check of the books names the account', async () => {
    room = await openIdentity()
    const person = await newPerson(room)
    const checks = room.house.services.get('identity')?.definition.checks ?? []
    expect(await outcomeOf(checks, 'every account has a person key')).toEqual({ examined: 1, broken: 0, examples: [] })
    await query(sql`UPDATE people SET guest = true`)
    expect(await outcomeOf(checks, 'every account has a person key')).toEqual({ examined: 1, broken: 1, examples: [person.id] })
  })

  async function outcomeOf(
    checks: readonly {
      name: string
      run: (context: never) => Promise<{ examined: number; broken: number; examples: readonly string[] }>
    }[],
    name: string,
  ) {
    const identity = room.house.services.get('identity')
    const check = checks.find((one) => one.name === name)
    if (!identity || !check) throw new Error(`no check ${name}`)
    return check.run({ ...identity.common(), db: identity.database, call: identity.call } as never)
  }
})
