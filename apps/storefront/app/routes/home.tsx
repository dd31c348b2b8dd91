import { useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { Colonnade } from '../parts/colonnade.tsx'
import { FamilyIndex } from '../parts/family-index.tsx'
import { ArrowIcon } from '../parts/icons.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { ProductCard } from '../parts/product-card.tsx'
import { Ranking } from '../parts/ranking.tsx'
import { Story } from '../parts/story.tsx'
import { StructuredData } from '../parts/structured-data.tsx'
import { categoriesOf, familiesOf, type Card, type Listing } from '../visit/shop.ts'
import { siteData } from '../visit/structured.ts'
import { visitContext, type Visit } from '../visit/visit.ts'

const NEW_GOODS = 7
/** New goods often come in a crate of one maker; the few shown are chosen from more. */
const NEW_POOL = 48
const SELLERS = 5
const FAMILIES_MAX = 12
/** Three stand side by side on a laptop; the phone walks along all of them. */
const BAYS = 4

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const categories = familiesOf(await categoriesOf(visit)).slice(0, FAMILIES_MAX)
  const [fresh, sellers, families] = await Promise.all([
    goods(visit, `sort=newest&inStock=true&limit=${NEW_POOL}`).then((cards) => mixed(cards, NEW_GOODS)),
    goods(visit, `sort=sales&inStock=true&limit=${SELLERS}`),
    Promise.all(
      categories.map(async ({ slug, name }) => ({
        slug,
        name,
        // One picture stands for a family; the same for everybody, so it is remembered for all.
        card: await visit.shared.remember(
          `family ${slug}`,
          async () => (await goods(visit, `category=${slug}&sort=sales&limit=1`))[0] ?? null,
        ),
      })),
    ),
  ])
  return { fresh, sellers, families, hung: ofTheDay(families.filter(({ card }) => card?.image)), origin: visit.origin }
}

/** The newest of each brand in turn, pictured ones first: a mixed handful instead of one crate. */
function mixed(cards: readonly Card[], count: number): Card[] {
  const seen = new Map<string | null, number>()
  const turns = cards.map((card) => {
    const turn = seen.get(card.brand) ?? 0
    seen.set(card.brand, turn + 1)
    return { card, turn: card.image === null ? Number.MAX_SAFE_INTEGER : turn }
  })
  return turns
    .sort((a, b) => a.turn - b.turn)
    .slice(0, count)
    .map(({ card }) => card)
}

/** The porch shows other families every day, as far from each other along the walk as can be. */
function ofTheDay<T>(families: readonly T[]): T[] {
  const day = Math.floor(Date.now() / 86_400_000)
  const stride = Math.max(1, Math.floor(families.length / BAYS))
  return Array.from({ length: Math.min(BAYS, families.length) }, (_, bay) => families[(day + bay * stride) % families.length] as T)
}

async function goods(visit: Visit, query: string): Promise<readonly Card[]> {
  const answer = await visit.ask<Listing>('GET', `/api/products?${query}`)
  return answer.ok ? answer.data.items : []
}

export default function Home() {
  const { fresh, sellers, families, hung, origin } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHead
        title="Stoa · good things, in the shade"
        description="A covered walk of good things: lamps, chairs, kettles, bags and more, priced to the cent and kept in stock."
        path="/"
        image={hung[0]?.card?.image ?? undefined}
      />
      <StructuredData data={siteData(origin)} />
      <Colonnade families={hung} />
      {fresh.length > 0 ? <JustCarriedIn cards={fresh} /> : <NothingYet />}
      <FamilyIndex families={families} />
      <Ranking cards={sellers} />
      <Story />
    </>
  )
}

function JustCarriedIn({ cards }: { cards: readonly Card[] }) {
  return (
    <section aria-labelledby="new" className="mx-auto max-w-[90rem] px-4 pt-16 md:px-8 md:pt-24">
      <div className="bays grid-cols-2 md:grid-cols-4">
        <div className="col-span-2 flex flex-col justify-between gap-6 p-4 pb-8 md:col-span-1 md:py-6 md:pr-6 md:pl-0">
          <h2 id="new" className="display text-2xl">
            Just carried in
          </h2>
          <p>
            <a href="/search?sort=newest" className="group/link inline-flex items-center gap-2 font-semibold text-accent">
              <span className="link">All that is new</span> <ArrowIcon />
            </a>
          </p>
        </div>
        {cards.map((card) => (
          <ProductCard key={card.id} card={card} heading="h3" />
        ))}
      </div>
    </section>
  )
}

/** The first days of a shop, or a day on which all is sold. */
function NothingYet() {
  return (
    <section aria-labelledby="new" className="mx-auto max-w-[90rem] px-4 pt-16 md:px-8 md:pt-24">
      <div className="border-y border-line py-10 md:py-16">
        <h2 id="new" className="display text-2xl">
          The goods are on their way.
        </h2>
        <p className="mt-4 max-w-prose text-base text-soft">Nothing can be carried home just now. Come by again soon.</p>
      </div>
    </section>
  )
}
