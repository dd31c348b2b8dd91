/** Forward-only migrations: `NNNN-name.sql`, each in a transaction of its own, once, in order, by one process at a time. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { ConnectionSettings } from './database.ts'
import { assertAtHome } from './residence.ts'

const CHASSIS_FOLDER = join(import.meta.dirname, 'chassis-migrations')
/** Held in a database by whoever migrates it or moves it away. Any number will do, as long as it is always the same. */
export const SCHEMA_LOCK = 7_303_014

/** Brings a database to the newest schema. Throws: when a migration that ran was edited or removed since, or the shop does not live there. */
export async function migrate(connection: ConnectionSettings, folder: string): Promise<void> {
  const client = new pg.Client(connection)
  // Whoever uses a broken connection hears of it by the statement; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`SELECT pg_advisory_lock(${SCHEMA_LOCK})`)
    await assertAtHome(client, connection.database)
    await migrateLocked(client, folder)
  } finally {
    await client.end()
  }
}

/** As `migrate`, for who holds the lock of the schema already. */
export async function migrateLocked(client: pg.Client, folder: string): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS public.migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  )
  const applied = new Map(
    (await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM public.migrations')).rows.map((row) => [
      row.name,
      row.checksum,
    ]),
  )
  for (const one of migrationsOfService(folder)) await apply(client, one, applied)
}

/** What a service's database holds when it is up to date: the chassis' migrations, then the service's own. */
export function migrationsOfService(folder: string): Migration[] {
  return [...migrationsIn(CHASSIS_FOLDER, 'chassis/'), ...migrationsIn(folder, '')]
}

interface Migration {
  readonly name: string
  readonly text: string
  readonly checksum: string
}

/** The migrations of a folder, in order. */
export function migrationsIn(folder: string, prefix: string): Migration[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return files.map((file, index) => {
    if (Number(file.slice(0, 4)) !== index + 1)
      throw new Error(`${join(folder, file)}: expected number ${String(index + 1).padStart(4, '0')}`)
    const text = readFileSync(join(folder, file), 'utf8')
    return { name: `${prefix}${file}`, text, checksum: createHash('sha256').update(text).digest('hex') }
  })
}

async function apply(client: pg.Client, one: Migration, applied: ReadonlyMap<string, string>): Promise<void> {
  const before = applied.get(one.name)
  if (before === one.checksum) return
  if (before !== undefined) throw new Error(`migration ${one.name} was edited after it ran: write a new one`)
  await client.query('BEGIN')
  try {
    await client.query(one.text)
    await client.query('INSERT INTO public.migrations (name, checksum) VALUES ($1, $2)', [one.name, one.checksum])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`migration ${one.name}: ${(error as Error).message}`, { cause: error })
  }
}
