import { buttonLook } from '@stoa/ui/button.tsx'
import { dateText, moneyText } from '@stoa/ui/format.ts'
import { statusTitle } from '../visit/order-words.ts'
import type { OrderPage } from '../visit/shop.ts'

const tones: Record<string, string> = {
  CANCELLED: 'bg-bad',
  RETURNED: 'bg-warn',
  REFUNDED: 'bg-warn',
  PENDING: 'bg-warn',
  DELIVERED: 'bg-edge',
}

/** Orders, newest first. */
export function OrderList({ orders }: { orders: OrderPage['items'] }) {
  if (orders.length === 0) {
    return (
      <div className="border-t border-line py-8">
        <p className="text-base text-soft">You have not ordered anything yet.</p>
        <p className="mt-4">
          <a href="/search?sort=newest" className={buttonLook('plain')}>
            See what is new
          </a>
        </p>
      </div>
    )
  }
  return (
    <ul className="border-b border-line">
      {orders.map((order) => (
        <li key={order.orderId} className="border-t border-line">
          <a href={`/orders/${order.orderId}`} className="group grid grid-cols-[1fr_auto] gap-x-6 gap-y-1 py-4">
            <span className="display text-base group-hover:underline">{goods(order.lines)}</span>
            <span className="money text-base">{moneyText(order.total)}</span>
            <span className="tabular text-sm text-soft">
              {order.number} · {dateText(order.placedAt)}
            </span>
            <span className="flex items-center justify-end gap-2 text-sm">
              <span aria-hidden="true" className={`size-2 rounded-full ${tones[order.status] ?? 'bg-good'}`} />
              {statusTitle(order.status)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

const NAMED = 2

function goods(lines: OrderPage['items'][number]['lines']): string {
  const named = lines.slice(0, NAMED).map((line) => (line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name))
  const rest = lines.length - named.length
  return `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
