import { moneyText, spanText } from '@stoa/ui/format.ts'
import { countries, countryName } from '../visit/address.ts'
import type { ShippingOption } from '../visit/shop.ts'

/** When it would come, and for how much, to the shopper's country; another one is two presses away. */
export function DeliveryPromise({ country, promise, sku }: { country: string; promise: ShippingOption | null; sku: string }) {
  return (
    <details id="promise" className="group mt-5 border-y border-line text-sm">
      <summary className="flex min-h-12 items-center justify-between gap-4 py-2">
        <span>
          {promise ? (
            <>
              To {countryName(country)}:{' '}
              <span className="tabular font-semibold">{spanText(promise.promise.earliest, promise.promise.latest)}</span>
              <span className="text-soft">, {promise.price.amount === 0 ? 'sent free' : moneyText(promise.price)}</span>
            </>
          ) : (
            <>To {countryName(country)}: said at the checkout</>
          )}
        </span>
        <span className="link shrink-0 text-soft group-open:hidden">elsewhere</span>
      </summary>
      <form method="get" data-soft="" data-soft-change="" className="flex items-end gap-2 pb-4">
        <input type="hidden" name="sku" value={sku} />
        <div className="grow">
          <label htmlFor="to" className="mb-1 block text-xs text-soft">
            Sent to
          </label>
          <select
            id="to"
            name="to"
            defaultValue={country}
            className="min-h-11 w-full rounded-field border border-edge bg-raised px-2 text-base"
          >
            {countries.map((one) => (
              <option key={one.code} value={one.code}>
                {one.name}
              </option>
            ))}
          </select>
        </div>
        <button className="min-h-11 rounded-field border border-edge px-4 font-semibold hover:border-ink">Show</button>
      </form>
    </details>
  )
}
