import { buttonLook } from '@stoa/ui/button.tsx'
import { countText } from '@stoa/ui/format.ts'
import type { ListingView } from '../visit/listing.server.ts'
import { sorts, withParam } from '../visit/listing.ts'
import { Filters } from './filters.tsx'
import { ArrowIcon, ChevronIcon, CrossIcon } from './icons.tsx'
import { ProductCard } from './product-card.tsx'

/** A list of goods with its filters: the page behind `/search` and every family. */
export function ListingPage({ view, head }: { view: ListingView; head: React.ReactNode }) {
  const search = new URLSearchParams(view.search)
  const nothing = view.items.length === 0
  return (
    <div className="mx-auto max-w-[90rem] px-4 md:px-8">
      {head}
      <div className="md:grid md:grid-cols-[14rem_1fr] md:gap-x-10 lg:grid-cols-[16rem_1fr]">
        <aside>
          <Filters facets={view.facets} search={search} total={view.total} />
        </aside>
        <section aria-label="Goods" className="min-w-0 pt-2 md:pt-0">
          <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-6 border-t border-line py-1">
            <p data-say="" className="tabular text-sm text-soft">
              {nothing
                ? 'Nothing found'
                : view.total === undefined
                  ? `${view.items.length} on this page`
                  : countText(view.total, 'thing', 'things')}
            </p>
            <SortMenu search={search} current={view.sort} />
          </div>
          {view.chips.length > 0 ? (
            <ul aria-label="Filters in force" data-soft="" className="flex flex-wrap gap-2 pb-4">
              {view.chips.map((chip) => (
                <li key={chip.text}>
                  <a
                    href={chip.without}
                    className="inline-flex min-h-9 items-center gap-2 rounded-full border border-edge px-3 text-sm hover:border-ink"
                  >
                    <span className="quiet">Drop filter: </span>
                    {chip.text}
                    <CrossIcon />
                  </a>
                </li>
              ))}
              <li>
                <a href={view.bare} className="link inline-flex min-h-9 items-center px-2 text-sm text-soft">
                  Drop all
                </a>
              </li>
            </ul>
          ) : null}
          {nothing ? <NothingFound view={view} /> : <Goods view={view} search={search} />}
        </section>
      </div>
    </div>
  )
}

function SortMenu({ search, current }: { search: URLSearchParams; current: string }) {
  const offered = sorts.filter(([value]) => value !== 'relevance' || search.get('q'))
  return (
    <details data-menu="" data-soft="" className="group relative z-10 ml-auto text-sm">
      <summary className="inline-flex min-h-11 items-center gap-2 font-medium hover:text-accent">
        <span className="text-soft">Sort</span> {sorts.find(([value]) => value === current)?.[1]} <ChevronIcon />
      </summary>
      <ul className="absolute right-0 w-48 border border-line bg-raised py-2 shadow-lift">
        {offered.map(([value, name]) => (
          <li key={value}>
            <a
              href={withParam(search, 'sort', value)}
              aria-current={value === current ? 'true' : undefined}
              className="block px-4 py-2 hover:bg-sunken aria-[current]:font-semibold"
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}

function Goods({ view, search }: { view: ListingView; search: URLSearchParams }) {
  return (
    <>
      <div className="bays grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
        {view.items.map((card, index) => (
          <ProductCard key={card.id} card={card} eager={index < 4} />
        ))}
      </div>
      <nav aria-label="Pages" className="flex flex-wrap items-center justify-between gap-4 py-8">
        {search.has('cursor') ? (
          <a href={view.first} className={buttonLook('quiet')}>
            Back to the first page
          </a>
        ) : (
          <span />
        )}
        {view.nextCursor ? (
          <a href={`?${withCursor(search, view.nextCursor)}`} rel="next" className={buttonLook('plain')}>
            Next page <ArrowIcon />
          </a>
        ) : null}
      </nav>
      <Near heading="Of the same kind" cards={view.near} />
    </>
  )
}

function withCursor(search: URLSearchParams, cursor: string): URLSearchParams {
  const next = new URLSearchParams(search)
  next.set('cursor', cursor)
  return next
}

function headlineOf({ q, chips }: ListingView): string {
  if (q) return `Nothing here is called “${q}”.`
  return chips.length > 0 ? 'Nothing fits all of that.' : 'Nothing stands here yet.'
}

function NothingFound({ view }: { view: ListingView }) {
  return (
    <div className="border-t border-line py-10">
      <h2 className="display text-xl">{headlineOf(view)}</h2>
      <ul className="mt-4 list-inside list-disc space-y-1 text-base text-soft">
        {view.chips.length > 0 ? <li>Drop a filter above: each one you take away brings goods back.</li> : null}
        {view.q ? <li>Try fewer or plainer words, such as “lamp” for “reading light”.</li> : null}
        {view.families.length > 0 ? (
          <li>
            Or begin with a family:{' '}
            {view.families.slice(0, 5).map((family, index) => (
              <span key={family.slug}>
                {index > 0 ? ', ' : ''}
                <a href={`/c/${family.slug}`} className="link text-ink">
                  {family.name}
                </a>
              </span>
            ))}
            .
          </li>
        ) : null}
      </ul>
      <Near heading="You might like these instead" cards={view.near} />
    </div>
  )
}

function Near({ heading, cards }: { heading: string; cards: ListingView['near'] }) {
  if (cards.length === 0) return null
  return (
    <section aria-label={heading}>
      <h2 className="display mt-10 mb-4 text-lg">{heading}</h2>
      <div className="bays grid-cols-2 lg:grid-cols-4">
        {cards.map((card) => (
          <ProductCard key={card.id} card={card} heading="h3" />
        ))}
      </div>
    </section>
  )
}
