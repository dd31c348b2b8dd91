/** People from outside: registering, logging in, recovering, and what their mails say. */
import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ask, logIn, until, type Answer } from '../support/client.ts'
import { doctor } from '../support/shop.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin, dataDir } = sharedShop()

const PASSWORD = 'a quiet colonnade'
const freshEmail = () => `person-${randomUUID().slice(0, 13)}@example.com`
const freshName = () => `name-${randomUUID().slice(0, 13)}`
const register = (body: object) => ask(origin, 'POST /api/register', { body })
const cookieOf = (answer: Answer) => /stoa_refresh=[^;]*/.exec(answer.headers.getSetCookie().join('\n'))?.[0] ?? ''

interface Mail {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: readonly string[]
}

/** The newest mail to an address whose subject fits, as soon as it is there. */
async function mailTo(email: string, subject: RegExp): Promise<Mail> {
  const fits = (answer: Answer) => (answer.body.items as Mail[]).find((mail) => subject.test(mail.subject))
  const answer = await until(
    () => ask(origin, `GET /api/sandbox/inbox?to=${email}`),
    (one) => fits(one) !== undefined,
    20,
  )
  return fits(answer) as Mail
}

function tokenIn(mail: Mail, path: string): string {
  const link = mail.links.find((one) => new URL(one).pathname === path)
  return new URL(link ?? 'http://no-such-link').searchParams.get('token') ?? ''
}

const verify = (token: string) => ask(origin, 'POST /api/users/verify', { body: { token } })

/** Somebody registered and confirmed. */
async function newPerson(more: object = {}): Promise<{ email: string; session: Answer }> {
  const email = freshEmail()
  expect((await register({ email, password: PASSWORD, ...more })).status).toBe(202)
  const session = await verify(tokenIn(await mailTo(email, /^Confirm your address/), '/verify'))
  expect(session.status).toBe(200)
  return { email, session }
}

describe('Seed 0, 6.1: user registration', () => {
  test('Verify that a new user can register successfully with valid information.', async () => {
    const email = freshEmail()
    const username = freshName()
    const registered = await register({ email, password: PASSWORD, username, name: 'Ada Byron' })
    expect([registered.status, registered.body]).toEqual([202, { status: 'confirmation-sent' }])
    const session = await verify(tokenIn(await mailTo(email, /^Confirm your address/), '/verify'))
    expect(session.body.user).toMatchObject({ email, username, name: 'Ada Byron', roles: ['customer'], emailVerified: true })
    for (const who of [{ email }, { username }]) {
      const login = await ask(origin, 'POST /api/login', { body: { ...who, password: PASSWORD } })
      expect([login.status, login.body.tokenType, login.body.expiresIn]).toEqual([200, 'Bearer', 600])
      const profile = await ask(origin, 'GET /api/profile', { token: login.body.accessToken })
      expect(profile.body).toMatchObject({ email, username, addresses: [] })
    }
  })

  test('Verify that the system returns an error if mandatory fields are missing during registration.', async () => {
    const nothing = await register({})
    expect([nothing.status, nothing.body.code]).toEqual([422, 'invalid-request'])
    expect(nothing.headers.get('content-type')).toContain('application/problem+json')
    expect(nothing.body.errors.map((error: { path: string }) => error.path).sort()).toEqual(['email', 'password'])
    expect((await register({ email: freshEmail() })).body.errors.map((error: { path: string }) => error.path)).toEqual(['password'])
    expect((await register({ password: PASSWORD })).body.errors.map((error: { path: string }) => error.path)).toEqual(['email'])
  })

  test('Verify that a confirmation email is sent to the user after successful registration.', async () => {
    const email = freshEmail()
    await register({ email, password: PASSWORD })
    const mail = await mailTo(email, /^Confirm your address/)
    expect(mail.links.filter((link) => new URL(link).pathname === '/verify')).toHaveLength(1)
    expect(mail.html).toContain('Confirm my address')
    const { body } = await ask(origin, `GET /api/sandbox/inbox?to=${email}`)
    expect(body.items).toHaveLength(1)
  })

  test('Verify that the system notifies the user if the chosen username is already taken.', async () => {
    const username = freshName()
    await newPerson({ username })
    const refused = await register({ email: freshEmail(), password: PASSWORD, username: username.toUpperCase() })
    expect([refused.status, refused.body.code]).toEqual([409, 'username-taken'])
    expect((await register({ email: freshEmail(), password: PASSWORD, username: freshName() })).status).toBe(202)
  })
})

describe('an account', () => {
  test('when its address registers again, the answer is the same and the mail tells', async () => {
    const { email } = await newPerson()
    const again = await register({ email, password: 'somebody else was here' })
    expect([again.status, again.body]).toEqual([202, { status: 'confirmation-sent' }])
    await mailTo(email, /^You already have an account/)
    expect((await ask(origin, 'POST /api/login', { body: { email, password: 'somebody else was here' } })).body.code).toBe(
      'invalid-credentials',
    )
  })

  test('when its password is forgotten, the link of the mail sets a new one, once, and logs out everywhere', async () => {
    const { email, session } = await newPerson()
    expect((await ask(origin, 'POST /api/password/forgot', { body: { email } })).status).toBe(202)
    const token = tokenIn(await mailTo(email, /^Your new password/), '/reset')
    const password = 'an even quieter one'
    expect((await ask(origin, 'POST /api/password/reset', { body: { token, password } })).status).toBe(204)
    expect((await ask(origin, 'POST /api/password/reset', { body: { token, password } })).body.code).toBe('invalid-token')
    expect((await ask(origin, 'POST /api/token/refresh', { body: {}, headers: { cookie: cookieOf(session) } })).body.code).toBe(
      'invalid-session',
    )
    expect((await ask(origin, 'POST /api/login', { body: { email, password: PASSWORD } })).status).toBe(401)
    expect((await ask(origin, 'POST /api/login', { body: { email, password } })).status).toBe(200)
    await mailTo(email, /^Your password for .* was changed/)
  })

  test('when its session is refreshed and then logged out, the cookie is worth nothing', async () => {
    const { session } = await newPerson()
    const refreshed = await ask(origin, 'POST /api/token/refresh', { body: {}, headers: { cookie: cookieOf(session) } })
    expect([refreshed.status, refreshed.body.user.id]).toEqual([200, session.body.user.id])
    const cookie = cookieOf(refreshed)
    expect(refreshed.headers.getSetCookie().join()).toMatch(/HttpOnly/)
    expect((await ask(origin, 'POST /api/logout', { body: {}, headers: { cookie } })).status).toBe(204)
    expect((await ask(origin, 'POST /api/token/refresh', { body: {}, headers: { cookie } })).status).toBe(401)
  })

  test('when it logs out, its access token opens nothing any more, whichever door is asked', async () => {
    const { email, session } = await newPerson()
    const token = session.body.accessToken
    const doors = ['GET /api/profile', 'GET /api/orders', 'GET /api/sessions', 'GET /api/cart', 'GET /api/notifications/history']
    const opened = () => Promise.all(doors.flatMap((door) => [0, 1, 2].map(async () => (await ask(origin, door, { token })).status)))
    expect(new Set(await opened())).toEqual(new Set([200]))
    expect((await ask(origin, 'POST /api/logout', { body: {}, token })).status).toBe(204)
    expect(new Set(await opened())).toEqual(new Set([401]))
    const { body } = await ask(origin, 'POST /api/login', { body: { email, password: PASSWORD } })
    expect((await ask(origin, 'GET /api/profile', { token: body.accessToken })).status).toBe(200)
  })

  test('when it is confirmed, it is welcomed, and its history shows its mails', async () => {
    const { email, session } = await newPerson()
    await mailTo(email, /^Welcome to /)
    const { body } = await until(
      () => ask(origin, 'GET /api/notifications/history', { token: session.body.accessToken }),
      (answer) => answer.body.items.length === 2 && answer.body.items.every((item: { state: string }) => item.state === 'sent'),
      10,
    )
    expect(body.items.map((item: { template: string; to: string }) => [item.template, item.to])).toEqual([
      ['welcome', email],
      ['confirm-email', email],
    ])
  })

  test('when it is no administrator’s, staff doors are closed to it', async () => {
    const { session } = await newPerson()
    const token = session.body.accessToken
    expect((await ask(origin, 'POST /api/keys/rotate', { token, body: {} })).status).toBe(403)
    expect((await ask(origin, `PUT /api/users/${session.body.user.id}/roles`, { token, body: { roles: ['admin'] } })).status).toBe(403)
    const mail = { to: 'x@example.com', channel: 'email', template: 'plain', data: { subject: 'x', text: 'x' } }
    expect((await ask(origin, 'POST /api/notifications/send', { token, body: mail })).status).toBe(403)
    expect((await ask(origin, 'POST /api/notifications/send', { body: mail })).status).toBe(401)
  })
})

test('when keys are rotated, nobody is logged out', async () => {
  const admin = await logIn(origin, 'admin@stoa.example')
  const shopper = await logIn(origin, 'shopper@stoa.example')
  expect((await ask(origin, 'POST /api/keys/rotate', { token: admin.token, body: {} })).status).toBe(201)
  for (const { token } of [admin, shopper, await logIn(origin, 'pos@stoa.example')])
    expect((await ask(origin, 'GET /api/users/profile', { token })).status).toBe(200)
})

test('when all of this is done, the books of people and messages are right', async () => {
  const { checks } = await doctor(dataDir, 30)
  for (const name of [
    'every account has a person key',
    'no session can be refreshed past its absolute lifetime',
    'no message sent twice',
  ]) {
    const check = checks.find((one) => one.name.endsWith(name))
    expect(check).toMatchObject({ ok: true, broken: 0 })
    expect(check?.examined).toBeGreaterThan(0)
  }
})
