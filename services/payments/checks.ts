import { isRefusal } from '@stoa/chassis/contract.ts'
import { bookCheck, type BookCheck, type CheckResult } from '@stoa/chassis/service.ts'
import { OrderStates, type OrderStatus } from '@stoa/contracts/orders.ts'
import { gatewayOf } from './adapters/providers.ts'
import type { PaymentGateway } from './adapters/gateway.ts'
import { cardFault, isBound, takenFault, type BookLine, type Holding } from './domain/books.ts'
import { AbandonAfter } from './settings.ts'
import { keysWithOtherRequests, ledgerSums, longUnknown, openDifferences, placedPage } from './store/checks.ts'

type Context = Parameters<BookCheck['run']>[0]

const ORDERS_AT_ONCE = 500
const CHARGES_AT_ONCE = 500
const PAGES_MAX = 4000
const EXAMPLES_MAX = 10
/** What looks broken is looked at once more, alone: the three books were not read in one moment. */
const SECOND_LOOKS_MAX = 50
const NO_ID = '00000000-0000-0000-0000-000000000000'
/** Grace beyond the timer that lets an order go. */
const ABANDON_GRACE_SECONDS = 300

interface Order extends Holding {
  readonly orderId: string
  readonly provider: string
}
type Judge = (status: OrderStatus, order: Order, charges: readonly BookLine[]) => string | undefined

export const ledgerBalances = bookCheck('ledger sums to zero', ({ db }) => ledgerSums(db))

export const cardOrdersArePaidOnce = bookCheck(
  'every card order bound or gone has exactly one live authorisation or capture, and the gateway agrees',
  (context) => judgeOrders(context, (status, order) => order.provider === 'sandbox' && isBound(status), cardFault),
)

export const cancelledOrdersTookNothing = bookCheck('a cancelled order took nothing', (context) =>
  judgeOrders(
    context,
    (status) => status === 'CANCELLED',
    (_, order, charges) => takenFault(order, charges),
  ),
)

export const nothingLongUnknown = bookCheck('no payment unknown for longer than a day', ({ db, setting }) =>
  longUnknown(db, setting(AbandonAfter) + ABANDON_GRACE_SECONDS),
)

export const keysKeepTheirRequest = bookCheck('a key at the gateway never had two requests', ({ db }) => keysWithOtherRequests(db))

export const booksMatch = bookCheck('no open difference between operations, gateway and ledger', ({ db }) => openDifferences(db))

async function judgeOrders(context: Context, concerns: (status: OrderStatus, order: Order) => boolean, judge: Judge): Promise<CheckResult> {
  const gateway = gatewayOf('sandbox', context)
  const book = await wholeBook(gateway)
  let examined = 0
  let after = NO_ID
  const suspects: Order[] = []
  for (let page = 0; page < PAGES_MAX; page++) {
    const orders = await placedPage(context.db, after, ORDERS_AT_ONCE)
    const states = await statesOf(context, orders)
    for (const order of orders) {
      const status = states.get(order.orderId)
      if (!status || !concerns(status, order)) continue
      examined++
      if (judge(status, order, book.get(order.orderId) ?? [])) suspects.push(order)
    }
    after = orders.at(-1)?.orderId ?? after
    if (orders.length < ORDERS_AT_ONCE) break
  }
  const examples: string[] = []
  let broken = Math.max(0, suspects.length - SECOND_LOOKS_MAX)
  for (const suspect of suspects.slice(0, SECOND_LOOKS_MAX)) {
    const fault = await lookAgain(context, gateway, suspect, concerns, judge)
    if (!fault) continue
    broken++
    if (examples.length < EXAMPLES_MAX) examples.push(`order ${suspect.orderId}: ${fault}`)
  }
  return { examined, broken, examples }
}

async function lookAgain(
  context: Context,
  gateway: PaymentGateway | undefined,
  suspect: Order,
  concerns: (status: OrderStatus, order: Order) => boolean,
  judge: Judge,
): Promise<string | undefined> {
  const states = await statesOf(context, [suspect])
  const charges = (await gateway?.book({ orderId: suspect.orderId, limit: CHARGES_AT_ONCE }))?.charges ?? []
  const [order] = await placedPage(context.db, justBefore(suspect.orderId), 1)
  const status = states.get(suspect.orderId)
  return status && order && concerns(status, order) ? judge(status, order, charges) : undefined
}

/** The id right before `id`, so that a page after it begins with `id`. */
function justBefore(id: string): string {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) - 1n
  return number
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

async function statesOf({ call }: Context, orders: readonly Order[]): Promise<Map<string, OrderStatus>> {
  if (orders.length === 0) return new Map()
  const answered = await call(OrderStates, { orderIds: orders.map((one) => one.orderId) })
  if (isRefusal(answered)) throw new Error(`orders refused to tell states: ${answered.refused}`)
  return new Map(answered.items.map((one) => [one.orderId, one.status]))
}

/** The provider's own book, by order. Read before our own, so that what is newer there is looked at again. */
async function wholeBook(gateway: PaymentGateway | undefined): Promise<Map<string, BookLine[]>> {
  const byOrder = new Map<string, BookLine[]>()
  let cursor: string | undefined
  for (let page = 0; gateway && page < PAGES_MAX; page++) {
    const { charges, nextCursor } = await gateway.book({ limit: CHARGES_AT_ONCE, cursor })
    for (const { orderId, id, state, amountMinor, capturedMinor, refundedMinor } of charges) {
      byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), { id, state, amountMinor, capturedMinor, refundedMinor }])
    }
    if (nextCursor === null) break
    cursor = nextCursor
  }
  return byOrder
}
