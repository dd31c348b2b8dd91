/**
 * A checker that shares no code with the shop: it compares the buyers' own record with the gateway's book, the ledger
 * and the stock, each read at its source.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** What a buyer knows: the key they sent and the order they were promised. */
export interface Bought {
  readonly key: string
  readonly sku: string
  readonly quantity: number
  readonly orderId: string
  /** Paid by transfer: the gateway knows nothing of it. */
  readonly byTransfer?: boolean
}

/** Runs SQL in the database of a service, past the shop. */
export type Ask = <Row extends object>(database: string, text: string) => Promise<Row[]>

interface Running {
  readonly databaseHost: string
  readonly databasePrefix: string
  readonly sandboxUrl: string
}

interface Charge {
  readonly id: string
  readonly orderId: string
  readonly state: string
  readonly amount: { readonly amount: number }
}

const LIVE = new Set(['authorized', 'captured', 'partially-refunded'])

/**
 * Everything that does not agree, in words; empty when all is right. The shop must run and be at rest. `elsewhere` asks databases that are
 * not the shop's own PostgreSQL.
 */
export async function disagreements(dataDir: string, bought: readonly Bought[], elsewhere?: Ask): Promise<string[]> {
  const running = runningAt(dataDir)
  const asked = elsewhere ?? pastShop(dataDir, running)
  const orders = await asked<{ order_id: string; status: string; total_minor: string }>(
    'orders',
    'SELECT order_id, status, total_minor FROM orders',
  )
  const byTransfer = new Set(bought.flatMap((one) => (one.byTransfer ? [one.orderId] : [])))
  const charges = await allCharges(dataDir, running)
  const found: string[] = []
  const status = new Map(orders.map((row) => [row.order_id, row.status]))
  const promised = new Set(bought.map((one) => one.orderId))
  for (const one of bought) if (!status.has(one.orderId)) found.push(`order ${one.orderId} was promised and is lost`)
  for (const orderId of status.keys()) if (!promised.has(orderId)) found.push(`order ${orderId} was never promised to anybody`)
  if (promised.size !== new Set(bought.map((one) => one.key)).size) found.push('two requests share an order, or one request has two')
  for (const row of orders)
    found.push(
      ...moneyOf(
        row,
        charges.filter((one) => one.orderId === row.order_id && LIVE.has(one.state)),
        byTransfer.has(row.order_id) ? 0 : 1,
      ),
    )
  for (const charge of charges)
    if (LIVE.has(charge.state) && !status.has(charge.orderId)) found.push(`charge ${charge.id} holds money for no order`)
  found.push(...(await stockOf(asked, bought, status)))
  const ledger = await asked<{ sum: string }>(
    'payments',
    'SELECT coalesce(sum(amount_minor), 0) AS sum FROM ledger_postings GROUP BY currency HAVING sum(amount_minor) <> 0',
  )
  if (ledger.length > 0) found.push('the ledger does not sum to zero')
  return found
}

/** Orders that are neither confirmed nor cancelled yet. */
export async function unendedOrders(dataDir: string, elsewhere?: Ask): Promise<string[]> {
  const asked = elsewhere ?? pastShop(dataDir, runningAt(dataDir))
  const orders = await asked<{ order_id: string }>('orders', "SELECT order_id FROM orders WHERE status = 'PENDING'")
  return orders.map((one) => one.order_id)
}

function runningAt(dataDir: string): Running {
  return JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as Running
}

function pastShop(dataDir: string, running: Running): Ask {
  return (database, text) => query(dataDir, running, database, text)
}

function moneyOf(order: { order_id: string; status: string; total_minor: string }, live: readonly Charge[], charges: number): string[] {
  if (order.status === 'CANCELLED') return live.length === 0 ? [] : [`cancelled order ${order.order_id} holds ${live.length} charges`]
  if (order.status === 'PENDING') return [`order ${order.order_id} never ended`]
  if (live.length !== charges) return [`${order.status} order ${order.order_id} has ${live.length} charges`]
  if (charges === 0) return []
  return live[0]?.amount.amount === Number(order.total_minor)
    ? []
    : [`order ${order.order_id} was charged ${live[0]?.amount.amount} instead of ${order.total_minor}`]
}

async function stockOf(asked: Ask, bought: readonly Bought[], status: ReadonlyMap<string, string>): Promise<string[]> {
  const wanted = new Map<string, number>()
  for (const sku of new Set(bought.map((one) => one.sku))) wanted.set(sku, 0)
  for (const one of new Map(bought.map((buy) => [buy.orderId, buy])).values())
    if (status.get(one.orderId) === 'CONFIRMED') wanted.set(one.sku, (wanted.get(one.sku) ?? 0) + one.quantity)
  const levels = await asked<{ sku: string; on_hand_units: string; reserved_units: string; moved: string }>(
    'inventory',
    'SELECT l.sku, l.on_hand_units, l.reserved_units, (SELECT sum(delta_units) FROM stock_movements m WHERE m.sku = l.sku) AS moved FROM stock_levels l',
  )
  return [...wanted].flatMap(([sku, units]) => {
    const level = levels.find((row) => row.sku === sku)
    if (!level) return [`${sku} has no stock level`]
    return [
      ...(Number(level.reserved_units) === units ? [] : [`${sku}: ${level.reserved_units} reserved, ${units} bought`]),
      ...(Number(level.on_hand_units) === Number(level.moved) ? [] : [`${sku}: ${level.on_hand_units} on hand, ${level.moved} moved`]),
    ]
  })
}

async function allCharges(dataDir: string, running: Running): Promise<Charge[]> {
  const secret = readFileSync(join(dataDir, 'sandbox/secret'), 'utf8').trim()
  const charges: Charge[] = []
  let before = ''
  for (let page = 0; page < 1000; page++) {
    const answer = await fetch(`${running.sandboxUrl}/gateway/charges?limit=100${before}`, {
      headers: { authorization: `Bearer ${secret}` },
    })
    if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`)
    const { items, nextCursor } = (await answer.json()) as { items: Charge[]; nextCursor: string | null }
    charges.push(...items)
    if (nextCursor === null) break
    before = `&before=${encodeURIComponent(nextCursor)}`
  }
  return charges
}

/** Runs SQL in one of the shop's databases, past the shop. */
export async function query<Row extends object>(
  dataDir: string,
  running: Pick<Running, 'databaseHost' | 'databasePrefix'> | undefined,
  database: string,
  text: string,
): Promise<Row[]> {
  return connectPast(dataDir, database, async (client) => (await client.query<Row>(text)).rows, running)
}

/** A connection to one of the shop's databases as its owner of owners, past the shop. */
export async function connectPast<T>(
  dataDir: string,
  database: string,
  work: (client: pg.Client) => Promise<T>,
  running?: Pick<Running, 'databaseHost' | 'databasePrefix'>,
): Promise<T> {
  const { databaseHost, databasePrefix } = running ?? runningAt(dataDir)
  const client = new pg.Client({
    host: databaseHost,
    port: 5432,
    user: 'stoa',
    password: readFileSync(join(dataDir, 'postgres.password'), 'utf8').trim(),
    database: `${databasePrefix}${database}`,
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
