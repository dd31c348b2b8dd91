import { Picture } from '@stoa/ui/picture.tsx'
import { Price } from '@stoa/ui/price.tsx'
import type { Card } from '../visit/shop.ts'

/** What sells, in order, as numbers one can read across the room. */
export function Ranking({ cards }: { cards: readonly Card[] }) {
  if (cards.length === 0) return null
  return (
    <section aria-labelledby="sellers" className="mx-auto max-w-[90rem] px-4 pt-20 md:px-8 md:pt-28">
      <div className="mb-6 flex flex-wrap items-baseline justify-between gap-x-6">
        <h2 id="sellers" className="display text-2xl">
          What leaves the house
        </h2>
        <a href="/search?sort=sales" className="link text-sm font-semibold text-accent">
          The whole list
        </a>
      </div>
      <ol className="grid gap-x-6 gap-y-6 sm:grid-cols-2 lg:grid-cols-5">
        {cards.map((card, index) => (
          <li key={card.id} className="border-t border-ink pt-3">
            <a href={`/p/${card.slug}`} className="group grid grid-cols-[auto_1fr] gap-x-4 lg:block">
              <Picture image={card.image} alt="" className="aspect-[4/5] w-28 object-cover lg:w-full" />
              <span className="block lg:pt-3">
                <span aria-hidden="true" className="money block text-xl text-soft">
                  {index + 1}
                </span>
                <span className="display block text-base group-hover:underline">{card.name}</span>
                <Price price={card.price} compareAt={card.compareAt} from={card.variants > 1} className="text-sm" />
              </span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  )
}
