/** A database that is taken hold of for a move: nobody migrates it meanwhile, and what else writes to it is found. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ConnectionSettings } from '../database/database.ts'
import { SCHEMA_LOCK } from '../database/migrate.ts'
import { readMark, writeMark, type Mark } from '../database/residence.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** One statement copies, sums or indexes a whole table. */
const STATEMENT_HOURS_MAX = 6
const LOCK_SECONDS_MAX = 30
/** The session of a move that was killed, or of a shop that just ended, takes a moment to go. */
const OTHERS_SECONDS_MAX = 15
const LOOK_MS = 250

/** Text of values must be the same on both sides: sums are made of it. The last one lets us write where the fence is up. */
const SESSION = [
  'TimeZone=UTC',
  'DateStyle=ISO,YMD',
  'IntervalStyle=postgres',
  'bytea_output=hex',
  'extra_float_digits=1',
  `statement_timeout=${STATEMENT_HOURS_MAX}h`,
  'lock_timeout=30s',
  'idle_in_transaction_session_timeout=0',
  'default_transaction_read_only=off',
]

/** The database of a service, with a session of the service's own login in it. */
export interface Station {
  readonly service: string
  /** As people know it. */
  readonly name: string
  readonly client: pg.Client
}

/** Connects to a database; undefined when it, or its login, is not there. Throws: when the server cannot be reached. */
export async function tryConnect(service: string, connection: ConnectionSettings): Promise<Station | undefined> {
  const client = new pg.Client({
    ...connection,
    application_name: 'stoa move',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options: SESSION.map((one) => `-c ${one}`).join(' '),
  })
  // Whoever uses a broken connection hears of it by the statement; without a listener it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => {})
    // No such database; no such login, or another one's password.
    if (['3D000', '28P01', '28000'].includes((error as { code?: string }).code ?? '')) return undefined
    throw new Error(`${connection.database} at ${connection.host}:${connection.port} cannot be reached: ${(error as Error).message}`, {
      cause: error,
    })
  }
  return { service, name: connection.database, client }
}

/** Takes the lock that a starting shop waits for; it ends with the session. Throws: when another has it for long. */
export async function takeHold({ client, name }: Station): Promise<void> {
  const until = Date.now() + LOCK_SECONDS_MAX * 1000
  while (Date.now() < until) {
    const { rows } = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${SCHEMA_LOCK}) AS held`)
    if (rows[0]?.held) return
    await sleep(LOOK_MS)
  }
  throw new Error(`another move has ${name}, or a shop is just starting on it`)
}

/** Sets the mark. Where the shop is not at home, sessions that begin from now on may only read: a forgotten process of it writes nothing. */
export async function setMark(station: Station, mark: Omit<Mark, 'at'> | undefined): Promise<void> {
  const { client, name } = station
  const open = mark === undefined || mark.state === 'home'
  await client.query('BEGIN')
  await writeMark(client, mark)
  await client.query(
    `ALTER DATABASE ${pg.escapeIdentifier(name)} ${open ? 'RESET default_transaction_read_only' : 'SET default_transaction_read_only = on'}`,
  )
  await client.query('COMMIT')
}

/** Takes a mark away that is not that of a home; what it was before is not known any more, and need not be. */
export async function clearMark(station: Station): Promise<void> {
  const mark = await readMark(station.client)
  if (mark && mark.state !== 'home') await setMark(station, undefined)
}

/** Who else is in the database, in words. Waits a while for them to go. */
export async function othersIn({ client }: Station, secondsMax: number = OTHERS_SECONDS_MAX): Promise<string[]> {
  const until = Date.now() + secondsMax * 1000
  let found: string[] = []
  // Twice nobody: a session that has just begun is shown a moment later.
  for (let empty = 0; empty < 2 && (found.length === 0 || Date.now() < until); ) {
    const { rows } = await client.query<{ who: string }>(`
      SELECT format('%s (%s%s), process %s', coalesce(nullif(application_name, ''), 'a program'), usename,
        coalesce(' from ' || client_addr::text, ''), pid) AS who
      FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
        AND coalesce(backend_type, 'client backend') = 'client backend'
      ORDER BY pid`)
    found = rows.map(({ who }) => who)
    empty = found.length === 0 ? empty + 1 : 0
    await sleep(LOOK_MS)
  }
  return found
}
