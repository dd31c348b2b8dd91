/** Copies a service's database into another one: one snapshot of the source, one transaction at the target. */
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { migrateLocked } from '../database/migrate.ts'
import { writeMark, type Mark } from '../database/residence.ts'
import { failPoint } from '../fail-point.ts'
import { clearGround } from './ground.ts'
import type { Station } from './station.ts'
import { sumOf } from './sums.ts'
import { contentsOf, differences, inOrder, LEFT_BEHIND, type Contents, type Table } from './tables.ts'

export interface Copying {
  readonly source: Station
  readonly target: Station
  /** Folder of the service's migrations. */
  readonly migrations: string
  /** The mark of the target when it holds everything. */
  readonly loaded: Omit<Mark, 'at'>
  /** Asked before each table. Throws: when the copying is to end. */
  readonly goOn: () => void
}

/**
 * Makes the target's schema anew and fills it; answers the number of rows. The target's mark says that it is loaded from the moment on at
 * which it is. Throws: when anything is not the same on both sides; then the target has no rows, and both sessions are of no more use.
 */
export async function copyDatabase(copying: Copying): Promise<number> {
  const { source, target, migrations, loaded, goOn } = copying
  await clearGround(target.client)
  failPoint('move.after-clearing')
  await migrateLocked(target.client, migrations)
  failPoint('move.after-migrating')
  await source.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const contents = await contentsOf(source.client)
  const astray = differences(contents, await contentsOf(target.client))
  if (astray.length > 0) throw new Error(`${source.name} is not as its migrations make it: ${astray.join('; ')}`)
  await target.client.query('BEGIN')
  const rows = await fill(source.client, target.client, contents, goOn)
  await writeMark(target.client, loaded)
  failPoint('move.before-loaded')
  // What is checked at the end of a transaction is checked here, before it is believed.
  await target.client.query('COMMIT')
  failPoint('move.after-loaded')
  await source.client.query('COMMIT')
  // The server's own statistics come minutes later, and until then plans would be made for empty tables.
  await target.client.query('ANALYZE')
  return rows
}

async function fill(source: pg.Client, target: pg.Client, { tables, sequences }: Contents, goOn: () => void): Promise<number> {
  const carried = inOrder(tables).filter((one) => !LEFT_BEHIND.includes(one.name))
  await target.query('SET CONSTRAINTS ALL DEFERRED')
  // Migrations leave rows of their own here and there; those of the source take their place. Who refers to others goes first.
  for (const { name } of carried.toReversed()) {
    const { rows } = await target.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${name}) AS filled`)
    if (rows[0]?.filled) await target.query(`DELETE FROM ${name}`)
  }
  let total = 0
  for (const table of carried) {
    goOn()
    total += await carry(source, target, table)
  }
  for (const name of sequences) {
    const { rows } = await source.query<{ last: string; called: boolean }>(`SELECT last_value AS last, is_called AS called FROM ${name}`)
    await target.query('SELECT setval($1::regclass, $2, $3)', [name, rows[0]?.last, rows[0]?.called])
  }
  return total
}

async function carry(source: pg.Client, target: pg.Client, table: Table): Promise<number> {
  const written = table.columns.filter((one) => !one.generated).map((one) => pg.escapeIdentifier(one.name))
  const columns = written.join(', ')
  const before = await sumOf(source, table)
  if (before.rows > 0)
    await pipeline(
      source.query(copyTo(`COPY (SELECT ${columns} FROM ${table.name}) TO STDOUT (FORMAT binary)`)),
      target.query(copyFrom(`COPY ${table.name} (${columns}) FROM STDIN (FORMAT binary)`)),
    )
  failPoint('move.after-table')
  const after = await sumOf(target, table)
  if (after.rows !== before.rows || after.hash !== before.hash)
    throw new Error(`${table.name} is not the same on both sides: ${before.rows} rows (${before.hash}) and ${after.rows} (${after.hash})`)
  return before.rows
}
