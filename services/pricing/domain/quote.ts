import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { refuse } from '@stoa/chassis/contract.ts'
import type { Destination, TaxClass } from './tax.ts'
import type { PricedItem, Wanted } from './basket.ts'

/** How long a quote is honoured. */
export const QUOTE_SECONDS = 15 * 60

/** What a quote binds, and nothing else. */
export interface QuoteBinding {
  readonly items: readonly Wanted[]
  readonly shippingOption: string
  readonly currency: string
  readonly to: Destination
}

/** A quote: what it binds and the facts its figures follow from. */
export interface Quote extends QuoteBinding {
  readonly items: readonly PricedItem[]
  readonly shippingMinor: number
  readonly expiresAt: Date
}

const VERSION = 'q1'
const CLASSES: readonly TaxClass[] = ['standard', 'reduced', 'zero']

/** Signs a quote: the token is the quote itself, so that none has to be kept. The place goes in as a digest only. */
export function sealQuote(key: KeyObject, quote: Quote): string {
  const head = [
    Math.floor(quote.expiresAt.getTime() / 1000),
    quote.currency,
    quote.shippingOption,
    placeMark(quote.to),
    quote.shippingMinor,
  ]
  // The name of a list is left out: a hundred of them would not fit. The line of an order says `Quoted price` instead.
  const lines = quote.items.map((item) => [
    item.sku,
    item.quantity,
    item.unitMinor,
    item.compareAtMinor ?? '',
    CLASSES.indexOf(item.taxClass),
    item.list?.minQuantity ?? '',
  ])
  // Neither SKUs nor options hold control characters; JSON would double the quotes and backslashes of a SKU.
  const plain = [head, ...lines].map((fields) => fields.join('\t')).join('\n')
  const body = `${VERSION}.${Buffer.from(plain).toString('base64url')}`
  return `${body}.${sign(key, body)}`
}

/**
 * The facts of a quote, when it is ours, alive at `now` and was made for `binding`.
 * Refuses: `quote-mismatch` (forged, or another basket or place), `quote-expired`.
 */
export function openQuote(key: KeyObject, token: string, binding: QuoteBinding, now: Date) {
  const sealed = verify(key, token)
  if (!sealed) return refuse('quote-mismatch', { detail: 'The quote is not one of this shop.' })
  if (now >= sealed.expiresAt) return refuse('quote-expired', { detail: 'The quote has expired; ask for a new one.' })
  const fits =
    sealed.currency === binding.currency &&
    sealed.shippingOption === binding.shippingOption &&
    sealed.place === placeMark(binding.to) &&
    sameItems(sealed.items, binding.items)
  if (!fits) return refuse('quote-mismatch', { detail: 'The quote was made for another basket or place.' })
  return { items: sealed.items, shippingMinor: sealed.shippingMinor }
}

function sign(key: KeyObject, body: string): string {
  return createHmac('sha256', key).update(body).digest('base64url')
}

function verify(key: KeyObject, token: string) {
  const end = token.lastIndexOf('.')
  const body = token.slice(0, Math.max(end, 0))
  if (!body.startsWith(`${VERSION}.`)) return undefined
  // Compared as text: base64url ignores some bits of its last character, and a token has one spelling only.
  const given = Buffer.from(token.slice(end + 1))
  const expected = Buffer.from(sign(key, body))
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  return unpack(Buffer.from(body.slice(VERSION.length + 1), 'base64url').toString())
}

function unpack(plain: string) {
  const [head, ...lines] = plain.split('\n').map((line) => line.split('\t'))
  const [expiresAtSeconds, currency, shippingOption, place, shippingMinor] = head ?? []
  const items: PricedItem[] = lines.map(([sku = '', quantity, unitMinor, compareAtMinor, taxClass, listed = '']) => ({
    sku,
    quantity: Number(quantity),
    unitMinor: Number(unitMinor),
    compareAtMinor: compareAtMinor === '' ? null : Number(compareAtMinor),
    taxClass: CLASSES[Number(taxClass)] ?? 'standard',
    list: listed === '' ? null : { name: 'Quoted', minQuantity: Number(listed) },
  }))
  return {
    expiresAt: new Date(Number(expiresAtSeconds) * 1000),
    currency,
    shippingOption,
    place,
    shippingMinor: Number(shippingMinor),
    items,
  }
}

/** Country, region and postal code as they count: spelling apart. */
function placeMark(to: Destination): string {
  const plain = (text: string | undefined) => (text ?? '').normalize('NFC').replaceAll(/\s/g, '').toUpperCase()
  const text = JSON.stringify([to.country, plain(to.region), plain(to.postalCode)])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

function sameItems(sealed: readonly Wanted[], items: readonly Wanted[]): boolean {
  const units = new Map(items.map((item) => [item.sku, item.quantity]))
  return units.size === sealed.length && sealed.every((item) => units.get(item.sku) === item.quantity)
}
