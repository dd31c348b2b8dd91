import { createHash, createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { freshId } from './book.ts'
import type { Book } from './book.ts'
import { makeAlarm } from './alarm.ts'

const IN_FLIGHT_MAX = 8
const ANSWER_MS_MAX = 10_000
const RETRY_MS_MAX = 3_600_000
const GIVE_UP_AFTER_MS = 3 * 24 * 3600 * 1000
const KEEP_DONE_MS = 7 * 24 * 3600 * 1000
// Acknowledgements are written together: losing some in a crash only repeats a delivery, which webhooks may do anyway.
const ACKNOWLEDGE_MS = 20

export interface WebhookOptions {
  book: Book
  url: string
  secret: string
  chaosSeed: string | undefined
  chaosDelayMs: number
  retryMs: number
}

interface Delivery {
  seq: number
  event_seq: number
  attempts: number
  created_at: number
  body: string
}

export type Webhooks = ReturnType<typeof makeWebhooks>

/** The durable queue of notices to the shop: each at least once, retried with back-off for three days. */
export function makeWebhooks(options: WebhookOptions) {
  const { book } = options
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT_MAX })
  /** Deliveries under way or acknowledged and not yet written: not to be taken up again. */
  const inFlight = new Set<number>()
  let sending = 0
  const waiting = new Map<number, () => void>()
  let acknowledged: number[] = []
  let acknowledging: NodeJS.Timeout | undefined
  let chaosSeed = options.chaosSeed
  let paused = false
  let closed = false
  book.run('DELETE FROM webhook_deliveries WHERE done_at < ?', Date.now() - KEEP_DONE_MS)
  book.run('DELETE FROM webhook_events WHERE seq NOT IN (SELECT event_seq FROM webhook_deliveries)')

  const alarm = makeAlarm(nextDue, deliverDue)

  function nextDue(): number | undefined {
    if (closed || paused || sending >= IN_FLIGHT_MAX) return undefined
    return (
      book.get<{ due: number | null }>(
        'SELECT min(due_at) AS due FROM webhook_deliveries WHERE done_at IS NULL AND seq NOT IN (SELECT value FROM json_each(?))',
        JSON.stringify([...inFlight]),
      )?.due ?? undefined
    )
  }

  function deliverDue(): void {
    if (closed || paused || sending >= IN_FLIGHT_MAX) return
    const due = book.all<Delivery>(
      `SELECT d.seq, d.event_seq, d.attempts, e.created_at, e.body
         FROM webhook_deliveries d JOIN webhook_events e ON e.seq = d.event_seq
        WHERE d.done_at IS NULL AND d.due_at <= ? AND d.seq NOT IN (SELECT value FROM json_each(?))
        ORDER BY d.due_at, d.seq LIMIT ?`,
      Date.now(),
      JSON.stringify([...inFlight]),
      IN_FLIGHT_MAX - sending,
    )
    for (const delivery of due) void deliver(delivery)
  }

  async function deliver(delivery: Delivery): Promise<void> {
    inFlight.add(delivery.seq)
    sending++
    const status = await post(agent, options.url, delivery.body, sign(delivery.body, options.secret))
    sending--
    if (closed) return
    if (status >= 200 && status < 300) {
      acknowledged.push(delivery.seq)
      acknowledging ??= setTimeout(writeAcknowledged, ACKNOWLEDGE_MS)
      waiting.get(delivery.event_seq)?.()
    } else {
      retryLater(delivery, status)
      inFlight.delete(delivery.seq)
    }
    alarm.refresh()
  }

  function retryLater(delivery: Delivery, status: number): void {
    const now = Date.now()
    const pause =
      Math.min(options.retryMs * 2 ** delivery.attempts, RETRY_MS_MAX) * (0.8 + 0.4 * fraction(`${delivery.seq}/${delivery.attempts}`))
    const giveUp = now + pause > delivery.created_at + GIVE_UP_AFTER_MS
    book.run(
      'UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = ?, done_at = ?, outcome = ? WHERE seq = ?',
      Math.round(now + pause),
      giveUp ? now : null,
      giveUp ? 'given-up' : `status ${status}`,
      delivery.seq,
    )
  }

  function writeAcknowledged(): void {
    acknowledging = undefined
    const seqs = acknowledged
    acknowledged = []
    book.run(
      `UPDATE webhook_deliveries SET done_at = ?, attempts = attempts + 1, outcome = 'delivered' WHERE seq IN (SELECT value FROM json_each(?))`,
      Date.now(),
      JSON.stringify(seqs),
    )
    for (const seq of seqs) inFlight.delete(seq)
    alarm.refresh()
  }

  return {
    /** Queues one notice; call it in the transaction of the change it tells of. `urgent` ones keep clear of chaos. */
    enqueue(charge: { id: string }, urgent = false): number {
      const now = Date.now()
      const id = freshId('evt')
      const body = JSON.stringify({ id, type: 'charge.updated', createdAt: new Date(now).toISOString(), data: { charge } })
      book.run('INSERT INTO webhook_events (id, charge_id, body, created_at) VALUES (?, ?, ?, ?)', id, charge.id, body, now)
      const eventSeq = book.get<{ seq: number }>('SELECT seq FROM webhook_events WHERE id = ?', id)?.seq as number
      for (const delayMs of delaysOf(eventSeq, urgent ? undefined : chaosSeed, options.chaosDelayMs)) {
        book.run('INSERT INTO webhook_deliveries (event_seq, due_at) VALUES (?, ?)', eventSeq, now + delayMs)
      }
      return eventSeq
    },
    /** Looks for work; call it after the transaction of `enqueue`. */
    wake: () => alarm.refresh(),
    /** Resolves when the shop has acknowledged the event, or after `ms`. */
    async delivered(eventSeq: number, ms: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, ms)
      waiting.set(eventSeq, resolve)
      alarm.refresh()
      await promise
      clearTimeout(timer)
      waiting.delete(eventSeq)
    },
    setChaos(seed: string | undefined) {
      chaosSeed = seed
    },
    setPaused(value: boolean) {
      paused = value
      alarm.refresh()
    },
    /** Makes everything that waits for a retry or a chaotic delay due at once. */
    hurry() {
      book.run('UPDATE webhook_deliveries SET due_at = ? WHERE done_at IS NULL', Date.now())
      alarm.refresh()
    },
    counts: () => ({
      pending: countOf(book, 'done_at IS NULL') - acknowledged.length,
      delivered: countOf(book, `outcome = 'delivered'`) + acknowledged.length,
      givenUp: countOf(book, `outcome = 'given-up'`),
    }),
    close() {
      closed = true
      alarm.close()
      clearTimeout(acknowledging)
      if (acknowledged.length > 0) writeAcknowledged()
      for (const resolve of waiting.values()) resolve()
      agent.destroy()
    },
  }
}

/** The header `Sandbox-Signature`: the time and an HMAC over `time.body`. */
export function sign(body: string, secret: string, nowMs: number = Date.now()): string {
  const time = Math.floor(nowMs / 1000)
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
}

/** When each copy of an event is sent: once at once, or with a seed one to three copies, each after its own delay. */
export function delaysOf(eventSeq: number, chaosSeed: string | undefined, delayMsMax: number): number[] {
  if (chaosSeed === undefined) return [0]
  const copies = 1 + Math.floor(fraction(`${chaosSeed}/${eventSeq}/copies`) * 3)
  return Array.from({ length: copies }, (_, copy) => Math.floor(fraction(`${chaosSeed}/${eventSeq}/${copy}`) ** 2 * delayMsMax))
}

/** A number in [0, 1) that only depends on `text`. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32
}

function countOf(book: Book, condition: string): number {
  return book.get<{ n: number }>(`SELECT count(*) AS n FROM webhook_deliveries WHERE ${condition}`)?.n ?? 0
}

function post(agent: Agent, url: string, body: string, signature: string): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      timeout: ANSWER_MS_MAX,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'sandbox-signature': signature },
    })
    outgoing.on('response', (response) => {
      response.resume()
      response.once('close', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(0))
    outgoing.end(body)
  })
}
