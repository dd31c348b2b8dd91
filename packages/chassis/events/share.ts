/**
 * Replicas of a service share the partitions of what it reads and publishes. Each says every few seconds that it is alive and learns
 * who else is; which partitions are whose follows from that list by a pure function, without asking anybody. Two may think a partition
 * theirs for a moment: the compare-and-set of the position lets one of them through, so this is about waste, never about what is right
 * (decision 0015).
 */
import { sql, type Db } from '../database/sql.ts'

/** Partitions that are this process's to work. `term` is another whenever they are others. */
export interface Share {
  readonly term: number
  has(stream: string, part: number): boolean
}

/** The share of a process that is known to be the only one of its service. */
export const ALONE: Share = { term: 0, has: () => true }

export const BEAT_MS = 2000
/** Who was not seen for so long is taken for dead: a few missed beats. */
const GONE_SECONDS = 7

/** Whether partition `part` of `stream` belongs to member `id` of `members`: they take turns, beginning elsewhere for each stream. */
export function belongsTo(id: string, members: readonly string[], stream: string, part: number): boolean {
  const index = members.indexOf(id)
  if (index < 0) return false
  let start = 0
  for (const letter of stream) start = (start * 31 + letter.charCodeAt(0)) % 1009
  return (start + part) % members.length === index
}

/** One replica among those of its service. */
export class Replica {
  readonly #db: Db
  readonly #id: string
  #members: readonly string[] = []
  #share: Share = { term: 0, has: () => false }

  constructor(db: Db, id: string) {
    this.#db = db
    this.#id = id
  }

  /** What belongs to this replica, as of its last beat; nothing before the first. */
  get share(): Share {
    return this.#share
  }

  /** Says that it is alive and learns who else is. Answers whether its share is another now. Throws: when the database is away; the share stays. */
  async beat(): Promise<boolean> {
    const rows = await this.#db.rows<{ id: string }>(sql`
      WITH gone AS (
        -- Replicas that wake up together, all of them stale, must not wait for each other.
        DELETE FROM chassis.replicas WHERE id IN (
          SELECT id FROM chassis.replicas WHERE id <> ${this.#id} AND seen_at < clock_timestamp() - make_interval(secs => ${GONE_SECONDS}) FOR UPDATE SKIP LOCKED
        )
      ), me AS (
        INSERT INTO chassis.replicas (id, seen_at) VALUES (${this.#id}, clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at RETURNING id
      )
      SELECT id FROM me
      UNION SELECT id FROM chassis.replicas WHERE seen_at >= clock_timestamp() - make_interval(secs => ${GONE_SECONDS})
      ORDER BY id`)
    const members = rows.map((row) => row.id)
    if (members.join() === this.#members.join()) return false
    this.#members = members
    this.#share = { term: this.#share.term + 1, has: (stream, part) => belongsTo(this.#id, members, stream, part) }
    return true
  }

  /** Leaves at once what would else be free only when it is missed. */
  async leave(): Promise<void> {
    this.#share = { term: this.#share.term + 1, has: () => false }
    await this.#db.run(sql`DELETE FROM chassis.replicas WHERE id = ${this.#id}`)
  }
}
