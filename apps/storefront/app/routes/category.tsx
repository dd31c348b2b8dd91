import { data, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { countText } from '@stoa/ui/format.ts'
import { Crumbs } from '../parts/crumbs.tsx'
import { ListingPage } from '../parts/listing-page.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { StructuredData } from '../parts/structured-data.tsx'
import { loadListing } from '../visit/listing.server.ts'
import { categoriesOf, pathTo } from '../visit/shop.ts'
import { shelfData } from '../visit/structured.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context, params }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const path = pathTo(await categoriesOf(visit), params['category'] ?? '')
  const category = path.at(-1)
  if (category === undefined) throw data({ code: 'not-found' }, { status: 404 })
  const view = await loadListing(visit, category)
  return {
    view,
    path: path.map(({ slug, name }) => ({ slug, name })),
    below: category.children.map(({ slug, name }) => ({ slug, name })),
    origin: visit.origin,
  }
}

export default function Category() {
  const { view, path, below, origin } = useLoaderData<typeof loader>()
  const name = path.at(-1)?.name ?? ''
  return (
    <>
      <PageHead
        title={`${name} · Stoa`}
        description={`${name} at Stoa${below.length > 0 ? `: ${below.map((one) => one.name).join(', ')}` : ''}. ${countText(view.total ?? view.items.length, 'thing', 'things')}, with prices and stock of this moment.`}
        // Filters, sorts and later pages show parts of the same shelf in other orders.
        path={view.search === '' ? `/c/${path.at(-1)?.slug}` : undefined}
        image={view.items[0]?.image ?? undefined}
      />
      <StructuredData data={shelfData(path, origin)} />
      <ListingPage
        view={view}
        head={
          <header className="py-8 md:py-12">
            <Crumbs path={path.slice(0, -1)} />
            <h1 className="display mt-2 text-2xl md:text-3xl">{name}</h1>
            {below.length > 0 ? (
              <ul className="mt-4 flex flex-wrap gap-x-6 gap-y-1 text-sm">
                {below.map((one) => (
                  <li key={one.slug}>
                    <a href={`/c/${one.slug}`} className="link inline-block py-1.5">
                      {one.name}
                    </a>
                  </li>
                ))}
              </ul>
            ) : null}
          </header>
        }
      />
    </>
  )
}
