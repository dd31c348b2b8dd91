/**
 * `npm run eval:search -- --freshness`: how long after an admin's change the public API answers with it, while stock changes flow in.
 * A change is a new name; it is told as an event, so what is measured is from the event's publication on.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProductDocument } from '@stoa/contracts/catalog.ts'
import { quantile } from '../loops.ts'
import { loadAverage } from '../processes.ts'
import { catalogue } from './catalogue.ts'
import type { OpenedRoom } from './opened.ts'

const STOCK_PER_SECOND = 500
const STOCK_BATCH = 25
const CHANGES = 60
const PAUSE_MS = 150
const LOOK_MS = 10
/** Later than this it is lost. */
const SEEN_MS_MAX = 30_000

export interface Freshness {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly stockPerSecond: number
  readonly load: number
}

/** Changes names one after the other while stock of the others changes. */
export async function measureFreshness(room: OpenedRoom, products: number): Promise<Freshness> {
  const documents = [...catalogue(Math.min(products, 2000))].map((one) => one.document)
  let isOver = false
  let changed = 0
  const began = performance.now()
  const stock = (async () => {
    for (let batch = 0; !isOver; batch++) {
      const due = began + (batch * STOCK_BATCH * 1000) / STOCK_PER_SECOND
      if (due > performance.now()) await sleep(due - performance.now())
      await publish(room, stockOf(documents, batch))
      changed += STOCK_BATCH
    }
  })()
  const times: number[] = []
  try {
    for (let index = 0; index < CHANGES; index++) times.push(await changeAndSee(room, documents[index] as ProductDocument, index))
  } finally {
    isOver = true
    await stock
  }
  const stockPerSecond = changed / ((performance.now() - began) / 1000)
  times.sort((a, b) => a - b)
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), maxMs: times.at(-1) ?? 0, stockPerSecond, load: loadAverage() }
}

let versions = 1

/** Has a product told anew as it is: what is kept of words is forgotten. It is none of those that change their names. */
export async function changeWords(room: OpenedRoom): Promise<void> {
  const { document } = [...catalogue(CHANGES + 1)].at(-1) as { document: ProductDocument }
  await publish(room, [{ name: 'ProductChanged', data: { ...document, version: ++versions } }])
}

function stockOf(documents: readonly ProductDocument[], batch: number): unknown[] {
  return Array.from({ length: STOCK_BATCH }, (_, index) => {
    const { productId, variants } = documents[(batch * STOCK_BATCH + index) % documents.length] as ProductDocument
    const available = (batch + index) % 50
    const data = { sku: variants[0]?.sku, productId, onHand: available, reserved: 0, available, low: false, version: 2 + batch }
    return { name: 'StockChanged', data }
  })
}

async function changeAndSee(room: OpenedRoom, document: ProductDocument, index: number): Promise<number> {
  // A word that nothing else holds, in letters: a number would be apart from it.
  const word = `quickly${[...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}found`
  const at = performance.now()
  await publish(room, [{ name: 'ProductChanged', data: { ...document, version: 2, name: `${document.name.slice(0, 200)} ${word}` } }])
  while (performance.now() - at < SEEN_MS_MAX) {
    const { text } = await room.api.send(`GET /api/products?q=${word}&limit=1`)
    if ((JSON.parse(text) as { items: unknown[]; didYouMean?: string }).items.length > 0 && text.includes(word)) {
      const ms = performance.now() - at
      await sleep(PAUSE_MS)
      return ms
    }
    await sleep(LOOK_MS)
  }
  throw new Error(`${word} was not found in ${SEEN_MS_MAX} ms`)
}

async function publish(room: OpenedRoom, events: unknown[]): Promise<void> {
  const { status, text } = await room.events.send('POST /', { body: events })
  if (status !== 204) throw new Error(`events were not taken: ${status} ${text}`)
}
