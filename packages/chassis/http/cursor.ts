import { createHash } from 'node:crypto'

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

function mark(scope: unknown): string {
  return createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 8)
}
