/** Buyers who order again and again, and repeat a request with its key until it is answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { postOrder } from './client.ts'
import type { Bought } from './witness.ts'

const ANSWER_SECONDS_MAX = 120
const ORDERS_MAX = 2000

/** What came of a request that was not answered with an order. */
export interface Setback {
  /** 0: there was no answer at all. */
  readonly status: number
  readonly about: string
}

export interface Buyers {
  /** What they were promised so far. */
  readonly record: readonly Bought[]
  /** What they had to repeat. */
  readonly setbacks: readonly Setback[]
  /** Lets the orders under way end. Throws: when one was refused, or not answered in time. */
  leave(): Promise<void>
}

export interface Manners {
  /** Between two orders. */
  readonly restMs?: number | undefined
  /**
   * A connection for each request. On a kept one a request may meet the server that closes it; whoever keeps connections must send
   * such a request again, as browsers do, and these buyers do not.
   */
  readonly freshConnections?: boolean
}

/** Lets `count` buyers in, who rest between two orders. Every tenth order is declined by its card. */
export function letBuyersIn(origin: string, sku: string, count: number, { restMs = 30, freshConnections = false }: Manners = {}): Buyers {
  const record: Bought[] = []
  const setbacks: Setback[] = []
  const stop = new AbortController()
  const headers: Record<string, string> = freshConnections ? { connection: 'close' } : {}
  const buying = Array.from({ length: count }, () => buy({ origin, sku, restMs, headers }, stop.signal, { record, setbacks }))
  for (const one of buying) one.catch(() => {})
  return {
    record,
    setbacks,
    leave: async () => {
      stop.abort()
      await Promise.all(buying)
    },
  }
}

async function buy(
  { origin, sku, restMs, headers }: { origin: string; sku: string; restMs: number; headers: Readonly<Record<string, string>> },
  stop: AbortSignal,
  diary: { record: Bought[]; setbacks: Setback[] },
): Promise<void> {
  for (let n = 0; !stop.aborted && n < ORDERS_MAX; n++) {
    const key = randomUUID()
    const quantity = 1 + (n % 3)
    const until = Date.now() + ANSWER_SECONDS_MAX * 1000
    for (;;) {
      const wish = { sku, quantity, key, headers, cardToken: n % 10 === 9 ? 'tok_declined' : 'tok_ok' }
      const answer = await postOrder(origin, wish, 10_000).catch((error: Error) => ({
        status: 0,
        body: { orderId: '', detail: `${error.message}: ${String(error.cause)}` },
      }))
      if (answer.status === 201) {
        diary.record.push({ key, sku, quantity, orderId: answer.body.orderId })
        break
      }
      diary.setbacks.push({ status: answer.status, about: JSON.stringify(answer.body).slice(0, 300) })
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 409 && answer.status !== 429)
        throw new Error(`refused: ${answer.status} ${JSON.stringify(answer.body)}`)
      if (Date.now() > until) throw new Error(`no answer for key ${key}`)
      await sleep(200)
    }
    await sleep(restMs)
  }
}
