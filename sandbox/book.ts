import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'

export type Row = Record<string, unknown>

/** The durable book: what is committed here survives a kill -9 of this process and of the machine. */
export interface Book {
  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[]
  get<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined
  run(sql: string, ...values: SQLInputValue[]): void
  /** Runs `work` in one transaction; what it throws rolls everything back. Work is synchronous, so transactions never interleave. */
  transact<T>(work: () => T): T
  recall(name: string): string | undefined
  remember(name: string, value: string): void
  close(): void
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS keys (
  key TEXT PRIMARY KEY, request_hash TEXT, attempts INTEGER NOT NULL DEFAULT 0, charge_id TEXT, closed_at INTEGER, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS charges (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('requires-action', 'declined', 'failed', 'authorized', 'captured', 'voided', 'partially-refunded', 'refunded')),
  reason TEXT, token TEXT NOT NULL, currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  captured_minor INTEGER NOT NULL DEFAULT 0 CHECK (captured_minor BETWEEN 0 AND amount_minor),
  refunded_minor INTEGER NOT NULL DEFAULT 0 CHECK (refunded_minor BETWEEN 0 AND captured_minor),
  metadata TEXT NOT NULL, late_at INTEGER, capture_before INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  revision INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX IF NOT EXISTS charges_by_order ON charges (order_id, seq);
CREATE INDEX IF NOT EXISTS charges_late ON charges (late_at) WHERE late_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS charges_expiring ON charges (capture_before) WHERE state = 'authorized';
CREATE TABLE IF NOT EXISTS operations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, charge_id TEXT NOT NULL REFERENCES charges (id),
  kind TEXT NOT NULL, amount_minor INTEGER NOT NULL, key TEXT, at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS operations_by_charge ON operations (charge_id, seq);
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL,
  return_url TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, charge_id TEXT NOT NULL, body TEXT NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS webhook_deliveries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, event_seq INTEGER NOT NULL REFERENCES webhook_events (seq), due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, done_at INTEGER, outcome TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON webhook_deliveries (due_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS mails (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL, sender TEXT NOT NULL, message_id TEXT NOT NULL,
  raw BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS mails_by_recipient ON mails (recipient, seq);
CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`

/** Opens or makes the book in `directory`. Throws: when another process holds it. */
export function openBook(directory: string): Book {
  mkdirSync(directory, { recursive: true })
  // The wait covers a predecessor that is still ending; the exclusive lock lasts as long as the process.
  const database = new DatabaseSync(join(directory, 'book.sqlite'), { timeout: 2000 })
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;')
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`)
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string) => {
    const known = statements.get(sql)
    if (known) return known
    const made = database.prepare(sql)
    statements.set(sql, made)
    return made
  }
  const book: Book = {
    all: <T>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as T[],
    get: <T>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as T | undefined,
    run: (sql, ...values) => void prepare(sql).run(...values),
    transact: (work) => transact(database, work),
    recall: (name) => book.get<{ value: string }>('SELECT value FROM remembered WHERE name = ?', name)?.value,
    remember: (name, value) => book.run('INSERT OR REPLACE INTO remembered (name, value) VALUES (?, ?)', name, value),
    close: () => database.close(),
  }
  return book
}

function transact<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** A fresh opaque id such as `ch_5f0c…`. */
export function freshId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`
}
