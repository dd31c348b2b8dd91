/** A PostgreSQL that somebody else runs, given by its address. */
import pg from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import type { ConnectionSettings } from './database.ts'

/** The oldest major version that every migration and statement runs on. */
export const POSTGRES_MIN = 15
const CONNECT_TIMEOUT_MS = 10_000

/**
 * Reads `postgresql://user:password@host:5432/database?sslmode=verify-full`. Throws: naming `setting` and what is wrong, never the
 * address itself: it holds a password.
 */
export function readAddress(url: string, setting: string): ConnectionSettings {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^postgres(?:ql)?:$/.test(parsed.protocol))
    throw new Error(`${setting}: it is no address like postgresql://user:password@host:5432/database`)
  const { host, port = 5432, user, password, database, ssl } = parseIntoClientConfig(url)
  const missing = Object.entries({ 'a host': host, 'a user': user, 'a password': password }).flatMap(([name, value]) =>
    value ? [] : [name],
  )
  if (missing.length > 0) throw new Error(`${setting}: the address lacks ${missing.join(', ')}`)
  return {
    host: String(host),
    port,
    user: String(user),
    password: String(password),
    database: database ?? 'postgres',
    ...(ssl ? { ssl } : {}),
  }
}

/** What is asked of a server. */
export interface Demands {
  /** Connections that will be held at once. */
  readonly connections: number
  /** Whether databases and logins are to be made there. */
  readonly makesDatabases: boolean
}

interface Facts {
  readonly version: number
  readonly shown: string
  readonly makesDatabases: boolean
  readonly connections: number
}

/** Looks whether a server can carry the shop. Throws: naming the server and everything that is in the way. */
export async function examineServer(address: ConnectionSettings, demands: Demands): Promise<void> {
  const where = `the PostgreSQL at ${address.host}:${address.port}`
  const facts = await factsOf(address, where)
  const faults = [
    facts.version < POSTGRES_MIN * 10_000 ? `it is version ${facts.shown}, and ${POSTGRES_MIN} is the oldest that will do` : '',
    demands.makesDatabases && !facts.makesDatabases ? `the login ${address.user} needs the rights CREATEDB and CREATEROLE` : '',
    facts.connections < demands.connections
      ? `it lets ${facts.connections} connections in, and ${demands.connections} are needed (max_connections)`
      : '',
  ].filter((one) => one !== '')
  if (faults.length > 0) throw new Error(`${where} cannot carry the shop: ${faults.join('; ')}`)
}

async function factsOf(address: ConnectionSettings, where: string): Promise<Facts> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  try {
    await client.connect()
    const { rows } = await client.query<Facts>(`
      SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS shown,
        rolsuper OR (rolcreatedb AND rolcreaterole) AS "makesDatabases",
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS connections
      FROM pg_roles WHERE rolname = current_user`)
    return rows[0] as Facts
  } catch (error) {
    throw new Error(`${where} cannot be reached: ${(error as Error).message}`, { cause: error })
  } finally {
    await client.end().catch(() => {})
  }
}
