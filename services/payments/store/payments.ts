/** Payments, their operations and the history of these. */
import { sql, type Db, type Statement, type Tx } from '@stoa/chassis/database/sql.ts'
import { traceparentFor } from '@stoa/chassis/telemetry/trace.ts'
import type { Decision } from '../domain/evidence.ts'
import type { Op, Payment, Standing } from '../domain/payment.ts'

/** Sealed secrets of operations that begin, by operation. */
export type SecretsByOp = ReadonlyMap<string, string>

/** A payment as pages show it. */
export interface PaymentView extends Payment {
  readonly createdAt: Date
}

/** An operation as pages show it. */
export interface OpView extends Op {
  readonly createdAt: Date
}

const PAYMENT = `order_id AS "orderId", number, method, provider, amount_minor AS "amountMinor", currency, state, attempt, placed, cancelled, shipped, over,
  captured_minor AS "capturedMinor", refund_ordered_minor AS "refundOrderedMinor", refunded_minor AS "refundedMinor"`
const OP = `id, order_id AS "orderId", kind, attempt, provider, amount_minor AS "amountMinor", currency, state, reason, hosted, action_url AS "actionUrl",
  tries, reached, inquiries, absences, ending, closed, abandoned, charge_id AS "chargeId", charge_state AS "chargeState", revision`

function statement(name: string, text: string): (...values: unknown[]) => Statement {
  return (...values) => ({ name: `payments-${name}`, text, values })
}

const lockPayments = statement(
  'lock',
  `SELECT ${PAYMENT} FROM payments WHERE order_id = ANY((SELECT $1)::uuid[]) ORDER BY order_id FOR UPDATE`,
)
const lockOps = statement('lock-ops', `SELECT ${OP} FROM payment_ops WHERE order_id = ANY((SELECT $1)::uuid[]) ORDER BY id FOR UPDATE`)
const readPayments = statement(
  'read',
  `SELECT ${PAYMENT}, created_at AS "createdAt" FROM payments WHERE order_id = ANY((SELECT $1)::uuid[])`,
)
const readOps = statement(
  'read-ops',
  `SELECT ${OP}, created_at AS "createdAt" FROM payment_ops WHERE order_id = ANY((SELECT $1)::uuid[]) ORDER BY id`,
)
const readTasks = statement(
  'read-tasks',
  `SELECT ${OP}, secrets, (SELECT placed FROM payments p WHERE p.order_id = o.order_id) AS placed,
    (SELECT cancelled FROM payments p WHERE p.order_id = o.order_id) AS cancelled FROM payment_ops o WHERE id = ANY((SELECT $1)::uuid[])`,
)

/** Locks payments with their operations, in order of their ids, so that rivals wait and never deadlock. Unknown ones are left out. */
export async function lockStandings(tx: Tx, orderIds: readonly string[]): Promise<Map<string, Standing>> {
  const payments = await tx.rows<Payment>(lockPayments(orderIds))
  // A statement of its own: only a snapshot taken under the lock sees what rivals wrote.
  const ops = payments.length === 0 ? [] : await tx.rows<Op>(lockOps(payments.map((one) => one.orderId)))
  return standingsOf(payments, ops)
}

/** Payments as they stand now, without locks. */
export async function readStandings(
  db: Db,
  orderIds: readonly string[],
): Promise<Map<string, { payment: PaymentView; ops: readonly OpView[] }>> {
  const payments = await db.rows<PaymentView>(readPayments(orderIds))
  const ops = payments.length === 0 ? [] : await db.rows<OpView>(readOps(payments.map((one) => one.orderId)))
  return standingsOf(payments, ops)
}

function standingsOf<P extends Payment, O extends Op>(
  payments: readonly P[],
  ops: readonly O[],
): Map<string, { payment: P; ops: readonly O[] }> {
  const byOrder = Map.groupBy(ops, (op) => op.orderId)
  return new Map(payments.map((payment) => [payment.orderId, { payment, ops: byOrder.get(payment.orderId) ?? [] }]))
}

/** An operation with what the next step needs to know. */
export interface Work {
  readonly op: Op
  readonly secrets: string | null
  readonly order: { readonly placed: boolean; readonly cancelled: boolean }
}

/** The operations that tasks are about. */
export async function readWorks(db: Db, opIds: readonly string[]): Promise<Map<string, Work>> {
  const rows = await db.rows<Op & { secrets: string | null; placed: boolean; cancelled: boolean }>(readTasks(opIds))
  return new Map(rows.map(({ secrets, placed, cancelled, ...op }) => [op.id, { op, secrets, order: { placed, cancelled } }]))
}

/** A try about to be made: the operation as the worker read it, and the fingerprint of what is sent. */
export interface Claim {
  readonly op: Op
  readonly requestHash: string
}

/**
 * Notes tries before they are made, by compare-and-set on what the worker read: what moved meanwhile is left out.
 * `conflict`: another request was sent under this key before.
 */
export async function claimTries(db: Db, claims: readonly Claim[]): Promise<Map<string, 'claimed' | 'conflict'>> {
  const given = claims.map(({ op: { id, tries, state, ending }, requestHash }) => ({ id, tries, state, ending, hash: requestHash }))
  const rows = await db.rows<{ id: string; same: boolean }>(sql`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb) AS g(id uuid, tries integer, state text, ending boolean, hash text)
    ), locked AS (
      SELECT o.id FROM payment_ops o WHERE o.id IN (SELECT id FROM given) ORDER BY o.id FOR UPDATE
    ), claimed AS (
      UPDATE payment_ops o SET
        state = CASE o.state WHEN 'created' THEN 'sent' ELSE o.state END,
        tries = o.tries + CASE WHEN coalesce(o.request_hash, g.hash) = g.hash THEN 1 ELSE 0 END,
        hash_conflicts = o.hash_conflicts + CASE WHEN coalesce(o.request_hash, g.hash) = g.hash THEN 0 ELSE 1 END,
        request_hash = coalesce(o.request_hash, g.hash), sent_at = now(), updated_at = now()
      FROM given g JOIN locked l ON l.id = g.id
      WHERE o.id = g.id AND o.tries = g.tries AND o.state = g.state AND o.ending = g.ending
      RETURNING o.id, o.request_hash = g.hash AS same, g.state AS before
    ), noted AS (
      INSERT INTO op_history (op_id, from_state, to_state, cause) SELECT id, 'created', 'sent', 'clock' FROM claimed WHERE before = 'created'
    )
    SELECT id, same FROM claimed`)
  return new Map(rows.map((row) => [row.id, row.same ? 'claimed' : 'conflict']))
}

/** Adds payments that nobody has begun yet; known ones stay as they are. */
export async function addPayments(tx: Tx, payments: readonly Payment[]): Promise<void> {
  if (payments.length === 0) return
  await tx.run(sql`
    INSERT INTO payments (order_id, method, provider, amount_minor, currency, state)
    SELECT "orderId", method, provider, "amountMinor", currency, 'none'
      FROM jsonb_to_recordset(${JSON.stringify(payments)}::jsonb) AS p("orderId" uuid, method text, provider text, "amountMinor" bigint, currency text)
      ORDER BY "orderId"
    ON CONFLICT DO NOTHING`)
}

/** Writes payments that begin, with their first operation, in one statement. Answers those that are new; known ones are left alone. */
export async function insertPayments(db: Db, decisions: readonly Decision[], secrets: SecretsByOp): Promise<Set<string>> {
  const payments = decisions.map((one) => one.payment)
  const ops = decisions.flatMap((one) => one.ops.map((op) => rowOf(op, secrets)))
  const rows = await db.rows<{ orderId: string }>(sql`
    WITH added AS (
      INSERT INTO payments (order_id, method, provider, amount_minor, currency, state, attempt)
      SELECT "orderId", method, provider, "amountMinor", currency, state, attempt
        FROM jsonb_to_recordset(${JSON.stringify(payments)}::jsonb) AS p("orderId" uuid, method text, provider text, "amountMinor" bigint, currency text, state text, attempt uuid)
        ORDER BY "orderId"
      ON CONFLICT DO NOTHING RETURNING order_id
    ), begun AS (
      INSERT INTO payment_ops (id, order_id, kind, attempt, provider, amount_minor, currency, state, hosted, secrets, traceparent)
      SELECT id, "orderId", kind, attempt, provider, "amountMinor", currency, state, hosted, secrets, traceparent
        FROM jsonb_to_recordset(${JSON.stringify(ops)}::jsonb) AS n(id uuid, "orderId" uuid, kind text, attempt uuid, provider text, "amountMinor" bigint, currency text,
          state text, hosted boolean, secrets text, traceparent text) JOIN added ON order_id = "orderId"
      RETURNING id, state
    ), noted AS (
      INSERT INTO op_history (op_id, to_state, cause) SELECT id, state, 'shopper' FROM begun
    )
    SELECT order_id AS "orderId" FROM added`)
  return new Set(rows.map((row) => row.orderId))
}

/** Writes decisions: payments, operations and history in one statement. */
export async function saveDecisions(tx: Tx, decisions: readonly Decision[], secrets: SecretsByOp): Promise<void> {
  const payments = decisions.map((one) => one.payment)
  const ops = decisions.flatMap((one) => one.changed.map((op) => rowOf(op, secrets)))
  const history = decisions.flatMap((one) => one.transitions)
  await tx.run(sql`
    WITH saved AS (
      UPDATE payments p SET number = n.number, method = n.method, provider = n.provider, amount_minor = n."amountMinor", currency = n.currency, state = n.state,
        attempt = n.attempt, placed = n.placed, cancelled = n.cancelled, shipped = n.shipped, over = n.over, captured_minor = n."capturedMinor",
        refund_ordered_minor = n."refundOrderedMinor", refunded_minor = n."refundedMinor", updated_at = now()
      FROM jsonb_to_recordset(${JSON.stringify(payments)}::jsonb) AS n("orderId" uuid, number text, method text, provider text, "amountMinor" bigint, currency text,
        state text, attempt uuid, placed boolean, cancelled boolean, shipped boolean, over boolean, "capturedMinor" bigint, "refundOrderedMinor" bigint, "refundedMinor" bigint)
      WHERE p.order_id = n."orderId"
    ), moved AS (
      INSERT INTO payment_ops AS o (id, order_id, kind, attempt, provider, amount_minor, currency, state, reason, hosted, action_url, tries, reached, inquiries, absences,
        ending, closed, abandoned, charge_id, charge_state, revision, secrets, traceparent)
      SELECT id, "orderId", kind, attempt, provider, "amountMinor", currency, state, reason, hosted, "actionUrl", tries, reached, inquiries, absences,
        ending, closed, abandoned, "chargeId", "chargeState", revision, secrets, traceparent
      FROM jsonb_to_recordset(${JSON.stringify(ops)}::jsonb) AS n(id uuid, "orderId" uuid, kind text, attempt uuid, provider text, "amountMinor" bigint, currency text,
        state text, reason text, hosted boolean, "actionUrl" text, tries integer, reached integer, inquiries integer, absences integer,
        ending boolean, closed boolean, abandoned boolean, "chargeId" text, "chargeState" text, revision bigint, secrets text, traceparent text)
      ON CONFLICT (id) DO UPDATE SET amount_minor = excluded.amount_minor, currency = excluded.currency, state = excluded.state, reason = excluded.reason,
        action_url = excluded.action_url, tries = excluded.tries, reached = excluded.reached, inquiries = excluded.inquiries, absences = excluded.absences,
        ending = excluded.ending, closed = excluded.closed, abandoned = excluded.abandoned, charge_id = excluded.charge_id, charge_state = excluded.charge_state,
        revision = excluded.revision, updated_at = now(),
        unknown_at = CASE WHEN excluded.state = 'unknown' THEN coalesce(o.unknown_at, now()) ELSE o.unknown_at END,
        secrets = CASE WHEN excluded.state IN ('succeeded', 'failed') OR excluded.revision > 0 THEN NULL ELSE coalesce(excluded.secrets, o.secrets) END
    )
    INSERT INTO op_history (op_id, from_state, to_state, cause, reason)
    SELECT "opId", "from", "to", cause, reason
      FROM jsonb_to_recordset(${JSON.stringify(history)}::jsonb) AS n("opId" uuid, "from" text, "to" text, cause text, reason text)`)
}

/** An operation as it is written. It keeps the trace of what began it, whatever tells of it later. */
function rowOf(op: Op, secrets: SecretsByOp) {
  return { ...op, secrets: secrets.get(op.id) ?? null, traceparent: traceparentFor(op.orderId) ?? null }
}

/** Replaces the sealed secrets of an attempt that has not begun. */
export async function replaceSecrets(tx: Tx, opId: string, secrets: string): Promise<void> {
  await tx.run(sql`UPDATE payment_ops SET secrets = ${secrets} WHERE id = ${opId} AND tries = 0 AND state = 'created'`)
}

/** Which of `opIds` are operations, and whose. */
export async function ordersOfOps(db: Db, opIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.rows<{ id: string; orderId: string }>(
    sql`SELECT id, order_id AS "orderId" FROM payment_ops WHERE id::text = ANY(${opIds}::text[])`,
  )
  return new Map(rows.map((row) => [row.id, row.orderId]))
}

/** Whose operation this is, and the trace of what began it; undefined when it is none. */
export function beginningOfOp(db: Db, opId: string): Promise<{ orderId: string; traceparent: string | null } | undefined> {
  return db.maybe(sql`SELECT order_id AS "orderId", traceparent FROM payment_ops WHERE id::text = ${opId}`)
}

/** Operations that have not moved for long: they are worked on at once. */
export async function staleOps(db: Db, olderThanSeconds: number, limit: number): Promise<string[]> {
  const rows = await db.rows<{ id: string }>(sql`
    SELECT o.id FROM payment_ops o JOIN payments p USING (order_id)
    WHERE o.state IN ('created', 'sent', 'unknown', 'requires-action') AND o.kind <> 'receipt' AND (p.placed OR o.ending)
      AND o.updated_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
    ORDER BY o.updated_at LIMIT ${limit}`)
  return rows.map((row) => row.id)
}

/** Payments prepared for orders that never came. */
export async function unplacedPayments(db: Db, olderThanSeconds: number, limit: number): Promise<string[]> {
  const rows = await db.rows<{ orderId: string }>(sql`
    SELECT order_id AS "orderId" FROM payments WHERE NOT placed AND NOT over AND created_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
    ORDER BY created_at LIMIT ${limit}`)
  return rows.map((row) => row.orderId)
}
