/**
 * Keys whose requests run in this process. Their holds are short and renewed while they run: what a dead process held is soon free.
 * It is none of a service's loops: those end before the last requests do.
 */
import type { Db } from '../database/sql.ts'
import { HOLD_SECONDS, renewHolds, type Held } from './idempotency.ts'

/** A renewal may fail and the hold does not lapse. Most requests are over before their first. */
const RENEW_MS = (HOLD_SECONDS * 1000) / 4

export class HeldKeys {
  readonly #db: Db
  /** Each with when it was taken, by the clock of this process. */
  readonly #held = new Map<Held, number>()
  #isTurning = false

  constructor(db: Db) {
    this.#db = db
  }

  /** From now on the hold of this key is renewed, until what this answers is called. */
  keep(held: Held): () => void {
    this.#held.set(held, performance.now())
    this.#turn()
    return () => void this.#held.delete(held)
  }

  #turn(): void {
    if (this.#isTurning || this.#held.size === 0) return
    this.#isTurning = true
    setTimeout(() => {
      void this.#renew().then(() => {
        this.#isTurning = false
        this.#turn()
      })
    }, RENEW_MS).unref()
  }

  /** Never throws: a hold that lapses only lets a retry go on with the same ids, and whoever lost it cannot keep his effects. */
  async #renew(): Promise<void> {
    const before = performance.now() - RENEW_MS
    const long = [...this.#held].flatMap(([held, sinceMs]) => (sinceMs <= before ? [held] : []))
    if (long.length > 0) await renewHolds(this.#db, long).catch(() => {})
  }
}
