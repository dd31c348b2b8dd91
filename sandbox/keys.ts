import { createHash } from 'node:crypto'
import type { Book } from './book.ts'
import { Refusal } from './http.ts'

export interface KeyRow {
  request_hash: string | null
  attempts: number
  charge_id: string | null
  closed_at: number | null
}

/** The row of a key, if it was used before. Refuses: `key-closed`, `idempotency-key-reused`. */
export function checkKey(book: Book, key: string, hash: string): KeyRow | undefined {
  const row = keyRow(book, key)
  if (row?.closed_at) throw new Refusal(409, 'key-closed', 'This key was closed; nothing happens under it any more.')
  if (row && row.request_hash !== hash) throw new Refusal(422, 'idempotency-key-reused', 'This key was used with another request.')
  return row
}

/** Counts one try of a key, and says which it is. */
export function countAttempt(book: Book, key: string, hash: string): number {
  const row = book.get<{ attempts: number }>(
    `INSERT INTO keys (key, request_hash, attempts, created_at) VALUES (?, ?, 1, ?)
     ON CONFLICT (key) DO UPDATE SET attempts = attempts + 1 RETURNING attempts`,
    key,
    hash,
    Date.now(),
  )
  return row?.attempts ?? 1
}

/** Ties a key to the charge that it made or changed; inside the transaction of that effect. */
export function bindKey(book: Book, key: string, hash: string, chargeId: string, now: number): void {
  book.run(
    `INSERT INTO keys (key, request_hash, charge_id, created_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (key) DO UPDATE SET charge_id = ?3`,
    key,
    hash,
    chargeId,
    now,
  )
}

export function keyRow(book: Book, key: string): KeyRow | undefined {
  return book.get<KeyRow>('SELECT * FROM keys WHERE key = ?', key)
}

/** Shuts a key for ever, used or not; inside a transaction when there is more to do. */
export function shutKey(book: Book, key: string, now: number): void {
  book.run('INSERT INTO keys (key, created_at, closed_at) VALUES (?1, ?2, ?2) ON CONFLICT (key) DO UPDATE SET closed_at = ?2', key, now)
}

/** What two requests with one key are compared by. */
export function hashOf(request: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
