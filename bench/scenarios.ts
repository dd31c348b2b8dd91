/** What is measured, and how it is asked. */
import type { Bench, Placed, Result, Scenario } from './bench.ts'
import { createClient, guestOrder } from './client.ts'
import { effectsSince, lagsOf, watchToEnd } from './effects.ts'
import { measureClosed, measureOpen, type Figures, type Target } from './measure.ts'
import type { Operation } from './loops.ts'

const WORDS = [
  'lamp',
  'wool blanket',
  'kettle',
  'mug',
  'steel',
  'camera',
  'notebook',
  'blue',
  'leather bag',
  'headphones',
  'oak chair',
  'plant',
]
const BROWSERS = 16
const BUYERS = 16
const CROWD = 64
const CONFIRM_SECONDS_MAX = 60
/** Code that ran a few hundred times costs twice what it costs later, and each process of a cluster has to come to that by itself. */
const WARM_ORDERS = 2000
const WARM_SECONDS_MAX = 120
const ORDERS_PER_SECOND = 20

export const scenarios: readonly Scenario[] = [
  reading('list', 'GET /api/products?limit=24', 1, 100, () => 'GET /api/products?limit=24'),
  reading('detail', 'GET /api/products/{id}', 1, 100, (bench, n) => `GET /api/products/${pick(bench.products, n).id}`),
  reading('search', 'GET /api/products?q=…', 5, 30, (_, n) => `GET /api/products?q=${encodeURIComponent(pick(WORDS, n))}`),
  {
    name: 'cart',
    says: 'POST /api/cart/items by guests, ten in each cart',
    cpuMsMax: 3,
    run: async (bench) => ({
      closed: await measureClosed(bench.target, plan(bench, BROWSERS), addsToCart(bench)),
      open: await measureOpen(bench.target, { perSecond: 30, seconds: seconds(bench) }, addsToCart(bench)),
    }),
  },
  {
    name: 'order',
    says: 'POST /api/orders, until CONFIRMED and every event is consumed',
    cpuMsMax: 20,
    run: async (bench) => ({
      closed: await ordersUntilRest(bench, BUYERS, (n) => pick(bench.products, n).sku),
      open: await pacedOrders(bench),
    }),
  },
  {
    name: 'hot-order',
    says: 'POST /api/orders by 64 callers for one SKU, until all is at rest',
    run: async (bench) => ({ closed: await ordersUntilRest(bench, CROWD, () => pick(bench.products, 0).sku) }),
  },
  {
    name: 'effects',
    says: 'orders at a fixed rate: from commit to effect',
    run: async (bench) => {
      const before = await lagsOf(bench)
      const confirmed: number[] = []
      let n = 0
      const watched: Promise<void>[] = []
      const open = await measureOpen(bench.target, { perSecond: 5, seconds: seconds(bench) * 2 }, async () => {
        const placed = await order(bench, pick(bench.products, n++).sku)
        if (placed) watched.push(watchToEnd(bench, placed).then((ms) => void confirmed.push(ms)))
        return placed !== undefined
      })
      await Promise.allSettled(watched)
      return { open, effects: await effectsSince(bench, before, confirmed) }
    },
  },
]

function reading(name: string, says: string, cpuMsMax: number, perSecond: number, door: (bench: Bench, n: number) => string): Scenario {
  return {
    name,
    says,
    cpuMsMax,
    run: async (bench) => {
      let n = 0
      const operation = async () => (await bench.client.send(door(bench, n++))).status === 200
      return {
        closed: await measureClosed(bench.target, plan(bench, BROWSERS), operation),
        open: await measureOpen(bench.target, { perSecond, seconds: seconds(bench) }, operation),
      }
    },
  }
}

function plan(bench: Bench, callers: number) {
  return { callers, warmSeconds: bench.quick ? 1 : 4, secondsMax: bench.quick ? 3 : 12, operationsMax: 30_000 }
}

function seconds(bench: Bench): number {
  return bench.quick ? 3 : 8
}

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T
}

/** Carts of ten pieces, as people fill them; then a new guest comes. */
function addsToCart(bench: Bench): Operation {
  const free: { cookie: string | undefined; adds: number }[] = []
  let n = 0
  return async () => {
    const cart = free.pop() ?? { cookie: undefined, adds: 0 }
    const reply = await bench.client.send('POST /api/cart/items', {
      body: { sku: pick(bench.products, n++).sku, quantity: 1 },
      ...(cart.cookie ? { headers: { cookie: cart.cookie } } : {}),
    })
    const cookie = cart.cookie ?? reply.headers['set-cookie']?.[0]?.split(';')[0]
    if (cookie && cart.adds < 9) free.push({ cookie, adds: cart.adds + 1 })
    return reply.status === 200
  }
}

async function order(bench: Bench, sku: string): Promise<Placed | undefined> {
  const reply = await bench.client.send('POST /api/orders', guestOrder(sku))
  if (reply.status !== 201) return undefined
  return { ...(JSON.parse(reply.text) as { orderId: string; viewToken: string }), at: performance.now() }
}

function ordersUntilRest(bench: Bench, callers: number, skuOf: (n: number) => string): Promise<Figures> {
  const { operation, untilRest } = orders(bench, skuOf)
  const plan = {
    callers,
    warmSeconds: bench.quick ? 2 : WARM_SECONDS_MAX,
    warmOperations: WARM_ORDERS,
    secondsMax: bench.quick ? 15 : 60,
    operationsMax: bench.quick ? 150 : 600,
    untilRest,
  }
  return measureClosed(bench.target, plan, operation)
}

/** At the same rate in each topology: a shop that is given more does more of it in one go, and each order costs less. */
function pacedOrders(bench: Bench): Promise<Figures> {
  const { operation, untilRest } = orders(bench, (n) => pick(bench.products, n).sku)
  return measureOpen(bench.target, { perSecond: ORDERS_PER_SECOND, seconds: bench.quick ? 5 : 30, untilRest }, operation)
}

function orders(bench: Bench, skuOf: (n: number) => string): { operation: Operation; untilRest: () => Promise<void> } {
  let n = 0
  let placed: Placed[] = []
  const operation = async () => {
    const done = await order(bench, skuOf(n++))
    if (done) placed.push(done)
    return done !== undefined
  }
  const untilRest = async () => {
    const waiting = placed
    placed = []
    await allConfirmed(bench, waiting)
  }
  return { operation, untilRest }
}

/** Asks for the newest order until it is confirmed, then for the one before it: few questions, each order asked for. Throws: when one is not in time. */
async function allConfirmed(bench: Bench, placed: readonly Placed[]): Promise<void> {
  const until = performance.now() + CONFIRM_SECONDS_MAX * 1000
  const waiting = [...placed]
  // The questions cost CPU too, so only a sample is asked for; the calm that is awaited after it covers the rest.
  const sample = waiting.filter((_, index) => index % 25 === 0 || index === waiting.length - 1).toReversed()
  for (const one of sample)
    while ((await statusOf(bench, one)) !== 'CONFIRMED') {
      if (performance.now() > until) throw new Error(`order ${one.orderId} was not confirmed in time`)
      await new Promise((go) => setTimeout(go, 100))
    }
}

async function statusOf(bench: Bench, { orderId, viewToken }: Placed): Promise<string> {
  const reply = await bench.client.send(`GET /api/orders/${orderId}?token=${viewToken}`)
  return reply.status === 200 ? (JSON.parse(reply.text) as { status: string }).status : String(reply.status)
}

/** Inventory's own `ReserveStock` behind the bench's door. */
export async function reserveThrough(origin: string, sku: string, target: Target, quick: boolean, newOrder: () => string): Promise<Result> {
  const client = createClient(origin)
  const operation = async () => {
    const reply = await client.send('POST /reserve', { body: { orderId: newOrder(), lines: [{ sku, quantityUnits: 1 }] } })
    return reply.status === 200
  }
  const callers = { callers: CROWD, warmSeconds: quick ? 2 : 4, secondsMax: quick ? 4 : 12, operationsMax: 200_000 }
  try {
    return { closed: await measureClosed(target, callers, operation) }
  } finally {
    client.close()
  }
}
