/** Mails about an order. Each holds its number and a link to its page. */
import type { Static } from 'typebox'
import type { CancelReason, OrderForMessage, PaymentMethod } from '@stoa/contracts/orders.ts'
import type { Money } from '@stoa/kit/money.ts'
import type { Block, Letter, Shop } from './layout.ts'
import { formatMoney } from './money.ts'
import type { Language, TemplateName } from './templates.ts'

export type OrderContent = Static<typeof OrderForMessage.output>

/** What the event told beside the order's id. */
export interface OrderFacts {
  readonly trackingNumber?: string
  readonly amount?: Money
}

type OrderTemplate = Extract<TemplateName, `order-${string}` | `payment-${string}`>
interface Words {
  readonly subject: string
  readonly title: string
  readonly text: string
}

/** Writes an order's mail. */
export function orderLetter(template: OrderTemplate, order: OrderContent, facts: OrderFacts, language: Language, shop: Shop): Letter {
  const words = wordsOf(template, order, facts, language)
  const token = order.viewToken === null ? '' : `?token=${encodeURIComponent(order.viewToken)}`
  const blocks: Block[] = [
    { kind: 'text', text: language === 'de' ? `Guten Tag ${order.name},` : `Hello ${order.name},` },
    { kind: 'text', text: words.text },
    {
      kind: 'button',
      label: language === 'de' ? `Bestellung ${order.number} ansehen` : `View order ${order.number}`,
      url: `${shop.origin}/orders/${order.orderId}${token}`,
    },
    ...(withLines.includes(template) ? [linesOf(order, language), addressOf(order, language)] : []),
  ]
  return { subject: words.subject, title: words.title, blocks }
}

const withLines: readonly OrderTemplate[] = ['order-placed', 'order-confirmed', 'order-shipped', 'order-cancelled']

function linesOf(order: OrderContent, language: Language): Block {
  const print = (amount: Money) => formatMoney(amount, language)
  const { totals } = order
  const label = language === 'de' ? german.totals : english.totals
  const discount =
    totals.discount.amount === 0 ? [] : [{ left: label.discount, right: print({ ...totals.discount, amount: -totals.discount.amount }) }]
  const tax = { left: totals.taxIncluded ? label.taxIncluded : label.tax, right: print(totals.tax) }
  return {
    kind: 'table',
    rows: [
      ...order.lines.map((line) => ({
        left: `${line.quantity} × ${line.name}`,
        right: print({ ...line.unitPrice, amount: line.unitPrice.amount * line.quantity }),
      })),
      ...discount,
      { left: label.shipping, right: print(totals.shipping) },
      ...(totals.taxIncluded ? [] : [tax]),
      { left: label.total, right: print(totals.total), strong: true },
      ...(totals.taxIncluded ? [tax] : []),
    ],
  }
}

function addressOf(order: OrderContent, language: Language): Block {
  const { name, line1, line2, postalCode, city, region, country } = order.shippingAddress
  const parts = [name, line1, line2, `${postalCode} ${city}`, region, countryName(country, language)].filter((part) => part !== undefined)
  return { kind: 'small', text: [language === 'de' ? 'Lieferung an' : 'Delivery to', ...parts].join('\n') }
}

const countries: Readonly<Record<Language, Intl.DisplayNames>> = {
  en: new Intl.DisplayNames('en', { type: 'region' }),
  de: new Intl.DisplayNames('de', { type: 'region' }),
}

function countryName(code: string, language: Language): string {
  return countries[language].of(code) ?? code
}

function wordsOf(template: OrderTemplate, order: OrderContent, facts: OrderFacts, language: Language): Words {
  const amount = facts.amount ?? order.totals.total
  const said = {
    number: order.number,
    tracking: facts.trackingNumber,
    amount: formatMoney(amount, language),
    method: order.method,
    reason: order.cancelReason ?? undefined,
  }
  return (language === 'de' ? german : english)[template](said)
}

interface Said {
  readonly number: string
  readonly tracking: string | undefined
  readonly amount: string
  readonly method: PaymentMethod
  readonly reason: CancelReason | undefined
}
type Voice = Readonly<Record<OrderTemplate, (said: Said) => Words>> & {
  readonly totals: Readonly<Record<'shipping' | 'discount' | 'tax' | 'taxIncluded' | 'total', string>>
}

const english: Voice = {
  totals: { shipping: 'Shipping', discount: 'Discount', tax: 'Tax', taxIncluded: 'Tax included', total: 'Total' },
  'order-placed': ({ number, method }) => ({
    subject: `We have your order ${number}`,
    title: 'Thank you for your order',
    text:
      method === 'bank-transfer'
        ? `Your order ${number} is reserved for you. The bank details are on its page; it goes on its way when your transfer has arrived.`
        : `Your order ${number} has reached us. We write again as soon as it is confirmed.`,
  }),
  'order-confirmed': ({ number, method }) => ({
    subject: `Your order ${number} is confirmed`,
    title: 'Your order is confirmed',
    text: `Order ${number} is confirmed. ${{ card: 'Your card is charged when the goods leave our house.', 'bank-transfer': 'Your payment has arrived, thank you.', 'cash-on-delivery': 'You pay when it is delivered.' }[method]}`,
  }),
  'order-processing': ({ number }) => ({
    subject: `We are preparing your order ${number}`,
    title: 'Your order is being prepared',
    text: `Order ${number} is being picked and packed.`,
  }),
  'order-shipped': ({ number, tracking }) => ({
    subject: `Your order ${number} is on its way`,
    title: 'Your order is on its way',
    text: `Order ${number} has left our house.${tracking ? ` Its tracking number is ${tracking}.` : ''}`,
  }),
  'order-delivered': ({ number }) => ({
    subject: `Your order ${number} has arrived`,
    title: 'Your order has arrived',
    text: `Order ${number} was delivered. We hope it pleases you.`,
  }),
  'order-cancelled': ({ number, reason }) => ({
    subject: `Your order ${number} was cancelled`,
    title: 'Your order was cancelled',
    text: `Order ${number} was cancelled. ${englishReasons[reason ?? 'staff']}`,
  }),
  'order-returned': ({ number }) => ({
    subject: `Your return of order ${number} has arrived`,
    title: 'Your return has arrived',
    text: `The goods of order ${number} are back with us. We write again when the money is on its way.`,
  }),
  'payment-receipt': ({ number, amount }) => ({
    subject: `Receipt for order ${number}`,
    title: 'Your payment',
    text: `We have received ${amount} for order ${number}. Thank you.`,
  }),
  'payment-refund': ({ number, amount }) => ({
    subject: `Refund for order ${number}`,
    title: 'Your refund',
    text: `We have sent ${amount} back for order ${number}. Depending on your bank it takes a few days to arrive.`,
  }),
}
const englishReasons: Readonly<Record<CancelReason, string>> = {
  'payment-declined': 'The payment was declined, nothing was charged. You can order again with another card.',
  'payment-timeout': 'The payment was not completed in time, nothing was charged.',
  'payment-unknown': 'Your bank never told us how the payment ended. Should money be taken after all, it goes back by itself.',
  'out-of-stock': 'The goods are no longer in stock. Whatever was paid goes back by itself.',
  customer: 'You asked for it. Whatever was paid goes back by itself.',
  staff: 'Whatever was paid goes back by itself.',
}

const german: Voice = {
  totals: { shipping: 'Versand', discount: 'Rabatt', tax: 'Steuer', taxIncluded: 'Enthaltene Steuer', total: 'Summe' },
  'order-placed': ({ number, method }) => ({
    subject: `Ihre Bestellung ${number} ist eingegangen`,
    title: 'Danke für Ihre Bestellung',
    text:
      method === 'bank-transfer'
        ? `Ihre Bestellung ${number} ist für Sie zurückgelegt. Die Bankverbindung steht auf ihrer Seite; sobald die Überweisung da ist, geht es weiter.`
        : `Ihre Bestellung ${number} ist bei uns. Wir schreiben wieder, sobald sie bestätigt ist.`,
  }),
  'order-confirmed': ({ number, method }) => ({
    subject: `Ihre Bestellung ${number} ist bestätigt`,
    title: 'Ihre Bestellung ist bestätigt',
    text: `Bestellung ${number} ist bestätigt. ${{ card: 'Ihre Karte wird belastet, sobald die Ware unser Haus verlässt.', 'bank-transfer': 'Ihre Zahlung ist eingegangen, vielen Dank.', 'cash-on-delivery': 'Sie zahlen bei der Lieferung.' }[method]}`,
  }),
  'order-processing': ({ number }) => ({
    subject: `Ihre Bestellung ${number} wird vorbereitet`,
    title: 'Ihre Bestellung wird vorbereitet',
    text: `Bestellung ${number} wird zusammengestellt und verpackt.`,
  }),
  'order-shipped': ({ number, tracking }) => ({
    subject: `Ihre Bestellung ${number} ist unterwegs`,
    title: 'Ihre Bestellung ist unterwegs',
    text: `Bestellung ${number} hat unser Haus verlassen.${tracking ? ` Die Sendungsnummer ist ${tracking}.` : ''}`,
  }),
  'order-delivered': ({ number }) => ({
    subject: `Ihre Bestellung ${number} ist angekommen`,
    title: 'Ihre Bestellung ist angekommen',
    text: `Bestellung ${number} wurde zugestellt. Wir hoffen, sie gefällt.`,
  }),
  'order-cancelled': ({ number, reason }) => ({
    subject: `Ihre Bestellung ${number} wurde storniert`,
    title: 'Ihre Bestellung wurde storniert',
    text: `Bestellung ${number} wurde storniert. ${germanReasons[reason ?? 'staff']}`,
  }),
  'order-returned': ({ number }) => ({
    subject: `Ihre Rücksendung zu ${number} ist da`,
    title: 'Ihre Rücksendung ist da',
    text: `Die Ware der Bestellung ${number} ist wieder bei uns. Wir schreiben, sobald das Geld unterwegs ist.`,
  }),
  'payment-receipt': ({ number, amount }) => ({
    subject: `Quittung zu Bestellung ${number}`,
    title: 'Ihre Zahlung',
    text: `Wir haben ${amount} für Bestellung ${number} erhalten. Vielen Dank.`,
  }),
  'payment-refund': ({ number, amount }) => ({
    subject: `Erstattung zu Bestellung ${number}`,
    title: 'Ihre Erstattung',
    text: `Wir haben ${amount} zu Bestellung ${number} zurückgeschickt. Je nach Bank dauert es einige Tage.`,
  }),
}
const germanReasons: Readonly<Record<CancelReason, string>> = {
  'payment-declined': 'Die Zahlung wurde abgelehnt, es wurde nichts abgebucht. Mit einer anderen Karte können Sie erneut bestellen.',
  'payment-timeout': 'Die Zahlung wurde nicht rechtzeitig abgeschlossen, es wurde nichts abgebucht.',
  'payment-unknown': 'Ihre Bank hat nie mitgeteilt, wie die Zahlung ausging. Sollte doch Geld abgehen, kommt es von selbst zurück.',
  'out-of-stock': 'Die Ware ist nicht mehr vorrätig. Was bezahlt wurde, kommt von selbst zurück.',
  customer: 'Sie haben darum gebeten. Was bezahlt wurde, kommt von selbst zurück.',
  staff: 'Was bezahlt wurde, kommt von selbst zurück.',
}
