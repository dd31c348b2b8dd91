/** This room in a shop of played neighbours: orders placed as shoppers do, and news told as the other rooms tell it. */
import type { Keeper } from '@stoa/chassis/cache/keeper.ts'
import type { Played } from '@stoa/chassis/testing/pacts/needs.ts'
import { openRoom, type Account } from '@stoa/chassis/testing/room.ts'
import { CommitRefused, ReservationExpired } from '@stoa/contracts/inventory.ts'
import { OrderConfirmed, type OrderStatus, type PaymentMethod } from '@stoa/contracts/orders.ts'
import { PaymentProcessed } from '@stoa/contracts/payments.ts'
import { newId } from '@stoa/kit/ids.ts'
import type { PaymentOutcome } from '../domain.ts'
import orders from '../service.ts'
import { ADDRESS, eur, playNeighbours } from './neighbours.ts'

export interface Wish {
  readonly as?: Account
  readonly method?: PaymentMethod
  /** `tok_ok` unless told; null: chosen on the provider's page. */
  readonly token?: string | null
  readonly key?: string
  readonly email?: string
  readonly cookies?: Readonly<Record<string, string>>
  /** Instead of one piece of a product of its own. */
  readonly items?: readonly object[]
  readonly body?: object
}

export type Shop = Awaited<ReturnType<typeof openShop>>

/** Opens the room. `among`: makes others of the neighbours that it is given. */
export async function openShop(
  env: Readonly<Record<string, string>> = {},
  { among = (played) => played, keeper }: { among?: (played: Played) => Played; keeper?: Keeper } = {},
) {
  const neighbours = playNeighbours()
  const room = await openRoom({
    services: [orders],
    calls: among(neighbours.calls),
    ...(keeper ? { keeper } : {}),
    env: { STOA_DEMO: 'on', ...env },
    deadlines: { orders: ['orders.deadline_at', 'orders.pay_by', 'orders.placed_at', 'recent_requests.created_at'] },
  })
  const staff = room.account({ roles: ['warehouse'] })
  const post = (wish: Wish = {}) => {
    const { as, method = 'card', token = 'tok_ok', key = newId(), email = 'hypatia@example.com', cookies, items, body } = wish
    return room.request('POST /api/orders', {
      ...(as ? { as } : {}),
      ...(cookies ? { cookies } : {}),
      headers: { 'idempotency-key': key },
      body: {
        items: items ?? [{ sku: neighbours.product().sku, quantity: 2 }],
        ...(as ? {} : { email }),
        shippingAddress: ADDRESS,
        shippingOption: 'standard',
        payment: { method, ...(method === 'card' && token !== null ? { token } : {}) },
        ...body,
      },
    })
  }
  const place = async (wish: Wish = {}): Promise<{ orderId: string; viewToken: string }> => {
    const answer = await post(wish)
    if (answer.status !== 201) throw new Error(`not placed: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const see = async (orderId: string) => (await room.request(`GET /api/orders/${orderId}`, { as: staff })).body
  const told = async (publish: Promise<void>) => {
    await publish
    await room.settled()
  }
  return {
    room,
    neighbours,
    staff,
    post,
    place,
    see,
    move: (orderId: string, status: OrderStatus, more: object = {}) =>
      room.request(`PUT /api/orders/${orderId}/status`, { as: staff, body: { status, ...more } }),
    cancel: ({ orderId, viewToken }: { orderId: string; viewToken: string }) =>
      room.request(`POST /api/orders/${orderId}/cancel?token=${viewToken}`, { body: {} }),
    /** News of a payment. */
    paid: (orderId: string, outcome: PaymentOutcome, method: PaymentMethod = 'card', provider = 'sandbox') =>
      told(room.publish(PaymentProcessed, { orderId, outcome, method, provider, amount: eur(2490), operationId: newId() })),
    expired: (orderId: string) => told(room.publish(ReservationExpired, { orderId })),
    commitRefused: (orderId: string) => told(room.publish(CommitRefused, { orderId })),
    /** Checks of the books, by name. */
    doctor: async () => {
      for (const { orderId } of await room.events(OrderConfirmed)) neighbours.committed.add(orderId)
      const service = room.house.services.get('orders')
      return Promise.all((orders.checks ?? []).map(async (check) => ({ name: check.name, ...(await service?.runCheck(check)) })))
    },
  }
}
