/** From a commit to what follows from it: as the shop's own metric counts it, and as a buyer who watches an order sees it. */
import type { IncomingMessage } from 'node:http'
import { partsOf } from '../tests/support/shop.ts'
import { round } from './measure.ts'
import { quantile } from './loops.ts'
import type { Bench, Effects, Placed } from './bench.ts'

/** Cumulative counts by the upper end of a bucket. Units: seconds. */
type Buckets = ReadonlyMap<number, number>

const WATCH_MS_MAX = 60_000

export async function lagsOf(bench: Bench): Promise<Buckets> {
  const texts = await metricsOf(bench)
  const counts = new Map<number, number>()
  for (const [, le, count] of texts.join('\n').matchAll(/^stoa_event_lag_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)/gm)) {
    const end = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    counts.set(end, (counts.get(end) ?? 0) + Number(count))
  }
  return counts
}

/** What each process of the shop tells of itself. */
async function metricsOf({ client, target }: Bench): Promise<string[]> {
  const parts = partsOf(target.pid)
  if (parts.length === 0) return [(await client.send('GET /metrics', { headers: { accept: '*/*' } })).text]
  return Promise.all(parts.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()))
}

export async function effectsSince(bench: Bench, before: Buckets, confirmedMs: readonly number[]): Promise<Effects> {
  const after = await lagsOf(bench)
  const grown = [...after].map(([end, count]) => [end, count - (before.get(end) ?? 0)] as const).sort(([a], [b]) => a - b)
  const batches = grown.at(-1)?.[1] ?? 0
  const endOf = (share: number) => (grown.find(([, count]) => count >= batches * share)?.[0] ?? 0) * 1000
  const sorted = [...confirmedMs].sort((a, b) => a - b)
  return {
    batches,
    lagP50Ms: endOf(0.5),
    lagP99Ms: endOf(0.99),
    confirmed: sorted.length,
    confirmedP50Ms: round(quantile(sorted, 0.5)),
    confirmedP99Ms: round(quantile(sorted, 0.99)),
  }
}

/** Listens to an order until it is confirmed. Throws: when it is not in time. */
export function watchToEnd(bench: Bench, placed: Placed): Promise<number> {
  return new Promise((done, fail) => {
    const listenTo = (stream: IncomingMessage) => {
      let heard = ''
      stream.on('data', (chunk: Buffer) => {
        heard += chunk.toString()
        if (!heard.includes('CONFIRMED')) return
        done(performance.now() - placed.at)
        watching.destroy()
      })
      stream.once('end', () => fail(new Error('the stream ended early')))
    }
    const watching = bench.client.listen(`/api/orders/${placed.orderId}/events?token=${placed.viewToken}`, listenTo, WATCH_MS_MAX)
    watching.once('timeout', () => watching.destroy(new Error('not confirmed in time')))
    watching.once('error', fail)
  })
}
