/** The world around this room in a test: a sandbox gateway in the same process, and orders played by a map. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import type { Room } from '@stoa/chassis/testing/room.ts'
import {
  OrderCancelled,
  OrderCreated,
  OrderDelivered,
  OrderShipped,
  PaymentDeadlinePassed,
  type CancelReason,
  type OrderStatus,
  type PaymentMethod,
} from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import { startSandbox, type Sandbox, type SandboxTiming } from '@stoa/sandbox/start.ts'

export const SECRET = 'a-secret-only-for-payment-tests'

const TIMING = { slowMs: 80, lateMs: 60_000, silenceMs: 2000, webhookFirstMs: 3000, retryMs: 20, chaosDelayMs: 150 }

export interface ChargeView {
  readonly id: string
  readonly state: string
  readonly amount: { readonly amount: number }
  readonly captured: { readonly amount: number }
  readonly refunded: { readonly amount: number }
  readonly idempotencyKey: string
  readonly operations: readonly { readonly kind: string }[]
}

/** Takes a webhook; undefined while the shop is not open. */
export type TakeWebhook = (bytes: Buffer, signature: string) => Promise<{ statusCode: number }> | undefined

/** A sandbox of its own, whose webhooks come in through `take`. */
export async function openOutside(take: TakeWebhook, timing: Partial<SandboxTiming> = {}) {
  const data = mkdtempSync(join(tmpdir(), 'payments-test-'))
  const door = await openDoor(take)
  const start = () => startSandbox({ data, secret: SECRET, shopOrigin: door.origin, timing: { ...TIMING, ...timing } })
  let sandbox: Sandbox = await start()
  // A connection for each question: one kept from before a restart would fail the test, not the shop.
  const dispatcher = new Agent({ pipelining: 0 })
  async function ask<T>(method: 'GET' | 'POST', path: string, body?: unknown, key?: string): Promise<T> {
    const response = await fetch(sandbox.origin + path, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${SECRET}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as T
  }
  return {
    origin: sandbox.origin,
    ask,
    charges: async (orderId: string) => (await ask<{ items: ChargeView[] }>('GET', `/gateway/charges?orderId=${orderId}`)).items,
    control: (name: string, body: unknown) => ask('POST', `/control/${name}`, body),
    down: () => sandbox.close(),
    up: async () => {
      sandbox = await start()
    },
    close: async () => {
      await dispatcher.close()
      await sandbox.close().catch(() => {})
      await door.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** A door on loopback for the sandbox's webhooks. */
async function openDoor(take: TakeWebhook) {
  const server = createServer((request, response) => {
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

export interface PlayedOrder {
  readonly orderId: string
  readonly number: string
  readonly total: { readonly amount: number; readonly currency: string }
  readonly owner: string
  readonly token: string
  status: OrderStatus
}

/** Orders as this room's neighbour: what it answers, and what it tells. */
export function playOrders() {
  const orders = new Map<string, PlayedOrder>()
  const orderOf = (orderId: string): PlayedOrder => {
    const order = orders.get(orderId)
    if (!order) throw new Error(`no order ${orderId} in this test`)
    return order
  }
  return {
    orderOf,
    add: (orderId: string, amountMinor: number): PlayedOrder => {
      const number = `S-${orders.size + 100_001}`
      const order: PlayedOrder = {
        orderId,
        number,
        total: { amount: amountMinor, currency: 'EUR' },
        owner: newId(),
        token: `view-${orderId}`,
        status: 'PENDING',
      }
      orders.set(orderId, order)
      return order
    },
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
    facts: (room: Room) => ({
      created: async (orderId: string, method: PaymentMethod = 'card') => {
        const { number, total } = orders.get(orderId) ?? { number: 'S-1', total: { amount: 1299, currency: 'EUR' } }
        await room.publish(OrderCreated, {
          orderId,
          number,
          accountId: null,
          cartId: null,
          lines: [],
          total,
          method,
          placedAt: new Date().toISOString(),
        })
      },
      cancelled: async (orderId: string, reason: CancelReason = 'customer') => {
        const order = orderOf(orderId)
        await room.publish(OrderCancelled, { orderId, reason, from: order.status, cartId: null, accountId: null, lines: [] })
        order.status = 'CANCELLED'
      },
      shipped: async (orderId: string) => {
        orderOf(orderId).status = 'SHIPPED'
        await room.publish(OrderShipped, { orderId, trackingNumber: 'T1', total: orderOf(orderId).total, method: 'card' })
      },
      delivered: async (orderId: string) => {
        orderOf(orderId).status = 'DELIVERED'
        await room.publish(OrderDelivered, { orderId, total: orderOf(orderId).total, method: 'cash-on-delivery' })
      },
      deadlinePassed: (orderId: string) => room.publish(PaymentDeadlinePassed, { orderId }),
    }),
  }
}
