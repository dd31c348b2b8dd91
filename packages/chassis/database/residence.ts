/**
 * Where a shop lives. While it is moved from one PostgreSQL to another, a mark in each of its databases, on both sides, says what the
 * database is meanwhile; a shop does not start on one that is not its home. Decision 0016.
 */
import type pg from 'pg'

/**
 * `leaving`: being copied from. `away`: was copied, the shop lives elsewhere. `arriving`: an unfinished copy. `loaded`: a whole copy of a
 * shop of which other databases may be unfinished. `home`: the shop lives here.
 */
export type Residence = 'leaving' | 'away' | 'arriving' | 'loaded' | 'home'

/** `to`: out of the data directory; `from`: back into it. */
export type Direction = 'to' | 'from'

export interface Mark {
  /** Id of the move, the same in all databases of both sides. */
  readonly move: string
  readonly state: Residence
  readonly direction: Direction
  /** The other side, for people. */
  readonly other: string
  /** Sets shops apart: derived from the root key. */
  readonly shop: string
  /** When it was set; the server's own time when it is written. */
  readonly at: Date
}

/** Reads the mark of a database; undefined where there never was a move. */
export async function readMark(client: pg.Client): Promise<Mark | undefined> {
  // Asked for by name first: a statement on a missing table is an error, and would end a transaction.
  const { rows } = await client.query<{ marked: boolean }>(`SELECT to_regclass('moving.mark') IS NOT NULL AS marked`)
  if (!rows[0]?.marked) return undefined
  return (await client.query<Mark>('SELECT move, state, direction, other, shop, at FROM moving.mark')).rows[0]
}

/** Sets the mark of a database; undefined takes it away. */
export async function writeMark(client: pg.Client, mark: Omit<Mark, 'at'> | undefined): Promise<void> {
  if (!mark) {
    await client.query('DROP SCHEMA IF EXISTS moving CASCADE')
    return
  }
  await client.query('CREATE SCHEMA IF NOT EXISTS moving')
  await client.query(`CREATE TABLE IF NOT EXISTS moving.mark (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    move uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('leaving', 'away', 'arriving', 'loaded', 'home')),
    direction text NOT NULL CHECK (direction IN ('to', 'from')),
    other text NOT NULL,
    shop text NOT NULL,
    at timestamptz NOT NULL)`)
  await client.query(
    `INSERT INTO moving.mark (move, state, direction, other, shop, at) VALUES ($1, $2, $3, $4, $5, clock_timestamp())
     ON CONFLICT (one) DO UPDATE SET move = $1, state = $2, direction = $3, other = $4, shop = $5, at = clock_timestamp()`,
    [mark.move, mark.state, mark.direction, mark.other, mark.shop],
  )
}

/** Throws: when a shop must not start on this database, with the command that helps. */
export async function assertAtHome(client: pg.Client, database: string): Promise<void> {
  const mark = await readMark(client)
  const why = mark && notAtHome(mark)
  if (why) throw new Error(`the database ${database} ${why}`)
}

/** Why a shop must not start on a database with this mark; undefined when it may. */
export function notAtHome({ state, direction, other, at }: Mark): string | undefined {
  const same = `npm run move -- --${direction} FILE`
  if (state === 'home') return undefined
  if (state === 'away')
    return `was moved to ${other} on ${at.toISOString().slice(0, 10)}: start the shop there, or bring it back by npm run move -- --${direction === 'to' ? 'from' : 'to'} FILE --replace`
  return state === 'leaving'
    ? `is being moved to ${other}, and that is not finished: ${same} finishes it, ${same} --undo gives it up`
    : `is an unfinished copy of the shop at ${other}: ${same} finishes it, ${same} --undo gives it up`
}
