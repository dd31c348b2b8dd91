/** Whether two tables hold the same rows, without carrying them anywhere. */
import pg from 'pg'
import type { Table } from './tables.ts'

export interface Sum {
  readonly rows: number
  /** The same for the same rows, in whatever order they lie. */
  readonly hash: string
}

/**
 * Counts the rows of a table and adds up the hashes of their text. SHA-256 and no cheaper one: MD5 is forbidden on some servers, and
 * PostgreSQL's own hash functions may change from version to version.
 */
export async function sumOf(client: pg.Client, { name, columns }: Table): Promise<Sum> {
  const row = `ROW(${columns.map((one) => pg.escapeIdentifier(one.name)).join(', ')})::text`
  const { rows } = await client.query<{ rows: number; hash: string }>(`
    SELECT count(*)::float8 AS rows,
      coalesce(sum(('x' || left(hash, 16))::bit(64)::bigint), 0) || '/' || coalesce(sum(('x' || substr(hash, 17, 16))::bit(64)::bigint), 0) AS hash
    FROM (SELECT encode(sha256(convert_to(${row}, 'UTF8')), 'hex') AS hash FROM ${name}) hashed`)
  return rows[0] as Sum
}
