import type { Room } from '@stoa/chassis/testing/room.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import { AccountRegistered, AccountVerified, LoggedIn, SecurityMail, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshEmail, mailsTo, newPerson, openIdentity, PASSWORD, refreshTokenOf, tampered, tokenOf } from './testing/people.ts'

let room: Room
beforeAll(async () => {
  room = await openIdentity()
})
afterAll(async () => room.stop())

const register = (body: object, headers: Record<string, string> = {}) => room.request('POST /api/register', { body, headers })
const verify = (token: string) => room.request('POST /api/users/verify', { body: { token } })
const login = (body: object) => room.request('POST /api/login', { body })

describe('registering', () => {
  test('when the address is new, a link confirms it and logs in', async () => {
    const email = freshEmail()
    const answer = await register({ email, password: PASSWORD, username: 'Zeno', name: 'Zeno of Citium' })
    expect([answer.status, answer.body]).toEqual([202, { status: 'confirmation-sent' }])
    expect((await login({ email, password: PASSWORD })).body.code).toBe('invalid-credentials')
    const session = await verify(await tokenOf(room, email, 'confirm-email'))
    expect(session.status).toBe(200)
    expect(session.body).toMatchObject({
      tokenType: 'Bearer',
      expiresIn: 600,
      user: { email, username: 'Zeno', name: 'Zeno of Citium', roles: ['customer'], emailVerified: true },
    })
    expect(refreshTokenOf(session)).toHaveLength(43)
    const { id } = session.body.user
    await room.settled()
    expect(await room.events(AccountRegistered)).toContainEqual({ accountId: id })
    expect(await room.events(AccountVerified)).toContainEqual({ accountId: id })
    expect((await room.events(LoggedIn)).filter((event) => event.accountId === id)).toHaveLength(1)
  })

  test('when the name of the seeds is used, the answer is the same', async () => {
    const answer = await room.request('POST /api/users/register', { body: { email: freshEmail(), password: PASSWORD } })
    expect(answer.status).toBe(202)
  })

  test('when the address has an account, the answer is the same and the mail says so', async () => {
    const known = await newPerson(room)
    const answer = await register({ email: known.email.toUpperCase(), password: PASSWORD })
    expect([answer.status, answer.body]).toEqual([202, { status: 'confirmation-sent' }])
    const mails = await mailsTo(room, known.email)
    expect(mails.at(-1)).toMatchObject({ kind: 'already-registered', token: null })
    expect((await login({ email: known.email, password: PASSWORD })).status).toBe(200)
  })

  test('when somebody else registered the address before, only the opened link decides on the password', async () => {
    const email = freshEmail()
    await register({ email, password: 'set by a stranger', username: 'stranger', name: 'Stranger' })
    const strangers = await tokenOf(room, email, 'confirm-email')
    await register({ email, password: PASSWORD, username: 'owner' })
    const session = await verify(await tokenOf(room, email, 'confirm-email'))
    expect(session.body.user).toMatchObject({ username: 'owner', name: null })
    expect((await login({ email, password: 'set by a stranger' })).status).toBe(401)
    expect((await login({ email, password: PASSWORD })).status).toBe(200)
    expect((await verify(strangers)).body.code).toBe('invalid-token')
  })

  test('when several fields are bad or missing, all of them are named', async () => {
    const answer = await register({ email: 'nonsense', password: 'short', username: 'x', colour: 'red' })
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid-request'])
    expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['colour', 'email', 'password', 'username'])
    expect((await register({})).body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['email', 'password'])
  })

  test.each(['password', 'PassWord123', '1234567890', 'Person.Of.Note@example.org', 'person.of.note', 'SomeUserName'])(
    'when the password is %s, it is refused',
    async (password) => {
      const answer = await register({ email: 'person.of.note@example.org', username: 'SomeUserName', password })
      expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([422, 'invalid-request', 'password'])
    },
  )

  test('when the same new address registers many times at once, there is one account', async () => {
    const email = freshEmail()
    const answers = await Promise.all(Array.from({ length: 8 }, () => register({ email, password: PASSWORD })))
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 8 }, () => 202))
    await room.settled()
    const ids = new Set((await room.events(SecurityMailRequested)).map((event) => event.accountId))
    const { count } = await room
      .db('identity')
      .one<{ count: number }>(sql`SELECT count(*) FROM accounts WHERE id = ANY(${[...ids]}::uuid[])`)
    expect(count).toBe(ids.size)
    expect((await mailsTo(room, email)).length).toBe(8)
  })

  test('when a mailbox is registered over and over, it gets no more than ten mails an hour', async () => {
    const email = freshEmail()
    for (let round = 0; round < 12; round++) expect((await register({ email, password: PASSWORD })).status).toBe(202)
    expect(await mailsTo(room, email)).toHaveLength(10)
    await room.advance(3601)
    await register({ email, password: PASSWORD })
    expect(await mailsTo(room, email)).toHaveLength(11)
  })

  test('when the browser speaks German, so does the mail', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD }, { 'accept-language': 'fr;q=0.9, de-AT;q=0.8, en;q=0.5' })
    expect((await mailsTo(room, email))[0]?.language).toBe('de')
  })
})

describe('user names', () => {
  test('when a user name is taken, it is said at once, whatever its case', async () => {
    await newPerson(room, { username: 'Chrysippus' })
    const answer = await register({ email: freshEmail(), password: PASSWORD, username: 'CHRYSIPPUS' })
    expect([answer.status, answer.body.code]).toEqual([409, 'username-taken'])
  })

  test('when many want one user name at the same moment, one gets it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => register({ email: freshEmail(), password: PASSWORD, username: 'Diogenes' })),
    )
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(1)
    expect(answers.filter((answer) => answer.body.code === 'username-taken')).toHaveLength(9)
  })

  test('when a known address registers, its name is reserved just as a new one’s', async () => {
    const known = await newPerson(room)
    const names = ['for-known', 'for-new']
    await register({ email: known.email, password: PASSWORD, username: 'for-known' })
    await register({ email: freshEmail(), password: PASSWORD, username: 'for-new' })
    await room.settled()
    const statuses = async () =>
      Promise.all(names.map(async (username) => (await register({ email: 'third@example.org', password: PASSWORD, username })).status))
    expect(await statuses()).toEqual([409, 409])
    await room.advance(24 * 3600 + 1)
    expect(await statuses()).toEqual([202, 202])
  })

  test('when the same person sends the form again, the name is still theirs', async () => {
    const form = { email: freshEmail(), password: PASSWORD, username: 'Persaeus' }
    expect((await register(form)).status).toBe(202)
    expect((await register(form)).status).toBe(202)
  })

  test('when the reservation ran out before the link was opened, the account is confirmed without the name', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD, username: 'Ariston' })
    const token = await tokenOf(room, email, 'confirm-email')
    await room.advance(25 * 3600)
    await newPerson(room, { username: 'ariston' })
    const session = await verify(token)
    expect([session.status, session.body.user.username]).toEqual([200, null])
  })
})

describe('links', () => {
  test('when a link is used twice, the second time is refused', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD })
    const token = await tokenOf(room, email, 'confirm-email')
    const answers = await Promise.all([verify(token), verify(token), verify(token)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 422, 422])
    expect((await verify(token)).body.code).toBe('invalid-token')
  })

  test('when a link is changed, made up, or of another purpose, it is refused', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD })
    const token = await tokenOf(room, email, 'confirm-email')
    for (const bad of [tampered(token), 'A'.repeat(64), 'nonsense', token.slice(0, 40)])
      expect((await verify(bad)).body.code).toBe('invalid-token')
    const answer = await room.request('POST /api/password/reset', { body: { token, password: 'another quiet place' } })
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid-token'])
    expect((await verify(token)).status).toBe(200)
  })

  test('when a link is older than 48 hours, it is refused and no longer sent', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD })
    const [mail] = await mailsTo(room, email)
    await room.advance(48 * 3600 + 1)
    expect((await verify(mail?.token ?? '')).body.code).toBe('invalid-token')
    expect(await room.call(SecurityMail, { requestId: mail?.requestId ?? '' })).toMatchObject({ refused: 'not-found' })
  })
})

test('when the database is read by a thief, it shows no address, name, password or token', async () => {
  const person = await newPerson(room, { email: 'a.rare.marker@example.org', name: 'Marker Markerson' })
  await room.request('POST /api/password/forgot', { body: { email: person.email } })
  const token = await tokenOf(room, person.email, 'reset-password')
  await register({ email: 'another.rare.marker@example.org', password: PASSWORD, name: 'Marker Waiting' })
  const tables = await room.db('identity').rows<{ name: string }>(sql`
    SELECT quote_ident(schemaname) || '.' || quote_ident(relname) AS name FROM pg_stat_user_tables`)
  for (const { name } of tables) {
    const { text } = await room
      .db('identity')
      .one<{ text: string }>({ text: `SELECT COALESCE(string_agg(t::text, ' '), '') AS text FROM ${name} t`, values: [] })
    for (const secret of ['rare.marker', 'Marker', PASSWORD, token, person.refreshToken])
      expect(text.includes(secret), `${name} holds ${secret}`).toBe(false)
  }
})
