/**
 * SQL by hand. The `sql` tag makes a named, prepared statement: its text is fixed by the source line, values are
 * always parameters. Nothing else in the house sends SQL.
 */
import type { Static } from 'typebox'
import { createHash } from 'node:crypto'
import type { EventContract } from '../contract.ts'
import type { Timer, Worker } from '../service.ts'

/** A statement and its values. `name` is stable per text, so that PostgreSQL plans it once per connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

const known = new WeakMap<TemplateStringsArray, { name: string; text: string }>()

/**
 * Makes a statement; every `${value}` becomes a parameter. Arrays go as PostgreSQL arrays, objects must be JSON text.
 *
 * The length of a list in `= ANY(${list}::text[])` is hidden from the planner, which would otherwise make a plan for each length
 * anew: a fifth of what such a statement costs (decision 0009). For a list that is joined (`FROM unnest(…)`) write `(SELECT ${list})::text[]`.
 */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Statement {
  let fixed = known.get(strings)
  if (!fixed) {
    const text = strings.reduce((whole, part, index) => {
      const isList = /\b(?:ANY|ALL)\($/.test(strings[index - 1] ?? '')
      return index === 0 ? part : `${whole}${isList ? `(SELECT $${index})` : `$${index}`}${part}`
    }, '')
    fixed = { name: `s${createHash('sha1').update(text).digest('hex').slice(0, 20)}`, text }
    known.set(strings, fixed)
  }
  return { name: fixed.name, text: fixed.text, values }
}

/** Runs statements, each by itself. */
export interface Db {
  rows<Row extends object>(statement: Statement): Promise<Row[]>
  /** The first row, or undefined. */
  maybe<Row extends object>(statement: Statement): Promise<Row | undefined>
  /** Exactly one row. Throws: when there is none, or more than one. */
  one<Row extends object>(statement: Statement): Promise<Row>
  /** Number of rows touched. */
  run(statement: Statement): Promise<number>
}

/** An open transaction (READ COMMITTED). The only place from which events can be published and moments scheduled. */
export interface Tx extends Db {
  /** Publishes with the commit, under the trace of the work at hand. Change the aggregate's row first: per-key order follows its row lock. */
  publish<E extends EventContract>(event: E, data: Static<E['data']>): void
  /** Schedules a timer or enqueues a worker's task `delaySeconds` from now by the database's clock, to go on under the trace of the work at hand; the same key moves it. */
  schedule(what: Timer | Worker, key: string, delaySeconds: number, data?: unknown): void
  /** Takes back a timer or task that has not begun. */
  unschedule(what: Timer | Worker, key: string): void
  /** Kept answers that show one of these are forgotten with the commit, before whoever asked for the transaction hears of it (decision 0018). */
  touch(things: Iterable<string>): void
  /** Runs `work` in a savepoint: what it throws undoes only itself. */
  savepoint<T>(work: () => Promise<T>): Promise<T>
}
