/** Changes a shop's books behind its back, and puts them back as they were. */
import { connectPast } from './witness.ts'

export interface Corruption {
  /** The check that must see it, as the doctor names it. */
  readonly check: string
  readonly database: string
  /** Tables that the statement touches: they are put back row by row. */
  readonly tables: readonly string[]
  readonly statement: string
  /** Puts back what is no row, such as a constraint that had to go first. */
  readonly after?: string
}

/** Corrupts, looks, mends. Triggers do not fire for the one who corrupts: what guards a book must not be what tells of its fault. */
export async function whileCorrupted<T>(
  dataDir: string,
  corruptions: readonly Omit<Corruption, 'check'>[],
  look: () => Promise<T>,
): Promise<T> {
  for (const one of corruptions) await corrupt(dataDir, one)
  try {
    return await look()
  } finally {
    for (const one of corruptions) await mend(dataDir, one)
  }
}

async function corrupt(dataDir: string, { database, tables, statement }: Omit<Corruption, 'check'>): Promise<void> {
  await connectPast(dataDir, database, async (client) => {
    await client.query('SET session_replication_role = replica')
    for (const [index, table] of tables.entries()) await client.query(`CREATE TABLE public.saved_${index} AS TABLE ${table}`)
    const { rowCount } = await client.query(statement)
    if (rowCount === 0) throw new Error(`nothing to corrupt in ${database}: ${statement}`)
  })
}

async function mend(dataDir: string, { database, tables, after }: Omit<Corruption, 'check'>): Promise<void> {
  await connectPast(dataDir, database, async (client) => {
    await client.query('BEGIN')
    await client.query('SET LOCAL session_replication_role = replica')
    for (const [index, table] of tables.entries()) {
      await client.query(`DELETE FROM ${table}`)
      await client.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM public.saved_${index}`)
      await client.query(`DROP TABLE public.saved_${index}`)
    }
    if (after) await client.query(after)
    await client.query('COMMIT')
  })
}
