import { use, type ReactNode } from 'react'
import { isRouteErrorResponse, Links, Outlet, useLocation, useRouteLoaderData, type LoaderFunctionArgs } from 'react-router'
import fraunces from '@fontsource-variable/fraunces/files/fraunces-latin-opsz-normal.woff2?url'
import instrumentSans from '@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2?url'
import './app.css'
import favicon from './favicon.svg?url'
import { ClientScript } from './parts/client-script.ts'
import { Footer } from './parts/footer.tsx'
import { Header } from './parts/header.tsx'
import { Trouble } from './parts/trouble.tsx'
import { isPersonal } from './visit/guard.ts'
import { cartOf, categoriesOf, familiesOf } from './visit/shop.ts'
import { visitContext } from './visit/visit.ts'

/** More than this would be a list, not a walk. */
const FAMILIES_MAX = 24

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const [categories, cart] = await Promise.all([categoriesOf(visit), cartOf(visit)])
  return {
    families: familiesOf(categories)
      .slice(0, FAMILIES_MAX)
      .map(({ slug, name }) => ({ slug, name })),
    cartUnits: cart === null ? 0 : cart.items.reduce((units, line) => units + line.quantity, 0),
    // Asked last: asking for the cart may have shown that the session is over.
    signedIn: await visit.signedIn(),
    demo: visit.demo,
    origin: visit.origin,
  }
}

export function Layout({ children }: { children: ReactNode }) {
  const frame = useRouteLoaderData<typeof loader>('root')
  const { pathname } = useLocation()
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf8f4" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#141311" />
        {isPersonal(pathname) ? <meta name="robots" content="noindex" /> : null}
        <link rel="icon" href={favicon} type="image/svg+xml" />
        <link rel="preload" href={fraunces} as="font" type="font/woff2" crossOrigin="anonymous" />
        <link rel="preload" href={instrumentSans} as="font" type="font/woff2" crossOrigin="anonymous" />
        <Links />
        <script type="module" src={use(ClientScript)} />
      </head>
      <body>
        <a
          href="#main"
          className="quiet focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:m-0 focus:h-auto focus:w-auto focus:bg-accent focus:px-4 focus:py-2 focus:text-on-accent focus:[clip-path:none]"
        >
          Skip to the page
        </a>
        <Header families={frame?.families ?? []} cartUnits={frame?.cartUnits ?? 0} signedIn={frame?.signedIn ?? false} />
        <main id="main" tabIndex={-1} className="outline-none">
          {children}
        </main>
        <Footer families={frame?.families ?? []} demo={frame?.demo ?? false} />
        <p id="said" role="status" className="quiet" />
      </body>
    </html>
  )
}

export default function Root() {
  return <Outlet />
}

export function ErrorBoundary({ error }: { error: unknown }) {
  return <Trouble status={isRouteErrorResponse(error) ? error.status : 500} />
}
