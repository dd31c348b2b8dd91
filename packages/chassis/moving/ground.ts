/** What stands in a database before a copy is made there, and clearing it away. */
import type pg from 'pg'
import { migrationsOfService } from '../database/migrate.ts'
import { contentsOf } from './tables.ts'

/** `current`: as a shop of this version left it. `older`: some migrations are missing. `foreign`: tables that are none of ours. */
export type Ground = 'empty' | 'current' | 'older' | 'newer' | 'foreign'

/** Looks what a database is made of. */
export async function groundOf(client: pg.Client, migrations: string): Promise<Ground> {
  const { tables } = await contentsOf(client)
  if (tables.length === 0) return 'empty'
  if (!tables.some((one) => one.name === 'public.migrations')) return 'foreign'
  const { rows } = await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM public.migrations')
  const wanted = migrationsOfService(migrations)
  // Its first line is the same in every version of the shop.
  if (rows.length > 0 && !rows.some((one) => one.name === wanted[0]?.name)) return 'foreign'
  const known = new Set(wanted.map((one) => `${one.name} ${one.checksum}`))
  if (rows.some((one) => !known.has(`${one.name} ${one.checksum}`))) return 'newer'
  return rows.length < wanted.length ? 'older' : 'current'
}

/** Rows in all tables together. */
export async function rowsIn(client: pg.Client): Promise<number> {
  let total = 0
  for (const { name } of (await contentsOf(client)).tables) {
    const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${name}`)
    total += rows[0]?.rows ?? 0
  }
  return total
}

/** Drops everything a shop made in a database, in one transaction. Extensions stay: they may be somebody else's. */
export async function clearGround(client: pg.Client): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query('DROP SCHEMA IF EXISTS chassis CASCADE')
    // Tables first: they take their own sequences with them, which cannot go before.
    const { rows } = await client.query<{ drop: string }>(`
      SELECT format('DROP %s IF EXISTS %I.%I CASCADE',
        CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS drop,
        CASE c.relkind WHEN 'v' THEN 1 WHEN 'm' THEN 1 WHEN 'S' THEN 3 ELSE 2 END AS turn
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${notOfExtension('pg_class', 'c')}
      UNION ALL
      SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure), 4
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'public' AND ${notOfExtension('pg_proc', 'p')}
      UNION ALL
      SELECT format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname), 5
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname = 'public' AND t.typtype IN ('e', 'd') AND ${notOfExtension('pg_type', 't')}
      ORDER BY turn`)
    for (const { drop } of rows) await client.query(drop)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

function notOfExtension(catalogue: string, alias: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalogue}'::regclass AND d.objid = ${alias}.oid AND d.deptype = 'e')`
}
