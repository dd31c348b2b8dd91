import { moneyText } from '@stoa/ui/format.ts'
import { addressLines } from '../visit/address.ts'
import type { Order } from '../visit/shop.ts'

const methods: Record<Order['payment']['method'], string> = {
  card: 'Card',
  'bank-transfer': 'Bank transfer',
  'cash-on-delivery': 'Cash on delivery',
}

/** What was bought and what it came to. */
export function OrderLines({ order }: { order: Order }) {
  const { totals } = order
  return (
    <section aria-labelledby="lines">
      <h2 id="lines" className="display pb-3 text-lg">
        What you bought
      </h2>
      <table className="w-full text-sm">
        <thead className="quiet">
          <tr>
            <th>Goods</th>
            <th>Price</th>
            <th>Sum</th>
          </tr>
        </thead>
        <tbody className="border-t border-line">
          {order.lines.map((line) => (
            <tr key={line.sku} className="border-b border-line align-baseline">
              <td className="py-3 pr-4">
                <a href={`/p/${line.productId}?sku=${encodeURIComponent(line.sku)}`} className="display text-base hover:underline">
                  {line.name}
                </a>
                <span className="tabular block text-xs text-soft">{line.sku}</span>
              </td>
              <td className="tabular py-3 pr-4 text-right whitespace-nowrap text-soft">
                {line.quantity} × {moneyText(line.unitPrice)}
              </td>
              <td className="money py-3 text-right text-base whitespace-nowrap">{moneyText(line.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="ml-auto max-w-sm space-y-1.5 pt-4 text-sm">
        <Row name="Goods" value={moneyText(totals.subtotal)} />
        {totals.discount.amount > 0 ? <Row name="Reduction" value={`−${moneyText(totals.discount)}`} /> : null}
        <Row name="Delivery" value={totals.shipping.amount === 0 ? 'free' : moneyText(totals.shipping)} />
        <Row name={totals.taxIncluded ? 'Tax in it' : 'Tax'} value={moneyText(totals.tax)} />
        <div className="flex items-baseline justify-between border-t border-line pt-2">
          <dt className="text-base font-semibold">Total</dt>
          <dd className="money text-xl">{moneyText(totals.total)}</dd>
        </div>
      </dl>
    </section>
  )
}

/** Where it goes and how it is paid. */
export function OrderAddress({ order }: { order: Order }) {
  return (
    <section aria-labelledby="where" className="grid gap-8 border-t border-line pt-6 text-sm sm:grid-cols-2">
      <div>
        <h2 id="where" className="font-semibold">
          Goes to
        </h2>
        <address className="mt-2 not-italic text-soft">
          {addressLines(order.shippingAddress).map((line) => (
            <span key={line} className="block">
              {line}
            </span>
          ))}
        </address>
      </div>
      <div>
        <h2 className="font-semibold">Payment</h2>
        <p className="mt-2 text-soft">{methods[order.payment.method]}</p>
      </div>
    </section>
  )
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex items-baseline justify-between text-soft">
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  )
}
