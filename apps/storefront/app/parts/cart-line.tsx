import { moneyText } from '@stoa/ui/format.ts'
import { Picture } from '@stoa/ui/picture.tsx'
import type { CartLine } from '../visit/shop.ts'

/** A line of the cart. Its number is sent at once with JavaScript, by its button without. */
export function CartLineRow({ line, failure }: { line: CartLine; failure: string | undefined }) {
  const kind = Object.values(line.options).join(', ')
  const id = `quantity-${line.sku}`
  const problem = failure ?? problemText(line)
  return (
    <li className="grid grid-cols-[6rem_1fr] gap-x-4 border-b border-line py-5 md:grid-cols-[8rem_1fr_auto] md:gap-x-6">
      <a href={`/p/${line.slug}?sku=${encodeURIComponent(line.sku)}`} tabIndex={-1} aria-hidden="true" className="row-span-2 bg-sunken">
        <Picture image={line.image} alt="" className="aspect-[4/5] w-full object-cover" />
      </a>
      <div className="min-w-0">
        <h2 className="display text-base md:text-lg">
          <a href={`/p/${line.slug}?sku=${encodeURIComponent(line.sku)}`} className="hover:underline">
            {line.name}
          </a>
        </h2>
        <p className="text-sm text-soft">
          {kind ? `${kind} · ` : ''}
          <span className="tabular">{moneyText(line.unitPrice)}</span>
        </p>
        {problem ? (
          <p
            id={`${id}-problem`}
            role={failure ? 'alert' : undefined}
            className={`mt-2 text-sm font-medium ${line.problem === 'price-changed' && !failure ? 'text-warn' : 'text-bad'}`}
          >
            {problem}
          </p>
        ) : null}
      </div>
      <p className="money col-start-2 pt-2 text-lg md:col-start-3 md:row-start-1 md:pt-0 md:text-right">{moneyText(line.lineTotal)}</p>
      <div className="col-start-2 flex flex-wrap items-center gap-x-4 gap-y-2 pt-3">
        <form method="post" action="/cart" className="flex items-center gap-2" data-soft="" data-soft-change="">
          <input type="hidden" name="sku" value={line.sku} />
          <label htmlFor={id} className="quiet">
            Quantity of {line.name}
          </label>
          <input
            id={id}
            name="quantity"
            type="number"
            inputMode="numeric"
            min={0}
            max={10_000}
            defaultValue={line.quantity}
            aria-invalid={problem && line.problem !== 'price-changed' ? true : undefined}
            aria-describedby={problem ? `${id}-problem` : undefined}
            className="tabular min-h-11 w-20 rounded-field border border-edge bg-raised px-2 text-center text-base"
          />
          <noscript>
            <button className="link min-h-11 px-2 text-sm">Change</button>
          </noscript>
        </form>
        <form method="post" action="/cart" data-soft="">
          <input type="hidden" name="sku" value={line.sku} />
          <button name="intent" value="remove" className="link min-h-11 text-sm text-soft">
            Take out<span className="quiet"> {line.name}</span>
          </button>
        </form>
      </div>
    </li>
  )
}

function problemText(line: CartLine): string | undefined {
  if (line.problem === 'unavailable') return 'No longer sold. Take it out to go on.'
  if (line.problem === 'insufficient-stock')
    return line.available > 0 ? `Only ${line.available} left: lower the number to go on.` : 'Sold out meanwhile. Take it out to go on.'
  return line.problem === 'price-changed' ? 'The price has changed since you put this in.' : undefined
}
