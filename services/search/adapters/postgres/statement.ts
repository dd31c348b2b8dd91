/** Statements put together from fixed fragments. */
import { createHash } from 'node:crypto'
import type { Statement } from '@stoa/chassis/database/sql.ts'

/** Parameters of one statement. */
export class Values {
  readonly list: unknown[] = []

  /** Adds a value; answers its place, e.g. `$3`. */
  add(value: unknown): string {
    this.list.push(value)
    return `$${this.list.length}`
  }
}

const names = new Map<string, string>()
const NAMES_MAX = 200

/**
 * Statements of few shapes are prepared once per connection, and planned once, too: values that a plan would hang on stand in them as
 * `(SELECT $1::type)`, which hides them from the planner, and numbers of rows are written out. Rare ones are not kept, nor those whose
 * best plan does hang on their values.
 */
export function statement(text: string, values: Values, common: boolean): Statement {
  if (!common) return { text, values: values.list }
  let name = names.get(text)
  if (name === undefined && names.size < NAMES_MAX) {
    name = `f${createHash('sha1').update(text).digest('hex').slice(0, 20)}`
    names.set(text, name)
  }
  return name === undefined ? { text, values: values.list } : { name, text, values: values.list }
}
