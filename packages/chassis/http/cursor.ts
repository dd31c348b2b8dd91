import { createHash } from 'node:crypto'
import { isId } from '@stoa/kit/ids.ts'

/**
 * Makes the cursor of a list: where the next page begins. `scope` is everything but limit and cursor that shapes
 * the list (filter, sort, owner); a cursor taken to another list is refused.
 */
export function encodeCursor(scope: unknown, position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([mark(scope), ...position])).toString('base64url')
}

/** The position a cursor names, or undefined when it is not one of this list's (answer 422 `invalid-cursor`). */
export function decodeCursor(scope: unknown, cursor: string): unknown[] | undefined {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(decoded) || decoded[0] !== mark(scope)) return undefined
    return decoded.slice(1)
  } catch {
    return undefined
  }
}

/** Where a page of a list by id begins: null for the first page, undefined when the cursor is not one of this list's. */
export function beginOfPage(scope: unknown, cursor: string | undefined): string | null | undefined {
  if (cursor === undefined) return null
  const [id, ...more] = decodeCursor(scope, cursor) ?? []
  return typeof id === 'string' && isId(id) && more.length === 0 ? id : undefined
}

function mark(scope: unknown): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 8)
}
