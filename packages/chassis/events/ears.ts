/** Hears of new events in a producer's database, for the processes that did not write them. A word that is missed costs latency only. */
import pg from 'pg'
import type { ConnectionSettings } from '../database/database.ts'
import type { Signals } from '../signals.ts'
import { NEW_EVENTS } from './postgres-streams.ts'

const CONNECT_TIMEOUT_MS = 5000
const AGAIN_MS_MIN = 200
const AGAIN_MS_MAX = 5000

/** One kept connection that listens; opened anew, with growing pauses, whenever it is lost. */
export class Ears {
  readonly #connection: ConnectionSettings
  readonly #signals: Signals
  readonly #stop = new AbortController()
  readonly #listening: Promise<void>

  constructor(connection: ConnectionSettings, signals: Signals) {
    this.#connection = connection
    this.#signals = signals
    this.#listening = this.#listen()
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#listening
  }

  async #listen(): Promise<void> {
    const never = `never:ears:${this.#connection.database}`
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      const heardSomething = await this.#listenOnce().catch(() => false)
      if (heardSomething) failures = 0
      const rest = Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(failures, 10)) * (0.5 + Math.random())
      await this.#signals.wait(never, 0, rest, this.#stop.signal)
    }
  }

  /** Listens until the connection ends. Answers whether there was one. */
  async #listenOnce(): Promise<boolean> {
    const client = new pg.Client({ ...this.#connection, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true })
    const ended = new Promise<void>((done) => {
      client.once('end', done)
      client.once('error', () => done())
    })
    const leave = () => void client.end().catch(() => {})
    client.on('notification', ({ payload }) => this.#signals.raise(`stream:${payload}`))
    try {
      await client.connect()
      this.#stop.signal.addEventListener('abort', leave, { once: true })
      await client.query(`LISTEN ${NEW_EVENTS}`)
      if (this.#stop.signal.aborted) leave()
      await ended
      return true
    } finally {
      this.#stop.signal.removeEventListener('abort', leave)
      leave()
    }
  }
}
