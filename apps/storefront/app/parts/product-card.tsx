import { Picture } from '@stoa/ui/picture.tsx'
import { Price } from '@stoa/ui/price.tsx'
import { Rating } from '@stoa/ui/rating.tsx'
import type { Card } from '../visit/shop.ts'

/** A product in a list: one link, its picture large, its price in the same face as its name. */
export function ProductCard({ card, eager = false, heading = 'h2' }: { card: Card; eager?: boolean; heading?: 'h2' | 'h3' }) {
  const Heading = heading
  return (
    <article className="group relative flex h-full flex-col">
      <div className="overflow-hidden bg-sunken">
        <Picture
          image={card.image}
          alt=""
          eager={eager}
          className="aspect-[4/5] w-full object-cover transition-transform duration-200 group-hover:scale-[1.015]"
        />
      </div>
      <div className="flex grow flex-col px-3 pt-3 pb-5 md:px-4">
        {card.brand ? <p className="text-xs text-soft">{card.brand}</p> : null}
        <Heading className="display text-base leading-snug">
          <a
            href={`/p/${card.slug}`}
            className="decoration-1 underline-offset-4 after:absolute after:inset-0 group-hover:underline focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-4 focus-visible:after:outline-accent"
          >
            {card.name}
          </a>
        </Heading>
        <div className="mt-auto flex flex-wrap items-baseline justify-between gap-x-3 pt-2">
          <Price price={card.price} compareAt={card.compareAt} from={card.variants > 1} />
          <CardStock card={card} />
        </div>
        {card.rating.count > 0 ? (
          <div className="pt-1">
            <Rating average={card.rating.average} count={card.rating.count} />
          </div>
        ) : null}
      </div>
    </article>
  )
}

function CardStock({ card }: { card: Card }) {
  if (card.availability === 'out') return <span className="text-xs text-soft">Sold out</span>
  if (card.availability === 'low') return <span className="text-xs font-medium text-warn">only {card.available} left</span>
  return null
}
