/** Orders and identity, played for tests of this room. */
import type { Static } from 'typebox'
import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import type { ContactOf, SecurityMail, SetMailWish } from '@stoa/contracts/identity.ts'
import type { OrderForMessage } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'

type Order = Static<typeof OrderForMessage.output>
type Contact = Static<typeof ContactOf.output>
type Mail = Static<typeof SecurityMail.output>

const eur = (amount: number) => ({ amount, currency: 'EUR' })

export interface Neighbours {
  readonly calls: Record<string, (input: never) => unknown>
  order(more?: Partial<Order>): Order
  contact(accountId: string, more?: Partial<Contact>): Contact
  mail(requestId: string, more?: Partial<Mail>): Mail
  /** Every call fails while true. */
  away: boolean
}

export function playNeighbours(): Neighbours {
  const orders = new Map<string, Order>()
  const contacts = new Map<string, Contact>()
  const mails = new Map<string, Mail>()
  let number = 100_000
  const answer = <T>(map: Map<string, T>, key: string) => {
    if (played.away) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' })
    return map.get(key) ?? refuse('not-found')
  }
  const played: Neighbours = {
    away: false,
    calls: {
      'orders.OrderForMessage': ({ orderId }: { orderId: string }) => answer(orders, orderId),
      'identity.ContactOf': ({ accountId }: { accountId: string }) => answer(contacts, accountId),
      'identity.SetMailWish': ({ accountId, kind, wanted }: Static<typeof SetMailWish.input>) => {
        const contact = answer(contacts, accountId)
        if (isRefusal(contact)) return contact
        contact.unwanted = wanted ? contact.unwanted.filter((one) => one !== kind) : [...contact.unwanted, kind]
        return {}
      },
      'identity.SecurityMail': ({ requestId }: { requestId: string }) => answer(mails, requestId),
    },
    order(more = {}) {
      number++
      const order = orderOf(number, more)
      orders.set(order.orderId, order)
      return order
    },
    contact(accountId, more = {}) {
      const contact: Contact = {
        email: `${accountId.slice(-6)}@example.org`,
        name: 'Zeno',
        language: 'en',
        wantsEmail: true,
        unwanted: [],
        quietHours: null,
        ...more,
      }
      contacts.set(accountId, contact)
      return contact
    },
    mail(requestId, more = {}) {
      const mail: Mail = { to: `${requestId.slice(-6)}@example.org`, name: null, language: 'en', token: 'a-token', ...more }
      mails.set(requestId, mail)
      return mail
    },
  }
  return played
}

function orderOf(number: number, more: Partial<Order>): Order {
  return {
    orderId: newId(),
    number: `S-${number}`,
    accountId: null,
    email: `buyer-${number}@example.org`,
    viewToken: 'view-token',
    name: 'Zeno <b>of</b> Citium',
    status: 'CONFIRMED',
    cancelReason: null,
    lines: [
      {
        sku: 'LAMP-1',
        productId: newId(),
        name: 'Lamp “Stoa” & shade',
        quantity: 2,
        unitPrice: eur(4900),
        discount: eur(0),
        tax: eur(1565),
        total: eur(9800),
      },
    ],
    totals: { subtotal: eur(9800), discount: eur(0), shipping: eur(490), tax: eur(1643), taxIncluded: true, total: eur(10290) },
    shippingAddress: { name: 'Zeno', line1: 'Painted Porch 1', city: 'Athens', postalCode: '10555', country: 'GR' },
    method: 'card',
    ...more,
  }
}
