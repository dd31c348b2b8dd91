import type { ReactNode } from 'react'
import { Button } from '@stoa/ui/button.tsx'
import { moneyText } from '@stoa/ui/format.ts'
import { Price } from '@stoa/ui/price.tsx'
import { Rating } from '@stoa/ui/rating.tsx'
import { SwatchDot } from '@stoa/ui/swatch.tsx'
import { swatchColours } from '@stoa/ui/swatch-colours.ts'
import type { Product, Variant } from '../visit/shop.ts'
import type { OptionChoices } from '../visit/variants.ts'
import { stockWords } from '../stock-words.ts'

/** Everything needed to buy: name, price, options, stock, quantity. Stays in sight while the pictures pass by. */
export function BuyBox({
  product,
  variant,
  options,
  problem,
  children,
}: {
  product: Product
  variant: Variant
  options: readonly OptionChoices[]
  problem: string | undefined
  children?: ReactNode
}) {
  const soldOut = variant.available <= 0
  return (
    <div data-product={product.id} data-sku={variant.sku} className="lg:sticky lg:top-8 lg:self-start">
      {product.brand ? (
        <p className="text-sm">
          <a href={`/search?brand=${encodeURIComponent(product.brand)}`} className="link text-soft">
            {product.brand}
          </a>
        </p>
      ) : null}
      <h1 className="display mt-1 text-2xl">{product.name}</h1>
      {product.rating.count > 0 ? (
        <p className="mt-2">
          <Rating average={product.rating.average} count={product.rating.count} />
        </p>
      ) : null}
      <p className="mt-4">
        <Price price={variant.price} compareAt={variant.compareAt} className="text-xl" />
      </p>
      {options.map((option) => (
        <Options key={option.name} option={option} slug={product.slug} />
      ))}
      <StockLine available={variant.available} />
      {problem ? (
        <p role="alert" className="mt-4 border-l-4 border-bad bg-raised px-4 py-3 font-medium text-bad">
          {problem}
        </p>
      ) : null}
      <form method="post" id="buy" data-soft="" className="mt-4 flex gap-3">
        <input type="hidden" name="sku" value={variant.sku} />
        <div>
          <label htmlFor="quantity" className="quiet">
            Quantity
          </label>
          <input
            id="quantity"
            name="quantity"
            type="number"
            inputMode="numeric"
            min={1}
            max={Math.max(variant.available, 1)}
            defaultValue={1}
            required
            disabled={soldOut}
            className="tabular min-h-12 w-20 rounded-field border border-edge bg-raised px-3 text-center text-base"
          />
        </div>
        <Button wide disabled={soldOut} data-buy="">
          {soldOut ? 'Sold out' : 'Put into the cart'}
        </Button>
      </form>
      {children}
      {soldOut ? null : <BuyBar name={product.name} price={moneyText(variant.price)} />}
      {product.description ? <p className="mt-8 max-w-prose text-base text-pretty whitespace-pre-line">{product.description}</p> : null}
    </div>
  )
}

/** On the phone the button stays at hand. It belongs to the same form. */
function BuyBar({ name, price }: { name: string; price: string }) {
  return (
    <div
      data-buy-bar=""
      className="no-print fixed inset-x-0 bottom-0 z-20 flex items-center gap-4 border-t border-line bg-ground px-4 py-3 md:hidden"
    >
      <p className="min-w-0 flex-1">
        <span className="block truncate text-xs text-soft">{name}</span>
        <span data-price="" className="money text-lg">
          {price}
        </span>
      </p>
      <Button form="buy" data-buy="">
        Put into the cart
      </Button>
    </div>
  )
}

const dots = 'size-2 rounded-full group-data-[tone=good]:bg-good group-data-[tone=warn]:bg-warn group-data-[tone=bad]:bg-bad'

function StockLine({ available }: { available: number }) {
  const words = stockWords(available)
  return (
    <p data-stock={available} data-tone={words.tone} className="group mt-6 flex items-center gap-2 text-sm font-medium">
      <span aria-hidden="true" className={dots} />
      <span data-stock-text="">{words.text}</span>
    </p>
  )
}

function Options({ option, slug }: { option: OptionChoices; slug: string }) {
  const chosen = option.choices.find((choice) => choice.chosen)?.value
  const coloured = option.choices.every((choice) => swatchColours(choice.value) !== null)
  return (
    <nav aria-label={option.name} data-soft="" className="mt-6">
      <p className="text-sm">
        <span className="font-semibold capitalize">{option.name}</span>
        {chosen ? <span className="text-soft"> · {chosen}</span> : null}
      </p>
      <ul className="mt-2 flex flex-wrap gap-2">
        {option.choices.map((choice) => (
          <li key={choice.value}>
            <a
              href={`/p/${slug}?sku=${encodeURIComponent(choice.sku)}`}
              aria-current={choice.chosen ? 'true' : undefined}
              title={coloured ? choice.value : undefined}
              className={`inline-flex min-h-11 min-w-11 items-center justify-center gap-2 border text-sm transition-colors duration-150 ${coloured ? 'rounded-full' : 'rounded-field px-4'} ${choice.chosen ? 'border-ink ring-1 ring-ink' : 'border-line hover:border-ink'} ${choice.available ? '' : 'text-soft line-through decoration-1'}`}
            >
              {coloured ? (
                <>
                  <SwatchDot name={choice.value} size={30} />
                  <span className="quiet">{choice.value}</span>
                </>
              ) : (
                choice.value
              )}
              {choice.available ? null : <span className="quiet"> (sold out)</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
