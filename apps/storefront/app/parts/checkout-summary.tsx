import { countText, moneyText } from '@stoa/ui/format.ts'
import { Picture } from '@stoa/ui/picture.tsx'
import type { Cart, Quote, ShippingOption } from '../visit/shop.ts'

/** What is bought and what it comes to, in sight at every step: beside it, or folded above it on the phone. */
export function CheckoutSummary({ cart, quote, chosen }: { cart: Cart; quote: Quote | null; chosen: ShippingOption | null }) {
  const units = cart.items.reduce((sum, line) => sum + line.quantity, 0)
  const total = quote?.total ?? { amount: cart.total.amount + (chosen?.price.amount ?? 0), currency: cart.currency }
  return (
    <details className="standing border-y border-line lg:border-0">
      <summary className="flex min-h-14 items-center justify-between gap-4 md:hidden">
        <span className="text-sm font-semibold">{countText(units, 'thing', 'things')}</span>
        <span className="money text-lg">{moneyText(total)}</span>
      </summary>
      <section aria-labelledby="summary" className="pb-6">
        <h2 id="summary" className="display hidden pb-4 text-lg md:block">
          What you are buying
        </h2>
        <ul className="border-t border-line">
          {cart.items.map((line) => (
            <li key={line.sku} className="grid grid-cols-[3.5rem_1fr_auto] items-center gap-3 border-b border-line py-3 text-sm">
              <Picture image={line.image} alt="" className="aspect-[4/5] w-14 object-cover" />
              <span className="min-w-0">
                <span className="display block text-base leading-snug">{line.name}</span>
                <span className="tabular text-xs text-soft">
                  {line.quantity} × {moneyText(line.unitPrice)}
                  {Object.values(line.options).length > 0 ? ` · ${Object.values(line.options).join(', ')}` : ''}
                </span>
              </span>
              <span className="money">{moneyText(line.lineTotal)}</span>
            </li>
          ))}
        </ul>
        <dl className="space-y-1.5 pt-4 text-sm">
          <Row name="Goods" value={moneyText(quote?.subtotal ?? cart.subtotal)} />
          {(quote?.discount ?? cart.discount).amount > 0 ? (
            <Row name="Reduction" value={`−${moneyText(quote?.discount ?? cart.discount)}`} />
          ) : null}
          <Row name="Delivery" value={deliveryText(quote, chosen)} />
          {quote ? <Row name={quote.taxIncluded ? 'Tax in it' : 'Tax'} value={moneyText(quote.tax)} /> : null}
          <div className="flex items-baseline justify-between border-t border-line pt-3">
            <dt className="text-base font-semibold">{quote ? 'Total' : 'So far'}</dt>
            <dd className="money text-xl" data-total="">
              {moneyText(total)}
            </dd>
          </div>
        </dl>
      </section>
    </details>
  )
}

function deliveryText(quote: Quote | null, chosen: ShippingOption | null): string {
  const price = quote?.shipping ?? chosen?.price
  if (price === undefined) return 'comes next'
  return price.amount === 0 ? 'free' : moneyText(price)
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex items-baseline justify-between text-soft">
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  )
}
