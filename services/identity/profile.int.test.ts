import { isRefusal } from '@stoa/chassis/contract.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import {
  AccountByEmail,
  AccountChanged,
  ContactOf,
  DefaultAddress,
  OpenPersonKey,
  SecurityMail,
  SetMailWish,
} from '@stoa/contracts/identity.ts'
import { newId } from '@stoa/kit/ids.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bearer, newPerson, openIdentity, PASSWORD, type Person } from './testing/people.ts'

let room: Room
let person: Person
beforeAll(async () => {
  room = await openIdentity()
})
afterAll(async () => room.stop())
beforeEach(async () => {
  person = await newPerson(room)
})

const home = { name: 'Zeno', line1: 'Painted Porch 1', city: 'Athens', postalCode: '10555', country: 'GR' }
const work = { name: 'Zeno', line1: 'Agora 2', line2: 'North side', city: 'Athens', postalCode: '10556', country: 'GR', phone: '+30 210 1' }
const update = (body: object, who: Person = person) => room.request('PUT /api/users/update', { body, ...bearer(who) })
const profile = (who: Person = person) => room.request('GET /api/profile', bearer(who))

describe('the profile', () => {
  test('when things are changed, the rest stays, and both names of the door show them', async () => {
    const answer = await update({ name: 'Zeno', addresses: [home, work], preferences: { language: 'de', channels: { email: false } } })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id: person.id, name: 'Zeno', preferences: { language: 'de', channels: { email: false } } })
    expect((await update({ preferences: { language: 'en' } })).body.preferences).toEqual({ language: 'en', channels: { email: false } })
    const { body } = await room.request('GET /api/users/profile', bearer(person))
    expect(body).toEqual((await profile()).body)
    expect(body.addresses).toMatchObject([
      { ...home, default: true },
      { ...work, default: false },
    ])
    expect((await room.events(AccountChanged)).filter((event) => event.accountId === person.id)).toContainEqual({
      accountId: person.id,
      changed: ['name', 'addresses', 'preferences'],
    })
  })

  test('when the address book is replaced, known entries keep their id, others get one, and the marked one is the default', async () => {
    const [first] = (await update({ addresses: [home] })).body.addresses
    const { default: _, ...kept } = first
    const { addresses } = (
      await update({
        addresses: [
          { ...work, default: true },
          { ...kept, city: 'Piraeus' },
        ],
      })
    ).body
    expect(addresses[1]).toEqual({ ...home, city: 'Piraeus', id: first.id, default: false })
    expect(addresses[0]).toMatchObject({ ...work, default: true })
    expect((await update({ addresses: [] })).body.addresses).toEqual([])
  })

  test('when entries are unknown, repeated or twice the default, every one is named', async () => {
    const [{ id }] = (await update({ addresses: [home] })).body.addresses
    const refused = await update({
      addresses: [
        { ...home, id, default: true },
        { ...home, id },
        { ...work, id: newId(), default: true },
      ],
    })
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid-request'])
    expect(refused.body.errors.map((error: { path: string }) => error.path)).toEqual([
      'addresses[1].id',
      'addresses[2].default',
      'addresses[2].id',
    ])
    expect((await profile()).body.addresses).toHaveLength(1)
  })

  test('when a user name is changed, the old one is free and the new one logs in; another’s is refused', async () => {
    const other = await newPerson(room, { username: 'Posidonius' })
    expect((await update({ username: 'posidonius' })).body.code).toBe('username-taken')
    expect((await update({ username: 'Panaetius' })).body.username).toBe('Panaetius')
    expect((await update({ username: 'PANAETIUS' })).body.username).toBe('PANAETIUS')
    expect((await update({ username: 'Hecato' })).body.username).toBe('Hecato')
    expect((await update({ username: 'panaetius' }, other)).body.username).toBe('panaetius')
    expect((await room.request('POST /api/login', { body: { username: 'hecato', password: PASSWORD } })).body.user?.id).toBe(person.id)
  })

  test('when quiet hours are set they are kept, null ends them, and what is no time or no place is refused by name', async () => {
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' }
    expect((await update({ preferences: { quietHours } })).body.preferences).toEqual({ language: 'en', quietHours })
    expect((await update({ preferences: { language: 'de' } })).body.preferences).toEqual({ language: 'de', quietHours })
    for (const [bad, path] of [
      [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
      [{ timeZone: '+01:00' }, 'timeZone'],
      [{ timeZone: '' }, 'timeZone'],
      [{ from: '24:00' }, 'from'],
      [{ to: '7:00' }, 'to'],
      [{ to: '22:00' }, 'to'],
      [{ from: 22 }, 'from'],
    ] as const) {
      const { status, body } = await update({ preferences: { quietHours: { ...quietHours, ...bad } } })
      expect([bad, status, body.code]).toEqual([bad, 422, 'invalid-request'])
      expect(body.errors.map((error: { path: string }) => error.path)).toContain(`preferences.quietHours.${path}`)
    }
    expect((await update({ preferences: { quietHours: null } })).body.preferences).toEqual({ language: 'de', quietHours: null })
  })

  test('when nobody is logged in, there is no profile', async () => {
    expect((await room.request('GET /api/profile')).body.code).toBe('unauthenticated')
    expect((await room.request('PUT /api/users/update', { body: { name: 'x' } })).status).toBe(401)
  })
})

describe('roles', () => {
  test('when an administrator sets roles, the account’s sessions end and the next login has them', async () => {
    const answer = await room.request(`PUT /api/users/${person.id}/roles`, {
      body: { roles: ['warehouse', 'pos'] },
      as: room.account({ roles: ['admin'] }),
    })
    expect([answer.status, answer.body.roles]).toEqual([200, ['warehouse', 'pos']])
    expect((await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: person.refreshToken } })).status).toBe(401)
    const again = await room.request('POST /api/login', { body: { email: person.email, password: PASSWORD } })
    expect(again.body.user.roles).toEqual(['warehouse', 'pos'])
  })

  test('when the account is unknown, or the caller is not an administrator, it is refused', async () => {
    const body = { roles: ['admin'] }
    expect((await room.request(`PUT /api/users/${newId()}/roles`, { body, as: room.account({ roles: ['admin'] }) })).body.code).toBe(
      'not-found',
    )
    expect((await room.request(`PUT /api/users/${person.id}/roles`, { body, ...bearer(person) })).status).toBe(403)
    expect((await room.request(`PUT /api/users/${person.id}/roles`, { body })).status).toBe(401)
  })
})

describe('customer groups', () => {
  const groupsOf = (accessToken: string) =>
    (JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { groups: string[] }).groups
  const set = (groups: string[], id = person.id) =>
    room.request(`PUT /api/users/${id}/groups`, { body: { groups }, as: room.account({ roles: ['admin'] }) })

  test('when an administrator sets groups, nobody is logged out, and the next token and the profile have them', async () => {
    expect(groupsOf(person.accessToken)).toEqual([])
    const answer = await set(['vip-2', 'trade'])
    expect([answer.status, answer.body.id, answer.body.groups]).toEqual([200, person.id, ['trade', 'vip-2']])
    const renewed = await room.request('POST /api/token/refresh', { cookies: { stoa_refresh: person.refreshToken } })
    expect([renewed.status, groupsOf(renewed.body.accessToken)]).toEqual([200, ['trade', 'vip-2']])
    expect((await profile()).body.groups).toEqual(['trade', 'vip-2'])
    expect((await room.events(AccountChanged)).filter((event) => event.accountId === person.id)).toContainEqual({
      accountId: person.id,
      changed: ['groups'],
    })
    expect((await set([])).body.groups).toEqual([])
  })

  test('when groups are no slugs, repeated or too many, or the account is unknown, it is refused', async () => {
    for (const groups of [['Trade'], ['a b'], [''], ['trade', 'trade'], Array.from({ length: 21 }, (_, index) => `g${index}`)])
      expect([groups, (await set(groups)).status]).toEqual([groups, 422])
    expect((await set(['trade'], newId())).body.code).toBe('not-found')
    expect((await room.request(`PUT /api/users/${person.id}/groups`, { body: { groups: ['trade'] }, ...bearer(person) })).status).toBe(403)
  })
})

describe('what other rooms ask', () => {
  test('when a guest’s key is asked for again, also at the same moment, it is the same', async () => {
    const personId = newId()
    const answers = await Promise.all(Array.from({ length: 6 }, () => room.call(OpenPersonKey, { personId, guest: true })))
    expect(new Set(answers.map((answer) => (isRefusal(answer) ? 'refused' : answer.key)))).toHaveProperty('size', 1)
    const [first] = answers
    expect(first && !isRefusal(first) ? Buffer.from(first.key, 'base64') : []).toHaveLength(32)
    expect(await room.call(OpenPersonKey, { personId: newId(), guest: true })).not.toEqual(first)
  })

  test('when an account’s key is asked for, guests and accounts are not confused', async () => {
    expect(await room.call(OpenPersonKey, { personId: person.id, guest: false })).toMatchObject({ personId: person.id })
    expect(await room.call(OpenPersonKey, { personId: person.id, guest: true })).toMatchObject({ refused: 'not-found' })
    expect(await room.call(OpenPersonKey, { personId: newId(), guest: false })).toMatchObject({ refused: 'not-found' })
  })

  test('when the contact of an account is asked for, preferences count', async () => {
    expect(await room.call(ContactOf, { accountId: person.id })).toEqual({
      email: person.email,
      name: null,
      language: 'en',
      wantsEmail: true,
      unwanted: [],
      quietHours: null,
    })
    const quietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' }
    await update({
      name: 'Zeno',
      preferences: { language: 'de', channels: { email: false }, mails: { 'account-news': false }, quietHours },
    })
    expect(await room.call(ContactOf, { accountId: person.id })).toEqual({
      email: person.email,
      name: 'Zeno',
      language: 'de',
      wantsEmail: false,
      unwanted: ['account-news'],
      quietHours,
    })
    expect(await room.call(ContactOf, { accountId: newId() })).toMatchObject({ refused: 'not-found' })
  })

  test('when a kind of mails is ended for an account, its preferences say so, once, and the rest stays', async () => {
    await update({ preferences: { language: 'de', mails: { 'account-news': false } } })
    const wish = { accountId: person.id, kind: 'order-progress', wanted: false } as const
    for (let time = 0; time < 2; time++) expect(await room.call(SetMailWish, wish)).toEqual({})
    expect((await profile()).body.preferences).toEqual({ language: 'de', mails: { 'account-news': false, 'order-progress': false } })
    expect((await room.events(AccountChanged)).filter((event) => event.accountId === person.id)).toHaveLength(2)
    await update({ preferences: { mails: { 'order-progress': true } } })
    expect(await room.call(ContactOf, { accountId: person.id })).toMatchObject({ unwanted: ['account-news'] })
    expect(await room.call(SetMailWish, { ...wish, accountId: newId() })).toMatchObject({ refused: 'not-found' })
  })

  test('when there is a default address it is given, else address-missing', async () => {
    expect(await room.call(DefaultAddress, { accountId: person.id })).toMatchObject({ refused: 'address-missing' })
    await update({ addresses: [home, { ...work, default: true }] })
    expect(await room.call(DefaultAddress, { accountId: person.id })).toEqual(work)
    expect(await room.call(DefaultAddress, { accountId: newId() })).toMatchObject({ refused: 'address-missing' })
  })

  test('when an account is looked for by its address, it is found in any case, and nobody else', async () => {
    expect(await room.call(AccountByEmail, { email: person.email.toUpperCase() })).toEqual({ accountId: person.id })
    expect(await room.call(AccountByEmail, { email: 'nobody@example.com' })).toMatchObject({ refused: 'not-found' })
  })

  test('when a mail is asked for that nobody requested, there is none', async () => {
    expect(await room.call(SecurityMail, { requestId: newId() })).toMatchObject({ refused: 'not-found' })
  })
})
