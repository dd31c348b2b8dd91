/** What moves by itself: stock and price of the product in sight, and the order one waits for. */
import { moneyText, type Minor } from '@stoa/ui/format.ts'
import { stockWords } from '../stock-words.ts'
import { refresh, say } from './soft.ts'

let stream: EventSource | undefined
let streamOf = ''

/** Opens the stream of `url`, unless it is the one already open; closes the one before. */
function listen(url: string, open: (source: EventSource) => void): void {
  if (url === streamOf) return
  stream?.close()
  streamOf = url
  stream = url === '' ? undefined : new EventSource(url)
  if (stream) open(stream)
}

/** Follows the product of this page, if it shows one. */
export function watchProduct(): void {
  const box = document.querySelector<HTMLElement>('[data-product]')
  if (!box) {
    if (streamOf.startsWith('/api/products/')) listen('', () => undefined)
    return
  }
  listen(`/api/products/${box.dataset['product']}/events`, (source) => {
    source.addEventListener('stock', (event) => {
      const { sku, available } = JSON.parse(event.data) as { sku: string; available: number }
      if (inSight()?.dataset['sku'] === sku) showStock(available)
    })
    source.addEventListener('price', (event) => {
      const { sku, price } = JSON.parse(event.data) as { sku: string; price: Minor }
      if (inSight()?.dataset['sku'] === sku) showPrice(price)
    })
  })
}

function inSight(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-product]')
}

function showStock(available: number): void {
  const line = document.querySelector<HTMLElement>('[data-stock]')
  if (!line || line.dataset['stock'] === String(available)) return
  const words = stockWords(available)
  line.dataset['stock'] = String(available)
  line.dataset['tone'] = words.tone
  const text = line.querySelector('[data-stock-text]')
  if (text && text.textContent !== words.text) {
    text.textContent = words.text
    say(words.text)
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-buy]')) {
    button.disabled = available <= 0
    button.textContent = available <= 0 ? 'Sold out' : 'Put into the cart'
  }
  const quantity = document.querySelector<HTMLInputElement>('#quantity')
  if (quantity) {
    quantity.disabled = available <= 0
    quantity.max = String(Math.max(available, 1))
  }
}

function showPrice(price: Minor): void {
  const text = moneyText(price)
  for (const place of document.querySelectorAll<HTMLElement>('[data-product] [data-price]')) {
    if (place.dataset['price'] === String(price.amount)) continue
    place.dataset['price'] = String(price.amount)
    place.textContent = text
  }
}

/** A settling order is looked at this often besides, for streams that a proxy holds back or that cannot be had, and no longer. */
const LOOK_AGAIN_MS = 8_000
const LOOKS_MAX = 120
let looks = 0
let looking: ReturnType<typeof setTimeout> | undefined

/** Follows the order of this page until it can no longer change. Runs again after every refresh. */
export function watchOrder(): void {
  clearTimeout(looking)
  const order = document.querySelector<HTMLElement>('[data-order-events]')
  if (!order) {
    if (streamOf.includes('/orders/')) listen('', () => undefined)
    return
  }
  listen(order.dataset['orderEvents'] ?? '', (source) => {
    const heard = new Set<string>()
    source.addEventListener('status', (event) => {
      heard.add(event.lastEventId)
      const shown = Number(document.querySelector<HTMLElement>('[data-order-entries]')?.dataset['orderEntries'] ?? 0)
      if (heard.size > shown) void refresh()
    })
  })
  if (!order.hasAttribute('data-order-settling') || looks >= LOOKS_MAX) return
  looking = setTimeout(() => {
    looks++
    // A stream that the browser has given up is asked for anew.
    if (stream?.readyState === EventSource.CLOSED) streamOf = ''
    void refresh()
  }, LOOK_AGAIN_MS)
}
