import { createHash, createHmac } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import { makeAlarm } from './alarm.ts'
import type { Alarm } from './alarm.ts'
import { freshId } from './book.ts'
import type { Book } from './book.ts'

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

/** The durable queue of notices to the shop: each at least once, retried with back-off for three days. */
export interface Webhooks extends WebhookOptions {
  line: Line
  alarm: Alarm
  /** Deliveries under way, or acknowledged and not yet written: not to be taken up again. */
  inFlight: Set<number>
  sending: number
  acknowledged: number[]
  acknowledging: NodeJS.Timeout | undefined
  /** Who waits for the acknowledgement of an event. */
  waiting: Map<number, () => void>
  paused: boolean
  closed: boolean
}

export function openWebhooks(options: WebhookOptions): Webhooks {
  const { book } = options
  book.run('DELETE FROM webhook_deliveries WHERE done_at < ?', Date.now() - KEEP_DONE_MS)
  book.run('DELETE FROM webhook_events WHERE seq NOT IN (SELECT event_seq FROM webhook_deliveries)')
  const queue: Webhooks = {
    ...options,
    line: lineTo(options.url),
    alarm: makeAlarm(
      () => nextDue(queue),
      () => deliverDue(queue),
    ),
    inFlight: new Set(),
    sending: 0,
    acknowledged: [],
    acknowledging: undefined,
    waiting: new Map(),
    paused: false,
    closed: false,
  }
  return queue
}

/** Queues one notice; call it in the transaction of the change it tells of, then `wake`. `urgent` ones keep clear of chaos. */
export function enqueue(queue: Webhooks, charge: { id: string }, urgent = false): number {
  const { book } = queue
  const now = Date.now()
  const id = freshId('evt')
  const body = JSON.stringify({ id, type: 'charge.updated', createdAt: new Date(now).toISOString(), data: { charge } })
  const eventSeq = book.get<{ seq: number }>(
    'INSERT INTO webhook_events (id, charge_id, body, created_at) VALUES (?, ?, ?, ?) RETURNING seq',
    id,
    charge.id,
    body,
    now,
  )?.seq as number
  for (const delayMs of delaysOf(eventSeq, urgent ? undefined : queue.chaosSeed, queue.chaosDelayMs)) {
    book.run('INSERT INTO webhook_deliveries (event_seq, due_at) VALUES (?, ?)', eventSeq, now + delayMs)
  }
  return eventSeq
}

/** Looks for work; call it after the transaction of `enqueue`. */
export function wake(queue: Webhooks): void {
  queue.alarm.refresh()
}

/** Resolves when the shop has acknowledged the event, or after `ms`. */
export async function delivered(queue: Webhooks, eventSeq: number, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  queue.waiting.set(eventSeq, resolve)
  wake(queue)
  await promise
  clearTimeout(timer)
  queue.waiting.delete(eventSeq)
}

export function setPaused(queue: Webhooks, paused: boolean): void {
  queue.paused = paused
  wake(queue)
}

/** Makes everything that waits for a retry or a chaotic delay due at once. */
export function hurry(queue: Webhooks): void {
  queue.book.run('UPDATE webhook_deliveries SET due_at = ? WHERE done_at IS NULL', Date.now())
  wake(queue)
}

export function countsOf(queue: Webhooks) {
  const unwritten = queue.acknowledged.length
  return {
    pending: countOf(queue.book, 'done_at IS NULL') - unwritten,
    delivered: countOf(queue.book, `outcome = 'delivered'`) + unwritten,
    givenUp: countOf(queue.book, `outcome = 'given-up'`),
  }
}

export function closeWebhooks(queue: Webhooks): void {
  queue.closed = true
  queue.alarm.close()
  clearTimeout(queue.acknowledging)
  if (queue.acknowledged.length > 0) writeAcknowledged(queue)
  for (const resolve of queue.waiting.values()) resolve()
  queue.line.agent.destroy()
}

function nextDue(queue: Webhooks): number | undefined {
  if (queue.closed || queue.paused || queue.sending >= IN_FLIGHT_MAX) return undefined
  const next = queue.book.get<{ due: number | null }>(
    'SELECT min(due_at) AS due FROM webhook_deliveries WHERE done_at IS NULL AND seq NOT IN (SELECT value FROM json_each(?))',
    JSON.stringify([...queue.inFlight]),
  )
  return next?.due ?? undefined
}

function deliverDue(queue: Webhooks): void {
  if (queue.closed || queue.paused || queue.sending >= IN_FLIGHT_MAX) return
  const due = queue.book.all<Delivery>(
    `SELECT d.seq, d.event_seq, d.attempts, e.created_at, e.body
       FROM webhook_deliveries d JOIN webhook_events e ON e.seq = d.event_seq
      WHERE d.done_at IS NULL AND d.due_at <= ? AND d.seq NOT IN (SELECT value FROM json_each(?))
      ORDER BY d.due_at, d.seq LIMIT ?`,
    Date.now(),
    JSON.stringify([...queue.inFlight]),
    IN_FLIGHT_MAX - queue.sending,
  )
  for (const delivery of due) void deliver(queue, delivery)
}

async function deliver(queue: Webhooks, delivery: Delivery): Promise<void> {
  queue.inFlight.add(delivery.seq)
  queue.sending++
  const status = await post(queue.line, queue.url, delivery.body, sign(delivery.body, queue.secret))
  queue.sending--
  if (queue.closed) return
  if (status >= 200 && status < 300) {
    queue.acknowledged.push(delivery.seq)
    queue.acknowledging ??= setTimeout(() => writeAcknowledged(queue), ACKNOWLEDGE_MS)
    queue.waiting.get(delivery.event_seq)?.()
  } else {
    retryLater(queue, delivery, status)
    queue.inFlight.delete(delivery.seq)
  }
  wake(queue)
}

function retryLater(queue: Webhooks, delivery: Delivery, status: number): void {
  const now = Date.now()
  const jitter = 0.8 + 0.4 * fraction(`${delivery.seq}/${delivery.attempts}`)
  const pause = Math.min(queue.retryMs * 2 ** delivery.attempts, RETRY_MS_MAX) * jitter
  const giveUp = now + pause > delivery.created_at + GIVE_UP_AFTER_MS
  queue.book.run(
    'UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = ?, done_at = ?, outcome = ? WHERE seq = ?',
    Math.round(now + pause),
    giveUp ? now : null,
    giveUp ? 'given-up' : `status ${status}`,
    delivery.seq,
  )
}

function writeAcknowledged(queue: Webhooks): void {
  queue.acknowledging = undefined
  const seqs = queue.acknowledged
  queue.acknowledged = []
  queue.book.run(
    `UPDATE webhook_deliveries SET done_at = ?, attempts = attempts + 1, outcome = 'delivered' WHERE seq IN (SELECT value FROM json_each(?))`,
    Date.now(),
    JSON.stringify(seqs),
  )
  for (const seq of seqs) queue.inFlight.delete(seq)
  wake(queue)
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

/** Kept connections to the shop, with TLS where its address says so. */
interface Line {
  readonly agent: http.Agent
  readonly request: typeof http.request
}

function lineTo(url: string): Line {
  const { Agent, request } = url.startsWith('https:') ? https : http
  return { agent: new Agent({ keepAlive: true, maxSockets: IN_FLIGHT_MAX }), request }
}

function post({ agent, request }: Line, url: string, body: string, signature: string): Promise<number> {
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
