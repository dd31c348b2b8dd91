/** This room beside a sandbox gateway and played orders. Pauses are short. */
import { sql } from '@stoa/chassis/database/sql.ts'
import type { Played } from '@stoa/chassis/testing/pacts/needs.ts'
import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { PaymentProcessed, PreparePayment } from '@stoa/contracts/payments.ts'
import type { PaymentMethod } from '@stoa/contracts/orders.ts'
import { newId } from '@stoa/kit/ids.ts'
import type { SandboxTiming } from '@stoa/sandbox/start.ts'
import payments from '../service.ts'
import { openOutside, playOrders, SECRET } from './outside.ts'

const WAIT_MS_MAX = 15_000

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

export interface Wish {
  readonly method?: PaymentMethod
  /** `tok_ok` unless told; told as undefined: chosen on the provider's page. */
  readonly token?: string | undefined
  readonly amountMinor?: number
  readonly orderId?: string
}

export type Shop = Awaited<ReturnType<typeof openShop>>

interface Options {
  readonly timing?: Partial<SandboxTiming>
  readonly env?: Record<string, string>
  /** Makes others of the neighbours that it is given. */
  readonly among?: (played: Played) => Played
}

/** Opens room and sandbox. */
export async function openShop(options: Options = {}) {
  const opened: { room?: Room } = {}
  const outside = await openOutside((bytes, signature) => deliver(opened.room, bytes, signature), options.timing)
  const orders = playOrders()
  const room = await openRoom({
    services: [payments],
    deadlines: { payments: ['payments.created_at'] },
    calls: options.among?.(orders.calls) ?? orders.calls,
    env: { STOA_DEMO: 'on', STOA_SANDBOX_URL: outside.origin, STOA_SANDBOX_SECRET: SECRET, ...SHORT, ...options.env },
  })
  opened.room = room
  const facts = orders.facts(room)
  const { outcomes, status, ledger, doctor } = looksInto(room)

  async function prepare(wish: Wish = {}) {
    const { orderId = newId(), method = 'card', amountMinor = 1299 } = wish
    const token = method === 'card' && !('token' in wish) ? 'tok_ok' : wish.token
    const { total } = orders.add(orderId, amountMinor)
    const asked = {
      orderId,
      amount: total,
      method,
      returnUrl: `http://127.0.0.1/orders/${orderId}`,
      ...(token === undefined ? {} : { token }),
    }
    return { orderId, method, prepared: await room.call(PreparePayment, asked) }
  }

  return {
    room,
    orderOf: orders.orderOf,
    facts,
    prepare,
    outcomes,
    status,
    ledger,
    doctor,
    until,
    ask: outside.ask,
    charges: outside.charges,
    control: outside.control,
    sandboxDown: outside.down,
    sandboxUp: outside.up,
    /** Prepares and places an order. */
    place: async (wish: Wish = {}) => {
      const placed = await prepare(wish)
      await facts.created(placed.orderId, placed.method)
      return placed.orderId
    },
    /** Waits until the last outcome told of an order is this. */
    told: (orderId: string, outcome: string) => until(`${orderId} ${outcome}`, async () => (await outcomes(orderId)).at(-1) === outcome),
    stop: async () => {
      await room.stop()
      await outside.close()
    },
  }
}

function deliver(room: Room | undefined, bytes: Buffer, signature: string) {
  const headers = { 'content-type': 'application/json', 'sandbox-signature': signature }
  return room?.house.server.inject({ method: 'POST', url: '/api/payments/webhooks/sandbox', headers, payload: bytes })
}

function looksInto(room: Room) {
  return {
    /** Outcomes told of an order, in order. */
    outcomes: async (orderId: string): Promise<string[]> =>
      (await room.events(PaymentProcessed)).filter((one) => one.orderId === orderId).map((one) => one.outcome),
    status: async (orderId: string) => (await room.request(`GET /api/payment/status?orderId=${orderId}&token=view-${orderId}`)).body,
    /** Accounts of an order that are not at zero. */
    ledger: async (orderId: string) => {
      const rows = await room.db('payments').rows<{ account: string; total: number }>(sql`
        SELECT account, sum(amount_minor)::bigint AS total FROM ledger_postings JOIN ledger_entries ON id = entry_id
        WHERE order_id = ${orderId} GROUP BY account HAVING sum(amount_minor) <> 0`)
      return Object.fromEntries(rows.map((row) => [row.account, row.total]))
    },
    /** Every check of the books, by name. */
    doctor: async () => {
      const service = room.house.services.get('payments')
      if (!service) throw new Error('no payments here')
      return Promise.all((service.definition.checks ?? []).map(async (check) => ({ name: check.name, ...(await service.runCheck(check)) })))
    },
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + WAIT_MS_MAX
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`still waiting for: ${what}`)
    await new Promise((go) => setTimeout(go, 10))
  }
}
