/** Hears of new events in a producer's database, for the processes that did not write them. A word that is missed costs latency only. */
import pg from 'pg'
import type { ConnectionSettings } from '../database/database.ts'
import type { Signals } from '../signals.ts'
import { NEW_EVENTS } from './postgres-streams.ts'

const CONNECT_TIMEOUT_MS = 5000
const AGAIN_MS_MIN = 200
const AGAIN_MS_MAX = 5000
/** A connection that broke off unseen would be deaf for ever: it is asked now and then. */
const PROOF_MS = 15_000
const PROOF_MS_MAX = 5000

/** One kept connection that listens; opened anew, with growing pauses, whenever it is lost. */
export class Ears {
  readonly #connection: ConnectionSettings
  readonly #streams: ReadonlySet<string>
  readonly #signals: Signals
  readonly #stop = new AbortController()
  readonly #listening: Promise<void>

  /** Raises `stream:…` for those of `streams` that grew. */
  constructor(connection: ConnectionSettings, streams: readonly string[], signals: Signals) {
    this.#connection = connection
    this.#streams = new Set(streams)
    this.#signals = signals
    this.#listening = this.#listen()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#listening
  }

  async #listen(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      const hasListened = await this.#listenOnce().catch(() => false)
      if (hasListened) failures = 0
      await this.#rest(Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(failures, 10)) * (0.5 + Math.random()))
    }
  }

  /** Listens until the connection ends. Answers whether there was one. */
  async #listenOnce(): Promise<boolean> {
    const client = new pg.Client({ ...this.#connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: PROOF_MS_MAX })
    const ended = new AbortController()
    const end = () => ended.abort()
    client.once('end', end)
    client.on('error', end)
    client.on('notification', ({ payload }) => this.#heard(payload ?? ''))
    this.#stop.signal.addEventListener('abort', end, { once: true })
    try {
      await client.connect()
      await client.query(`LISTEN ${NEW_EVENTS}`)
      // What was said while nobody listened.
      for (const stream of this.#streams) this.#heard(stream)
      while (!ended.signal.aborted && !this.#stop.signal.aborted) {
        await this.#rest(PROOF_MS, ended.signal)
        if (!ended.signal.aborted) await client.query('SELECT 1')
      }
      return true
    } finally {
      this.#stop.signal.removeEventListener('abort', end)
      void client.end().catch(() => {})
    }
  }

  #heard(stream: string): void {
    if (this.#streams.has(stream)) this.#signals.raise(`stream:${stream}`)
  }

  #rest(ms: number, until: AbortSignal = this.#stop.signal): Promise<void> {
    return this.#signals.wait(`never:ears:${this.#connection.database}`, 0, ms, until)
  }
}
