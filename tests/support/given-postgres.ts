/** A PostgreSQL as somebody else runs it: reached by TCP, with a landlord who may make databases and logins and is no superuser. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '@stoa/chassis/database/embedded.ts'
import { freePort } from './shop.ts'

const LANDLORD = { user: 'landlord', password: 'p@ss/w:rd?' } as const

export interface GivenPostgres {
  /** Address of the landlord. */
  readonly url: string
  readonly port: number
  /** Makes a database with a login that owns it and nothing else; answers their address. */
  makeOwned(name: string): Promise<string>
  /** Runs SQL in a database as the superuser of the server. */
  query<Row extends object>(database: string, text: string): Promise<Row[]>
  /** Away, and back after `seconds`. */
  restart(seconds: number): Promise<void>
  stop(): Promise<void>
}

/** `programs`: folder of another version's programs. */
export async function startGivenPostgres(programs?: string): Promise<GivenPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-given-'))
  const port = await freePort()
  const parameters = { listen_addresses: '127.0.0.1', port: String(port), fsync: 'off' }
  const start = () => startEmbedded({ dataDir, parameters, ...(programs === undefined ? {} : { programs }) })
  let server = await start()
  const query = async <Row extends object>(database: string, text: string) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: server.superuser, password: server.password, database })
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }
  await query('postgres', `CREATE ROLE ${LANDLORD.user} LOGIN CREATEDB CREATEROLE PASSWORD '${LANDLORD.password}'`)
  return {
    url: `postgresql://${LANDLORD.user}:${encodeURIComponent(LANDLORD.password)}@127.0.0.1:${port}/postgres`,
    port,
    makeOwned: async (name) => {
      await query('postgres', `CREATE ROLE ${name} LOGIN PASSWORD 'sesame'`)
      await query('postgres', `CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`)
      return `postgresql://${name}:sesame@127.0.0.1:${port}/${name}`
    },
    query,
    restart: async (seconds) => {
      await server.stop()
      await new Promise((done) => setTimeout(done, seconds * 1000))
      server = await start()
    },
    stop: async () => {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
