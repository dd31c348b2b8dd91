/** The rows that search makes of events, read past it; and search made to read every event again. */
import { connectPast, query } from './witness.ts'

/** Each with what must not be compared: when things happened, not what. */
const TABLES: Readonly<Record<string, string>> = {
  documents: '',
  contents: '',
  facts: "- 'standing_before' - 'standing_at'",
  sku_facts: '',
  categories: '',
  texts: '',
  shelves: '',
}

/** All rows by table, as JSON, in a fixed order. */
export async function indexRows(dataDir: string): Promise<Record<string, string[]>> {
  const tables = Object.entries(TABLES).map(async ([table, without]) => {
    const text = `SELECT (to_jsonb(t) ${without})::text AS row FROM ${table} t ORDER BY 1`
    return [table, (await query<{ row: string }>(dataDir, undefined, 'search', text)).map((one) => one.row)] as const
  })
  return Object.fromEntries(await Promise.all(tables))
}

/** Empties the index and sends its readers back to the beginning. They notice when they live again. */
export async function readAllAgain(dataDir: string): Promise<void> {
  await connectPast(dataDir, 'search', async (client) => {
    await client.query('BEGIN')
    await client.query(`TRUNCATE ${Object.keys(TABLES).join(', ')}`)
    await client.query('UPDATE chassis.consumer_position SET last_seq = 0')
    await client.query('COMMIT')
  })
}
