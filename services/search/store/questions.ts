/** What shoppers asked for and found. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import { STRETCHES_MIN } from '../domain/common.ts'
import type { Suggestion } from '../engine.ts'
import { beginningsOf } from './suggest.ts'

/** Adds questions of one stretch of time. */
export async function addQuestions(db: Db, stretch: number, questions: readonly { question: string; asked: number }[]): Promise<void> {
  await db.run(sql`
    INSERT INTO questions AS q (question, asked, stretches, last_stretch)
    SELECT question, asked, 1, ${stretch}::bigint FROM unnest(${questions.map((one) => one.question)}::text[], ${questions.map((one) => one.asked)}::bigint[]) AS given(question, asked)
    ON CONFLICT (question) DO UPDATE SET asked = q.asked + excluded.asked, stretches = q.stretches + (q.last_stretch < excluded.last_stretch)::integer,
      last_stretch = greatest(q.last_stretch, excluded.last_stretch)`)
}

/** Forgets what was last asked before a stretch, and of the rest the least common ones beyond `max`. */
export async function trimQuestions(db: Db, since: number, max: number): Promise<void> {
  await db.run(sql`DELETE FROM questions WHERE last_stretch < ${since}::bigint`)
  await db.run(sql`
    DELETE FROM questions WHERE question IN (SELECT question FROM questions ORDER BY stretches DESC, last_stretch DESC, question OFFSET ${max}::integer)`)
}

/** Common questions that begin like this, the commonest first. */
export async function suggestQuestions(db: Db, beginning: string, limit: number): Promise<Suggestion[]> {
  const [from, to] = beginningsOf(beginning)
  return db.rows<Suggestion>(sql`
    SELECT question AS text, NULL AS slug FROM questions WHERE question BETWEEN ${from} AND ${to} AND stretches >= ${STRETCHES_MIN}::integer
    ORDER BY stretches DESC, asked DESC, question LIMIT ${limit}::integer`)
}
