/** This room beside a sandbox gateway in the same process, with orders played by a map. Pauses are short. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@stoa/chassis/database/sql.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import {
  OrderCancelled,
  OrderCreated,
  OrderDelivered,
  OrderShipped,
  PaymentDeadlinePassed,
  type CancelReason,
  type OrderStatus,
} from '@stoa/contracts/orders.ts'
import { PaymentProcessed, PreparePayment } from '@stoa/contracts/payments.ts'
import { newId } from '@stoa/kit/ids.ts'
import { startSandbox, type Sandbox, type SandboxTiming } from '@stoa/sandbox/start.ts'
import payments from '../service.ts'

export const SECRET = 'a-secret-only-for-payment-tests'
const WAIT_MS_MAX = 15_000

export interface ChargeView {
  readonly id: string
  readonly state: string
  readonly amount: { readonly amount: number }
  readonly captured: { readonly amount: number }
  readonly refunded: { readonly amount: number }
  readonly idempotencyKey: string
  readonly operations: readonly { readonly kind: string }[]
}

interface Wish {
  readonly method?: 'card' | 'bank-transfer' | 'cash-on-delivery'
  readonly token?: string | undefined
  readonly amountMinor?: number
  readonly orderId?: string
}

export type Shop = Awaited<ReturnType<typeof openShop>>

/** Opens room and sandbox. `lateMs` is a minute unless told. */
export async function openShop(options: { timing?: Partial<SandboxTiming>; chaos?: string; env?: Record<string, string> } = {}) {
  const data = mkdtempSync(join(tmpdir(), 'payments-test-'))
  const orders = new Map<
    string,
    { orderId: string; status: OrderStatus; number: string; total: { amount: number; currency: string }; owner: string; token: string }
  >()
  let room: Room | undefined
  const door = await startDoor((bytes, signature) => {
    const headers = { 'content-type': 'application/json', 'sandbox-signature': signature }
    return room?.house.server.inject({ method: 'POST', url: '/api/payments/webhooks/sandbox', headers, payload: bytes })
  })
  let sandbox = await start()
  room = await openRoom({
    services: [payments],
    deadlines: { payments: ['payments.created_at', 'payment_ops.updated_at', 'payment_ops.unknown_at'] },
    calls: {
      'orders.AuthorizeOrderAccess': (input: { orderId: string; accountId?: string; token?: string; staff: boolean }) => {
        const order = orders.get(input.orderId)
        if (!order || !(input.staff || input.accountId === order.owner || input.token === order.token)) return { refused: 'not-found' }
        const { orderId, status, number, total } = order
        return { orderId, status, number, total }
      },
      'orders.OrderStates': (input: { orderIds: string[] }) => ({
        items: input.orderIds.flatMap((id) => orders.get(id) ?? []).map(({ orderId, status, total }) => ({ orderId, status, total })),
      }),
    },
    env: { STOA_DEMO: 'on', STOA_SANDBOX_URL: sandbox.origin, STOA_SANDBOX_SECRET: SECRET, ...SHORT, ...options.env },
  })
  const open = room

  function start(): Promise<Sandbox> {
    const timing = { slowMs: 80, lateMs: 60_000, silenceMs: 2000, webhookFirstMs: 3000, retryMs: 20, chaosDelayMs: 150, ...options.timing }
    return startSandbox({
      data,
      secret: SECRET,
      shopOrigin: door.origin,
      timing,
      ...(options.chaos ? { webhookChaos: options.chaos } : {}),
    })
  }

  async function ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(sandbox.origin + path, {
      method,
      headers: { authorization: `Bearer ${SECRET}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as T
  }

  async function outcomes(orderId: string): Promise<string[]> {
    return (await open.events(PaymentProcessed)).filter((one) => one.orderId === orderId).map((one) => one.outcome)
  }

  async function prepare(wish: Wish = {}) {
    const { orderId = newId(), method = 'card', amountMinor = 1299 } = wish
    const token = method === 'card' && !('token' in wish) ? 'tok_ok' : wish.token
    const total = { amount: amountMinor, currency: 'EUR' }
    orders.set(orderId, {
      orderId,
      status: 'PENDING',
      number: `S-${orders.size + 100_001}`,
      total,
      owner: newId(),
      token: `view-${orderId}`,
    })
    const prepared = await open.call(PreparePayment, {
      orderId,
      amount: total,
      method,
      returnUrl: `http://127.0.0.1/orders/${orderId}`,
      ...(token === undefined ? {} : { token }),
    })
    return { orderId, method, total, prepared }
  }

  const lines: [] = []
  const facts = {
    created: async (
      orderId: string,
      method: 'card' | 'bank-transfer' | 'cash-on-delivery' = 'card',
      total = orders.get(orderId)?.total ?? { amount: 1299, currency: 'EUR' },
    ) =>
      open.publish(OrderCreated, {
        orderId,
        number: orders.get(orderId)?.number ?? 'S-1',
        accountId: null,
        cartId: null,
        lines,
        total,
        method,
        placedAt: new Date().toISOString(),
      }),
    cancelled: async (orderId: string, reason: CancelReason = 'customer') => {
      const order = orderOf(orderId)
      await open.publish(OrderCancelled, { orderId, reason, from: order.status, cartId: null, accountId: null, lines })
      order.status = 'CANCELLED'
    },
    shipped: async (orderId: string) => {
      orderOf(orderId).status = 'SHIPPED'
      await open.publish(OrderShipped, { orderId, trackingNumber: 'T1', total: orderOf(orderId).total, method: 'card' })
    },
    delivered: async (orderId: string) => {
      orderOf(orderId).status = 'DELIVERED'
      await open.publish(OrderDelivered, { orderId, total: orderOf(orderId).total, method: 'cash-on-delivery' })
    },
    deadlinePassed: (orderId: string) => open.publish(PaymentDeadlinePassed, { orderId }),
  }

  function orderOf(orderId: string) {
    const order = orders.get(orderId)
    if (!order) throw new Error(`no order ${orderId} in this test`)
    return order
  }

  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + WAIT_MS_MAX
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`still waiting for: ${what}`)
      await new Promise((go) => setTimeout(go, 10))
    }
  }

  return {
    room: open,
    orders,
    orderOf,
    facts,
    prepare,
    outcomes,
    until,
    ask,
    /** Prepares and places an order. */
    place: async (wish: Wish = {}) => {
      const placed = await prepare(wish)
      await facts.created(placed.orderId, placed.method)
      return placed.orderId
    },
    /** Waits until the last outcome told of an order is this. */
    told: (orderId: string, outcome: string) => until(`${orderId} ${outcome}`, async () => (await outcomes(orderId)).at(-1) === outcome),
    charges: async (orderId: string) => (await ask<{ items: ChargeView[] }>('GET', `/gateway/charges?orderId=${orderId}`)).items,
    control: (name: string, body: unknown) => ask('POST', `/control/${name}`, body),
    status: async (orderId: string) => (await open.request(`GET /api/payment/status?orderId=${orderId}&token=view-${orderId}`)).body,
    ledger: async (orderId: string) => {
      const rows = await open.db('payments').rows<{ account: string; total: number }>(sql`
        SELECT account, sum(amount_minor)::bigint AS total FROM ledger_postings JOIN ledger_entries ON id = entry_id WHERE order_id = ${orderId} GROUP BY account HAVING sum(amount_minor) <> 0`)
      return Object.fromEntries(rows.map((row) => [row.account, row.total]))
    },
    /** Every check of the books, by name. */
    doctor: async () => {
      const service = open.house.services.get('payments')
      if (!service) throw new Error('no payments here')
      const results = await Promise.all(
        (service.definition.checks ?? []).map(async (check) => ({ name: check.name, ...(await service.runCheck(check)) })),
      )
      return results
    },
    sandboxDown: () => sandbox.close(),
    sandboxUp: async () => {
      sandbox = await start()
    },
    stop: async () => {
      await open.stop()
      await sandbox.close().catch(() => {})
      await door.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

const SHORT = {
  STOA_PAYMENTS_CALL_DEADLINE: '0.3',
  STOA_PAYMENTS_INQUIRY_DEADLINE: '0.3',
  STOA_PAYMENTS_PAGE_DEADLINE: '0.5',
  STOA_PAYMENTS_AFTER_TRY: '0.02,0.04,0.08',
  STOA_PAYMENTS_FIRST_INQUIRIES: '0.02,0.03,0.05',
  STOA_PAYMENTS_INQUIRY_EVERY: '0.05',
  STOA_PAYMENTS_SLOW_INQUIRY_EVERY: '0.2',
  STOA_PAYMENTS_SHOPPER_EVERY: '0.2',
  STOA_PAYMENTS_WATCH_EVERY: '0.2',
  STOA_PAYMENTS_WEBHOOK_PAUSE: '0.05',
  STOA_PAYMENTS_RECONCILE_REST: '0',
}

/** A door on loopback for the sandbox's webhooks. */
async function startDoor(take: (bytes: Buffer, signature: string) => Promise<{ statusCode: number }> | undefined) {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void Promise.resolve(take(Buffer.concat(chunks), String(request.headers['sandbox-signature']))).then(
        (taken) => response.writeHead(taken?.statusCode ?? 503).end(),
        () => response.writeHead(500).end(),
      )
    })
  })
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((go) => server.close(go))
    },
  }
}
