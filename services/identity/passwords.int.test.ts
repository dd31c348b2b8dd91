import type { Room } from '@stoa/chassis/testing/room.ts'
import { AccountChanged, AccountVerified } from '@stoa/contracts/identity.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  bearer,
  freshEmail,
  mailsTo,
  newPerson,
  openIdentity,
  PASSWORD,
  refreshTokenOf,
  tampered,
  tokenOf,
  type Person,
} from './testing/people.ts'

let room: Room
let person: Person
beforeAll(async () => {
  room = await openIdentity()
})
afterAll(async () => room.stop())
beforeEach(async () => {
  person = await newPerson(room)
})

const NEW_PASSWORD = 'an even quieter one'
const login = (password: string, email = person.email) => room.request('POST /api/login', { body: { email, password } })
const forgot = (email: string) => room.request('POST /api/password/forgot', { body: { email } })
const reset = (token: string, password = NEW_PASSWORD) => room.request('POST /api/password/reset', { body: { token, password } })
const change = (current: string, next: string, who: Person = person) =>
  room.request('POST /api/password/change', { body: { current, next }, ...bearer(who) })
const refresh = (token: string) => room.request('POST /api/token/refresh', { cookies: { stoa_refresh: token } })

describe('recovery', () => {
  test('when a recovery is asked for, the answer is the same for known and unknown addresses, and only the known one gets a mail', async () => {
    const unknown = freshEmail()
    const answers = [await forgot(person.email), await forgot(unknown)]
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [202, { status: 'sent-if-known' }],
      [202, { status: 'sent-if-known' }],
    ])
    expect((await mailsTo(room, person.email)).at(-1)).toMatchObject({ kind: 'reset-password' })
    expect(await mailsTo(room, unknown)).toEqual([])
  })

  test('when the link is opened, the new password holds, the old does not, and every session has ended', async () => {
    await forgot(person.email)
    expect((await reset(await tokenOf(room, person.email, 'reset-password'))).status).toBe(204)
    expect((await login(PASSWORD)).status).toBe(401)
    expect((await login(NEW_PASSWORD)).status).toBe(200)
    expect((await refresh(person.refreshToken)).status).toBe(401)
    expect((await mailsTo(room, person.email)).at(-1)).toMatchObject({ kind: 'password-changed', token: null })
    expect(await room.events(AccountChanged)).toContainEqual({ accountId: person.id, changed: ['password'] })
  })

  test('when two links are out, using one makes the other worthless', async () => {
    await forgot(person.email)
    const first = await tokenOf(room, person.email, 'reset-password')
    await forgot(person.email)
    const second = await tokenOf(room, person.email, 'reset-password')
    expect((await reset(first)).status).toBe(204)
    expect((await reset(second)).body.code).toBe('invalid-token')
    expect((await reset(first)).body.code).toBe('invalid-token')
  })

  test('when one link is opened many times at once, it works once', async () => {
    await forgot(person.email)
    const token = await tokenOf(room, person.email, 'reset-password')
    const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => reset(token, `${NEW_PASSWORD} ${index}`)))
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 422, 422, 422, 422])
  })

  test('when the link is an hour old, or changed, it is refused', async () => {
    await forgot(person.email)
    const token = await tokenOf(room, person.email, 'reset-password')
    expect((await reset(tampered(token))).body.code).toBe('invalid-token')
    await room.advance(3601)
    const late = await reset(token)
    expect([late.status, late.body.code]).toEqual([422, 'invalid-token'])
    expect((await login(PASSWORD)).status).toBe(200)
  })

  test('when the new password is among the commonest, it is refused and the link stays good', async () => {
    await forgot(person.email)
    const token = await tokenOf(room, person.email, 'reset-password')
    const refused = await reset(token, 'Iloveyou1')
    expect([refused.status, refused.body.code, refused.body.errors[0].path]).toEqual([422, 'invalid-request', 'password'])
    expect((await reset(token)).status).toBe(204)
  })

  test('when the address was never confirmed, the recovery link confirms it', async () => {
    const email = freshEmail()
    await room.request('POST /api/register', { body: { email, password: PASSWORD } })
    await room.settled()
    await forgot(email)
    const before = (await room.events(AccountVerified)).length
    expect((await reset(await tokenOf(room, email, 'reset-password'))).status).toBe(204)
    expect((await login(NEW_PASSWORD, email)).status).toBe(200)
    await room.settled()
    expect((await room.events(AccountVerified)).length).toBe(before + 1)
  })
})

describe('changing', () => {
  test('when the current password fits, the new one holds and every other session has ended', async () => {
    const elsewhere = await login(PASSWORD)
    const other = refreshTokenOf(elsewhere)
    expect((await change(PASSWORD, NEW_PASSWORD)).status).toBe(204)
    expect((await room.request('GET /api/profile', bearer(elsewhere.body))).status).toBe(401)
    expect((await room.request('GET /api/profile', bearer(person))).status).toBe(200)
    expect((await login(NEW_PASSWORD)).status).toBe(200)
    expect((await refresh(other)).status).toBe(401)
    expect((await refresh(person.refreshToken)).status).toBe(200)
    expect((await mailsTo(room, person.email)).at(-1)?.kind).toBe('password-changed')
  })

  test('when the current password does not fit, nothing changes, and the eleventh guess waits', async () => {
    for (let guess = 0; guess < 10; guess++) expect((await change('a wrong guess', NEW_PASSWORD)).body.code).toBe('invalid-credentials')
    const locked = await change(PASSWORD, NEW_PASSWORD)
    expect([locked.status, locked.body.code]).toEqual([429, 'too-many-requests'])
    expect((await login(PASSWORD)).status).toBe(200)
  })

  test('when the new password is one’s own address, it is refused', async () => {
    const refused = await change(PASSWORD, person.email)
    expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'next'])
    expect((await room.request('POST /api/password/change', { body: { current: PASSWORD, next: NEW_PASSWORD } })).status).toBe(401)
  })
})
