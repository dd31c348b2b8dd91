import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import { sql } from '@stoa/chassis/database/sql.ts'
import type { MailKind, TemplateName } from './domain/templates.ts'

export type MessageState = 'waiting' | 'sending' | 'in-doubt' | 'sent' | 'failed' | 'skipped'

export interface NewMessage {
  id: string
  /** The event or request that asks for it. */
  cause: string
  template: TemplateName
  /** `order:…`, `account:…`, `staff`, `given:…`. */
  recipient: string
  accountId: string | null
  facts: Readonly<Record<string, unknown>>
}

/** Takes messages down; one that is there already is left out. Answers the ids of the new ones. */
export async function insertMessages(tx: Tx, messages: readonly NewMessage[]): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    INSERT INTO messages (id, cause, template, recipient, account_id, facts)
    SELECT * FROM unnest(
      ${messages.map((one) => one.id)}::uuid[], ${messages.map((one) => one.cause)}::text[], ${messages.map((one) => one.template)}::text[],
      ${messages.map((one) => one.recipient)}::text[], ${messages.map((one) => one.accountId)}::uuid[], ${messages.map((one) => JSON.stringify(one.facts))}::jsonb[])
    ON CONFLICT (cause, template, recipient) DO NOTHING
    RETURNING id`)
  return rows.map((row) => row.id)
}

/** A message that staff ask for, with what they gave, sealed. */
export async function insertGivenMessage(
  tx: Tx,
  message: NewMessage & { givenSealed: string; toSealed: string; subjectSealed: string },
): Promise<Date> {
  const row = await tx.one<{ createdAt: Date }>(sql`
    INSERT INTO messages (id, cause, template, recipient, account_id, facts, given_sealed, to_sealed, subject_sealed)
    VALUES (${message.id}, ${message.cause}, ${message.template}, ${message.recipient}, ${message.accountId}, ${JSON.stringify(message.facts)}::jsonb,
      ${message.givenSealed}, ${message.toSealed}, ${message.subjectSealed})
    RETURNING created_at AS "createdAt"`)
  return row.createdAt
}

/** Messages of one template that a later one has made superfluous, if they still wait. Answers their ids. */
export async function supersede(tx: Tx, template: TemplateName, recipients: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    WITH held AS (
      SELECT id FROM messages WHERE template = ${template} AND recipient = ANY(${recipients}::text[]) AND state = 'waiting' ORDER BY id FOR UPDATE
    )
    UPDATE messages m SET state = 'skipped', last_error = 'a later message says more' FROM held WHERE m.id = held.id
    RETURNING m.id`)
  return rows.map((row) => row.id)
}

export interface MessageRow {
  id: string
  cause: string
  template: TemplateName
  recipient: string
  accountId: string | null
  facts: Record<string, unknown>
  givenSealed: string | null
  state: MessageState
  toSealed: string | null
  subjectSealed: string | null
  tries: number
  createdAt: Date
  sentAt: Date | null
  ageSeconds: number
  secondsSinceHandover: number
  /** The database's clock when the row was read. */
  readAt: Date
}

export async function findMessages(db: Db, ids: readonly string[]): Promise<Map<string, MessageRow>> {
  const rows = await db.rows<MessageRow>(sql`
    SELECT id, cause, template, recipient, account_id AS "accountId", facts, given_sealed AS "givenSealed", state, to_sealed AS "toSealed",
      subject_sealed AS "subjectSealed", tries, created_at AS "createdAt", sent_at AS "sentAt",
      extract(epoch FROM clock_timestamp() - created_at)::float8 AS "ageSeconds",
      COALESCE(extract(epoch FROM clock_timestamp() - handed_over_at), 0)::float8 AS "secondsSinceHandover", clock_timestamp() AS "readAt"
    FROM messages WHERE id = ANY(${ids}::uuid[])`)
  return new Map(rows.map((row) => [row.id, row]))
}

/** What is found out about a message when it is about to be handed over. */
export interface Handing {
  readonly id: string
  readonly accountId: string | null
  readonly toSealed: string
  readonly subjectSealed: string
}

/** Marks that handovers begin; answers the ids. One that is left out is not waiting (any more), and not to be sent. */
export async function beginHandovers(db: Db, given: readonly Handing[]): Promise<Set<string>> {
  const rows = await db.rows<{ id: string }>(sql`
    WITH held AS (SELECT id FROM messages WHERE id = ANY(${given.map((one) => one.id)}::uuid[]) AND state = 'waiting' ORDER BY id FOR UPDATE)
    UPDATE messages m SET state = 'sending', handed_over_at = clock_timestamp(), tries = tries + 1, account_id = COALESCE(m.account_id, g.account_id),
      to_sealed = g.to_sealed, subject_sealed = g.subject_sealed
    FROM held JOIN unnest((SELECT ${given.map((one) => one.id)})::uuid[], ${given.map((one) => one.accountId)}::uuid[],
      ${given.map((one) => one.toSealed)}::text[], ${given.map((one) => one.subjectSealed)}::text[]) AS g(id, account_id, to_sealed, subject_sealed) USING (id)
    WHERE m.id = held.id RETURNING m.id`)
  return new Set(rows.map((row) => row.id))
}

/** The end of a try, for a message that is in the state `from`. */
export interface TryEnd {
  readonly id: string
  readonly from: 'sending' | 'in-doubt'
  readonly to: MessageState
  readonly why: string | null
}

/** Ends tries; answers the ids. One that is left out is no longer in the state it came from. */
export async function endTries(tx: Tx, ends: readonly TryEnd[]): Promise<Set<string>> {
  const rows = await tx.rows<{ id: string }>(sql`
    WITH held AS (SELECT id FROM messages WHERE id = ANY(${ends.map((one) => one.id)}::uuid[]) ORDER BY id FOR UPDATE)
    UPDATE messages m SET state = e.state, last_error = e.why,
      times_accepted = times_accepted + CASE WHEN e.state = 'sent' THEN 1 ELSE 0 END,
      sent_at = CASE WHEN e.state = 'sent' THEN clock_timestamp() ELSE sent_at END
    FROM held JOIN unnest((SELECT ${ends.map((one) => one.id)})::uuid[], ${ends.map((one) => one.from)}::text[],
      ${ends.map((one) => one.to)}::text[], ${ends.map((one) => one.why)}::text[]) AS e(id, before, state, why) USING (id)
    WHERE m.id = held.id AND m.state = e.before RETURNING m.id`)
  return new Set(rows.map((row) => row.id))
}

/** Ends a message that is not to be sent at all. */
export async function endUnsent(tx: Tx, id: string, state: 'skipped' | 'failed', why: string): Promise<void> {
  await tx.run(sql`UPDATE messages SET state = ${state}, last_error = ${why} WHERE id = ${id} AND state = 'waiting'`)
}

/** Messages of an account that got as far as having content, newest first, after `beforeId`. */
export async function messagesOf(db: Db, accountId: string, beforeId: string | null, limit: number): Promise<MessageRow[]> {
  return db.rows(sql`
    SELECT id, cause, template, recipient, account_id AS "accountId", facts, given_sealed AS "givenSealed", state, to_sealed AS "toSealed",
      subject_sealed AS "subjectSealed", tries, created_at AS "createdAt", sent_at AS "sentAt", 0::float8 AS "ageSeconds", 0::float8 AS "secondsSinceHandover", clock_timestamp() AS "readAt"
    FROM messages
    WHERE account_id = ${accountId} AND to_sealed IS NOT NULL AND (${beforeId}::uuid IS NULL OR id < ${beforeId}::uuid)
    ORDER BY id DESC LIMIT ${limit}`)
}

/** Whether a guest has ended mails of a kind. */
export async function isUnsubscribed(db: Db, guestHash: string, kind: MailKind): Promise<boolean> {
  return (await db.maybe(sql`SELECT 1 FROM unsubscribed_guests WHERE guest_hash = ${guestHash} AND kind = ${kind}`)) !== undefined
}

export async function setGuestWish(tx: Tx, guestHash: string, kind: MailKind, wanted: boolean): Promise<void> {
  await tx.run(
    wanted
      ? sql`DELETE FROM unsubscribed_guests WHERE guest_hash = ${guestHash} AND kind = ${kind}`
      : sql`INSERT INTO unsubscribed_guests (guest_hash, kind) VALUES (${guestHash}, ${kind}) ON CONFLICT DO NOTHING`,
  )
}

/** Messages that a mail server took more than once. */
export async function sentTwice(db: Db): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    SELECT count(*)::bigint AS examined, count(*) FILTER (WHERE times_accepted > 1)::bigint AS broken,
      COALESCE((array_agg(template || ' ' || id) FILTER (WHERE times_accepted > 1))[1:10], '{}') AS examples
    FROM messages`)
}

/** Messages that have been in the hands of a try for too long: nobody looks after them. */
export async function stuckMessages(db: Db, hours: number): Promise<{ examined: number; broken: number; examples: string[] }> {
  return db.one(sql`
    SELECT count(*)::bigint AS examined, count(*) FILTER (WHERE stuck)::bigint AS broken,
      COALESCE((array_agg(template || ' ' || id) FILTER (WHERE stuck))[1:10], '{}') AS examples
    FROM (SELECT id, template, state = 'sending' AND handed_over_at < now() - make_interval(hours => ${hours}) AS stuck FROM messages) judged`)
}

export async function deleteOldMessages(tx: Tx, olderThanDays: number, limit: number): Promise<number> {
  return tx.run(sql`
    DELETE FROM messages USING (SELECT id FROM messages WHERE created_at < now() - make_interval(days => ${olderThanDays}) LIMIT ${limit}) old
    WHERE messages.id = old.id`)
}
