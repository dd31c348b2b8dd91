import { sql } from '@stoa/chassis/database/sql.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bearer, freshEmail, newPerson, openIdentity, PASSWORD, refreshTokenOf, type Person } from './testing/people.ts'

let room: Room
let person: Person
beforeAll(async () => {
  room = await openIdentity({
    env: {
      STOA_SESSION_IDLE_MINUTES: '60',
      STOA_SESSION_ABSOLUTE_MINUTES: '180',
      STOA_STAY_SIGNED_IN_IDLE_MINUTES: '2880',
      STOA_STAY_SIGNED_IN_ABSOLUTE_MINUTES: '5760',
    },
  })
})
afterAll(async () => room.stop())
beforeEach(async () => {
  person = await newPerson(room)
})

const login = (body: object, headers: Record<string, string> = {}) => room.request('POST /api/login', { body, headers })
const refresh = (token: string, headers: Record<string, string> = {}) =>
  room.request('POST /api/token/refresh', { cookies: { stoa_refresh: token }, headers })
const cookieOf = (answer: { headers: Record<string, string | string[] | undefined> }) => String(answer.headers['set-cookie'])

describe('logging in', () => {
  test('when the password fits, by e-mail in any case or by user name', async () => {
    const named = await newPerson(room, { username: 'Cleanthes' })
    for (const body of [{ email: named.email.toUpperCase() }, { username: 'cleanthes' }, { email: 'CLEANTHES' }]) {
      const answer = await login({ ...body, password: PASSWORD })
      expect([answer.status, answer.body.user?.id]).toEqual([200, named.id])
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  test('when the password is wrong or nobody is known, the answers are the same', async () => {
    const wrong = await login({ email: person.email, password: 'something else' })
    const unknown = await login({ email: freshEmail(), password: 'something else' })
    const unnamed = await login({ username: 'nobody-here', password: 'something else' })
    for (const answer of [wrong, unknown, unnamed]) expect([answer.status, answer.body.code]).toEqual([401, 'invalid-credentials'])
    const plain = (body: object) => ({ ...body, requestId: '' })
    expect(plain(unknown.body)).toEqual(plain(wrong.body))
    expect(plain(unnamed.body)).toEqual(plain(wrong.body))
  })

  test('when neither e-mail nor user name is given, it is named', async () => {
    const answer = await login({ password: PASSWORD })
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([422, 'invalid-request', 'email'])
  })

  test('when nobody asked to stay, the cookie goes with the browser; else it lasts', async () => {
    const plain = cookieOf(await login({ email: person.email, password: PASSWORD }))
    expect(plain).toMatch(/^stoa_refresh=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(cookieOf(await login({ email: person.email, password: PASSWORD, staySignedIn: true }))).toContain(`Max-Age=${2880 * 60}`)
  })

  test('when the access token is used, it opens the profile; a changed one does not', async () => {
    expect((await room.request('GET /api/profile', bearer(person))).body.id).toBe(person.id)
    const [head, , signature] = person.accessToken.split('.') as [string, string, string]
    const claims = Buffer.from(
      JSON.stringify({ iss: 'stoa', aud: 'stoa', sub: person.id, sid: person.id, roles: ['admin'], exp: 9e9 }),
    ).toString('base64url')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
    for (const forged of [`${head}.${claims}.${signature}`, `${none}.${claims}.`])
      expect((await room.request('GET /api/profile', bearer({ accessToken: forged }))).status).toBe(401)
  })
})

describe('guessing', () => {
  test.each([['known'], ['unknown']])(
    'when a password of a %s address was wrong ten times, the eleventh try is told to wait',
    async (which) => {
      const email = which === 'known' ? person.email : freshEmail()
      const tries = async (from: string) => login({ email, password: 'a wrong guess' }, { 'x-forwarded-for': from })
      for (let guess = 0; guess < 10; guess++) expect((await tries(`203.0.113.${guess}`)).status).toBe(401)
      const locked = await login({ email, password: PASSWORD })
      expect([locked.status, locked.body.code]).toEqual([429, 'too-many-requests'])
      expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0)
      expect(Number(locked.headers['retry-after'])).toBeLessThanOrEqual(900)
    },
  )

  test('when many guess at the same moment, no more than ten learn anything', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => login({ email: person.email, password: 'a wrong guess' })))
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10)
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(20)
  })

  test('when many log in rightly at the same moment, all of them may', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => login({ email: person.email, password: PASSWORD })))
    expect(answers.every((answer) => answer.status === 200)).toBe(true)
  })

  test('when a login succeeds before the tenth failure, counting begins anew', async () => {
    for (let guess = 0; guess < 9; guess++) await login({ email: person.email, password: 'a wrong guess' })
    expect((await login({ email: person.email, password: PASSWORD })).status).toBe(200)
    for (let guess = 0; guess < 9; guess++) expect((await login({ email: person.email, password: 'a wrong guess' })).status).toBe(401)
    expect((await login({ email: person.email, password: PASSWORD })).status).toBe(200)
  })

  test('when a quarter of an hour has passed, the lock is open', async () => {
    const email = person.email
    for (let guess = 0; guess < 10; guess++) await login({ email, password: 'a wrong guess' })
    expect((await login({ email, password: PASSWORD })).status).toBe(429)
    await forgetAfter(900)
    expect((await login({ email, password: PASSWORD })).status).toBe(200)
  })

  test('when one client guesses at many addresses, it is locked though each address is not', async () => {
    await room.db('identity').run(sql`
      INSERT INTO login_failures (mark, failed_at) SELECT mark, array_fill(now(), ARRAY[500]) FROM login_failures WHERE mark LIKE 'client:%'
      ON CONFLICT (mark) DO UPDATE SET failed_at = excluded.failed_at`)
    expect((await login({ email: freshEmail(), password: 'a wrong guess' })).status).toBe(429)
    await forgetAfter(900)
  })

  async function forgetAfter(seconds: number): Promise<void> {
    await room
      .db('identity')
      .run(sql`UPDATE login_failures SET failed_at = ARRAY(SELECT at - make_interval(secs => ${seconds}) FROM unnest(failed_at) AS at)`)
  }
})

describe('refreshing', () => {
  test('when the token is live, it is traded for the next', async () => {
    const first = await refresh(person.refreshToken)
    expect([first.status, first.body.user.id]).toEqual([200, person.id])
    const next = refreshTokenOf(first)
    expect(next).not.toBe(person.refreshToken)
    expect((await refresh(next)).status).toBe(200)
  })

  test('when a spent token comes again, the whole family ends', async () => {
    const next = refreshTokenOf(await refresh(person.refreshToken))
    await room.advance(11)
    const again = await refresh(person.refreshToken)
    expect([again.status, again.body.code]).toEqual([401, 'invalid-session'])
    expect((await refresh(next)).status).toBe(401)
  })

  test('when the answer was lost, the same client gets the same successor within ten seconds', async () => {
    const answers = await Promise.all([refresh(person.refreshToken), refresh(person.refreshToken), refresh(person.refreshToken)])
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
    expect(new Set(answers.map(refreshTokenOf)).size).toBe(1)
    expect((await refresh(refreshTokenOf(answers[0] as (typeof answers)[0]))).status).toBe(200)
  })

  test('when the successor was already used within the grace, the late client gets the newest', async () => {
    const second = refreshTokenOf(await refresh(person.refreshToken))
    const third = refreshTokenOf(await refresh(second))
    expect(refreshTokenOf(await refresh(person.refreshToken))).toBe(third)
    expect((await refresh(third)).status).toBe(200)
  })

  test('when another client shows a token just spent, the family ends', async () => {
    const opened = await login({ email: person.email, password: PASSWORD }, { 'user-agent': 'Firefox/140 Linux' })
    const token = refreshTokenOf(opened)
    const next = refreshTokenOf(await refresh(token, { 'user-agent': 'Firefox/140 Linux' }))
    expect((await refresh(token, { 'user-agent': 'curl/8' })).status).toBe(401)
    expect((await refresh(next, { 'user-agent': 'Firefox/140 Linux' })).status).toBe(401)
  })

  test('when there is no token, or one that never was, it is refused', async () => {
    expect((await room.request('POST /api/token/refresh')).body.code).toBe('invalid-session')
    const unknown = await refresh('x'.repeat(43))
    expect([unknown.status, unknown.body.code]).toEqual([401, 'invalid-session'])
    expect(cookieOf(unknown)).toContain('stoa_refresh=;')
  })

  test('when the request comes from another site, it is refused and nothing is spent', async () => {
    const foreign = { origin: 'https://evil.example' }
    const refused = await refresh(person.refreshToken, foreign)
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden'])
    expect((await room.request('POST /api/logout', { cookies: { stoa_refresh: person.refreshToken }, headers: foreign })).body.code).toBe(
      'forbidden',
    )
    expect((await refresh(person.refreshToken, { origin: 'http://127.0.0.1:3000' })).status).toBe(200)
  })

  test('when it was not used for the idle time, the login is over', async () => {
    await room.advance(3601)
    expect((await refresh(person.refreshToken)).status).toBe(401)
  })

  test('when it is used all the time, it still ends with the absolute time', async () => {
    let token = person.refreshToken
    for (let step = 0; step < 3; step++) {
      await room.advance(3500)
      token = refreshTokenOf(await refresh(token)) || token
    }
    expect((await refresh(token)).status).toBe(200)
    token = refreshTokenOf(await refresh(token))
    await room.advance(301)
    expect((await refresh(token)).status).toBe(401)
  })

  test('when the login asked to stay, it outlasts the others', async () => {
    const stays = refreshTokenOf(await login({ email: person.email, password: PASSWORD, staySignedIn: true }))
    await room.advance(24 * 3600)
    const answer = await refresh(stays)
    expect(answer.status).toBe(200)
    expect(cookieOf(answer)).toMatch(/Max-Age=\d+/)
  })
})

describe('logging out', () => {
  test('when a session is logged out, its cookie is cleared and its token worthless', async () => {
    const answer = await room.request('POST /api/logout', { cookies: { stoa_refresh: person.refreshToken } })
    expect(answer.status).toBe(204)
    expect(cookieOf(answer)).toContain('stoa_refresh=;')
    expect((await refresh(person.refreshToken)).status).toBe(401)
    expect((await room.request('POST /api/logout')).status).toBe(204)
  })

  test('when everything is logged out, every session of the account ends and nobody else’s', async () => {
    const other = await newPerson(room)
    const second = refreshTokenOf(await login({ email: person.email, password: PASSWORD }))
    expect((await room.request('POST /api/logout-all', bearer(person))).status).toBe(204)
    for (const token of [person.refreshToken, second]) expect((await refresh(token)).status).toBe(401)
    expect((await refresh(other.refreshToken)).status).toBe(200)
  })

  test('when a session has ended, its access token opens nothing from that moment on; those of others do', async () => {
    const opens = async (who: { accessToken: string }) => (await room.request('GET /api/profile', bearer(who))).status
    const again = async () => (await login({ email: person.email, password: PASSWORD })).body as { accessToken: string }
    const [second, third, other] = [await again(), await again(), await newPerson(room)]
    expect(await Promise.all([person, second, third, other].map(opens))).toEqual([200, 200, 200, 200])
    expect((await room.request('POST /api/logout', bearer(second))).status).toBe(204)
    expect(await Promise.all([person, second, third, other].map(opens))).toEqual([200, 401, 200, 200])
    expect((await room.request('POST /api/logout', { ...bearer(second), cookies: {} })).status).toBe(401)
    expect((await room.request('POST /api/logout-all', bearer(person))).status).toBe(204)
    expect(await Promise.all([person, second, third, other].map(opens))).toEqual([401, 401, 401, 200])
  })

  test('when sessions are listed, each names its device and one is the current', async () => {
    await login(
      { email: person.email, password: PASSWORD },
      { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1' },
    )
    const { body } = await room.request('GET /api/sessions', bearer(person))
    expect(body.items).toHaveLength(2)
    expect(body.items.map((one: { device: string }) => one.device)).toContain('Safari on iPhone')
    expect(body.items.filter((one: { current: boolean }) => one.current)).toHaveLength(1)
    expect((await room.request('GET /api/sessions')).status).toBe(401)
  })
})
