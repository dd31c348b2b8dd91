/** What there is to copy in a service's database, and in which order. */
import type pg from 'pg'

export interface Column {
  readonly name: string
  readonly type: string
  /** Computed from others: it is compared, and never written. */
  readonly generated: boolean
}

export interface Table {
  /** Quoted, with its schema. */
  readonly name: string
  readonly columns: readonly Column[]
  /** Tables it refers to, in a way that is checked before the commit. */
  readonly refersTo: readonly string[]
}

export interface Contents {
  readonly tables: readonly Table[]
  /** Quoted, with their schema. */
  readonly sequences: readonly string[]
}

/**
 * Tables that stay behind. `replicas` are processes that are alive, and none is. `published` says how far a stream was copied to *one*
 * Kafka: at the other side there is none, or perhaps another one, whose topics are empty, and readers would halt at a gap that nobody fills.
 * Without the row everything is published from the first event on, and whoever has an event drops it.
 */
export const LEFT_BEHIND: readonly string[] = ['chassis.replicas', 'chassis.published']

/** Relations of the shop: not the server's, not an extension's, not the mark of the move itself. */
const OWN = `n.nspname NOT IN ('pg_catalog', 'information_schema', 'moving') AND n.nspname NOT LIKE 'pg\\_%'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`

/** Reads the catalogue of a database. */
export async function contentsOf(client: pg.Client): Promise<Contents> {
  const { rows: columns } = await client.query<{ table: string; name: string; type: string; generated: boolean }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
      a.attgenerated <> '' AS generated
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ${OWN}
    ORDER BY n.nspname, c.relname, a.attnum`)
  const { rows: references } = await client.query<{ table: string; to: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS "table", format('%I.%I', m.nspname, t.relname) AS "to"
    FROM pg_constraint k
      JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace m ON m.oid = t.relnamespace
    WHERE k.contype = 'f' AND NOT k.condeferrable AND c.oid <> t.oid AND ${OWN}`)
  const { rows: sequences } = await client.query<{ name: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND ${OWN} ORDER BY 1`)
  const names = [...new Set(columns.map((one) => one.table))]
  return {
    tables: names.map((name) => ({
      name,
      columns: columns.flatMap((one) =>
        one.table === name && one.name !== null ? [{ name: one.name, type: one.type, generated: one.generated }] : [],
      ),
      refersTo: references.flatMap((one) => (one.table === name ? [one.to] : [])),
    })),
    sequences: sequences.map((one) => one.name),
  }
}

/** Tables, each after those it refers to. Throws: when some refer to each other in a circle. */
export function inOrder(tables: readonly Table[]): Table[] {
  const done = new Set<string>()
  const ordered: Table[] = []
  let waiting = [...tables]
  while (waiting.length > 0) {
    const ready = waiting.filter((table) => table.refersTo.every((one) => done.has(one) || !tables.some(({ name }) => name === one)))
    if (ready.length === 0) throw new Error(`these tables refer to each other in a circle: ${waiting.map((one) => one.name).join(', ')}`)
    for (const table of ready) done.add(table.name)
    ordered.push(...ready)
    waiting = waiting.filter((table) => !done.has(table.name))
  }
  return ordered
}

/** What is in one database and not, or not so, in the other, in words. Both were made by the same migrations, so nothing is the rule. */
export function differences(source: Contents, target: Contents): string[] {
  const lines = ({ tables, sequences }: Contents) => [
    ...tables.map(
      ({ name, columns }) => `${name} (${columns.map((one) => `${one.name} ${one.type}${one.generated ? ' computed' : ''}`).join(', ')})`,
    ),
    ...sequences.map((name) => `the sequence ${name}`),
  ]
  const [here, there] = [lines(source), lines(target)]
  return [
    ...here.filter((one) => !there.includes(one)).map((one) => `only where it is now: ${one}`),
    ...there.filter((one) => !here.includes(one)).map((one) => `only where it goes: ${one}`),
  ]
}
