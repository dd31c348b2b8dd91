import { useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { ListingPage } from '../parts/listing-page.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { loadListing } from '../visit/listing.server.ts'
import { visitContext } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return loadListing(context.get(visitContext))
}

export default function Search() {
  const view = useLoaderData<typeof loader>()
  const title = view.q ? `“${view.q}”` : 'All goods'
  return (
    <>
      <PageHead
        title={`${view.q ? `${view.q} · search` : 'All goods'} · Stoa`}
        description={`${title} at Stoa, with filters, prices and stock of this moment.`}
        path={undefined}
      />
      <ListingPage
        view={view}
        head={
          <header className="py-8 md:py-12">
            {view.q ? <p className="text-sm text-soft">Searched for</p> : null}
            <h1 className="display text-2xl break-words">{title}</h1>
            {view.didYouMean ? (
              <p className="mt-3 text-base">
                Did you mean{' '}
                <a href={`/search?q=${encodeURIComponent(view.didYouMean)}`} className="link font-semibold text-accent">
                  {view.didYouMean}
                </a>
                ?
              </p>
            ) : null}
          </header>
        }
      />
    </>
  )
}
