import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Needs } from '@stoa/chassis/testing/pacts/needs.ts'
import { exactly, SOME_ID, uuid, uuidOf } from '@stoa/chassis/testing/pacts/shapes.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { AccountVerified, ContactOf, SecurityMail, SecurityMailRequested, SetMailWish } from '@stoa/contracts/identity.ts'
import { OrderConfirmed, OrderForMessage, OrderProcessing } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import service from './service.ts'
import { startFakeSmtp, type FakeSmtp } from './testing/fake-smtp.ts'
import { playNeighbours } from './testing/neighbours.ts'

const needs = new Needs('notifications', [ContactOf, SecurityMail, SetMailWish, OrderForMessage])
const neighbours = playNeighbours()
const eur = (amount: number) => ({ amount, currency: 'EUR' })
let smtp: FakeSmtp
let room: Room
beforeAll(async () => {
  smtp = await startFakeSmtp()
  room = await openRoom({ services: [service], calls: needs.neighbours(neighbours.calls), env: { STOA_SMTP_URL: smtp.url } })
})
afterAll(async () => {
  await room.stop()
  await smtp.close()
  needs.close()
})
beforeEach(() => {
  smtp.bodies.length = 0
})

/** Every mail there was in this test, with soft line breaks undone. */
async function mails(): Promise<string> {
  await room.settled()
  return smtp.bodies.map((body) => body.replaceAll('=\n', '').replaceAll('=3D', '=')).join('\n')
}

describe('an account', () => {
  const welcome = async () => {
    await room.publish(AccountVerified, { accountId: SOME_ID })
    return mails()
  }
  const asks = { accountId: uuidOf('accountId') }

  test('is written to where, how and in which language identity says', () =>
    needs.of(
      ContactOf,
      {
        given: { 'somebody is registered': {} },
        asks,
        answers: {
          email: 'zeno@example.org',
          name: 'Zeno',
          language: exactly('de'),
          wantsEmail: exactly(true),
          unwanted: [exactly('order-progress')],
          quietHours: null,
        },
      },
      async () => {
        const mail = await welcome()
        expect(mail).toContain('To: zeno@example.org')
        expect(mail).toContain('Zeno')
        expect(mail).toContain('Willkommen')
      },
    ))

  test('that identity does not know is not written to', () =>
    needs.of(ContactOf, { given: { 'nobody is registered': {} }, asks, refuses: { refused: exactly('not-found') } }, async () =>
      expect(await welcome()).toBe(''),
    ))

  describe('that presses the way out of a mail', () => {
    let token: string
    beforeAll(async () => {
      const { email } = neighbours.contact(SOME_ID)
      const order = neighbours.order({ accountId: SOME_ID, email })
      await room.publish(OrderProcessing, { orderId: order.orderId })
      token = /unsubscribe\?token=([\w.-]+)/.exec(await mails())?.[1] ?? ''
    })
    const unsubscribe = () => room.request('POST /api/notifications/unsubscribe', { body: { token } })
    const wish = { accountId: uuidOf('accountId'), kind: 'order-progress', wanted: false }

    test('has its wish kept by identity', () =>
      needs.of(SetMailWish, { given: { 'somebody is registered': {} }, asks: wish, answers: {} }, async () =>
        expect((await unsubscribe()).body).toEqual({ kind: 'order-progress', wanted: false }),
      ))

    test('when it is gone, is told that the link is dead', () =>
      needs.of(SetMailWish, { given: { 'nobody is registered': {} }, asks: wish, refuses: { refused: exactly('not-found') } }, async () =>
        expect((await unsubscribe()).body).toMatchObject({ code: 'invalid-token' }),
      ))
  })
})

describe('a mail about the account itself', () => {
  const requested = async () => {
    await room.publish(SecurityMailRequested, { requestId: newId(), accountId: SOME_ID, kind: 'confirm-email' })
    return mails()
  }
  const asks = { requestId: uuidOf('requestId') }

  test('says what identity says, with its token', () =>
    needs.of(
      SecurityMail,
      {
        given: { 'somebody must confirm an address': {} },
        asks,
        answers: { to: 'zeno@example.org', name: null, language: exactly('de'), token: 'the-token' },
      },
      async () => expect(await requested()).toContain('token=the-token'),
    ))

  test('whose link can do nothing any more is not sent', () =>
    needs.of(SecurityMail, { given: { 'an address was confirmed': {} }, asks, refuses: { refused: exactly('not-found') } }, async () =>
      expect(await requested()).toBe(''),
    ))
})

describe('a mail about an order', () => {
  const confirmed = async () => {
    await room.publish(OrderConfirmed, { orderId: newId(), lines: [], total: eur(2490), method: 'card' })
    return mails()
  }
  const asks = { orderId: uuidOf('orderId') }

  test('says what orders says', () =>
    needs.of(
      OrderForMessage,
      {
        given: { 'an order was confirmed': {} },
        asks,
        answers: {
          orderId: uuid(),
          number: 'S-100042',
          accountId: null,
          email: 'zeno@example.org',
          viewToken: 'view-token',
          name: 'Zeno',
          status: exactly('CONFIRMED'),
          cancelReason: null,
          lines: [{ name: 'Lamp', quantity: 2, unitPrice: eur(1000), total: eur(2000) }],
          totals: { subtotal: eur(2000), discount: eur(0), shipping: eur(490), tax: eur(398), taxIncluded: true, total: eur(2490) },
          shippingAddress: { name: 'Zeno', line1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', country: 'DE' },
          method: exactly('card'),
        },
      },
      async () => expect(await confirmed()).toMatch(/S-100042[\s\S]*token=view-token/),
    ))

  test('that orders does not know is not sent', () =>
    needs.of(OrderForMessage, { given: { 'there is no such order': {} }, asks, refuses: { refused: exactly('not-found') } }, async () =>
      expect(await confirmed()).toBe(''),
    ))
})

test('the pacts that are committed say this', () => needs.areCommitted())
