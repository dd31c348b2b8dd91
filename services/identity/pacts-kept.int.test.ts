import { afterAll, beforeAll, expect, test } from 'vitest'
import { consumersOf, statesGiven } from '@stoa/chassis/testing/pacts/files.ts'
import { openKeeper, type Keeper } from '@stoa/chassis/testing/pacts/keeps.ts'
import type { Room } from '@stoa/chassis/testing/room.ts'
import { newId } from '@stoa/kit/ids.ts'
import { bearer, freshEmail, mailsTo, newPerson, openIdentity, PASSWORD } from './testing/people.ts'

let room: Room
let keeper: Keeper
beforeAll(async () => {
  room = await openIdentity()
  keeper = await openKeeper(room, 'identity', states)
})
afterAll(async () => {
  await keeper.close()
  await room.stop()
})

const registered = async (given: { email?: string }, more: object = {}) => {
  const person = await newPerson(room, { ...given, name: 'Zeno' })
  const preferences = { language: 'de', mails: { 'order-progress': false } }
  await room.request('PUT /api/users/update', { body: { preferences, ...more }, ...bearer(person) })
  return { accountId: person.id }
}
const unconfirmed = async () => {
  const email = freshEmail()
  const body = { email, name: 'Zeno', password: PASSWORD }
  await room.request('POST /api/register', { body, headers: { 'accept-language': 'de' } })
  const [mail] = await mailsTo(room, email)
  return { requestId: mail?.requestId, token: mail?.token }
}
const states = {
  'somebody is registered': (given: { email?: string }) => registered(given),
  'somebody has an address': (address: object) => registered({}, { addresses: [address] }),
  'nobody is registered': async () => ({ accountId: newId() }),
  'somebody must confirm an address': unconfirmed,
  'an address was confirmed': async () => {
    const { requestId, token } = await unconfirmed()
    await room.request('POST /api/users/verify', { body: { token } })
    return { requestId }
  },
}

test.each(consumersOf('identity'))('what %s needs', (consumer) => keeper.keeps(consumer))

test('there is no state that nobody gives', () => expect(Object.keys(states).sort()).toEqual(statesGiven('identity')))
