import type { Family } from './header.tsx'
import { Mark } from './mark.tsx'

/** The foot of every page. */
export function Footer({ families, demo }: { families: readonly Family[]; demo: boolean }) {
  return (
    <footer className="mt-24 border-t border-line bg-sunken">
      <div className="mx-auto grid max-w-[90rem] gap-10 px-4 py-12 md:grid-cols-[1.4fr_2fr_1fr] md:px-8 md:py-16">
        <div>
          <p className="flex items-center gap-3">
            <Mark className="text-accent" />
            <span className="display text-xl">Stoa</span>
          </p>
          <p className="mt-4 max-w-xs text-sm text-soft">
            A covered walk of good things: made to be used, priced to the cent, kept in stock or said to be out.
          </p>
        </div>
        <nav aria-label="Families" hidden={families.length === 0}>
          <h2 className="text-sm font-semibold">Goods</h2>
          <ul className="mt-3 columns-2 gap-8 text-sm md:columns-3">
            {families.map((family) => (
              <li key={family.slug}>
                <a href={`/c/${family.slug}`} className="inline-block py-1 text-soft hover:text-ink hover:underline">
                  {family.name}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <nav aria-label="More">
          <h2 className="text-sm font-semibold">Yours</h2>
          <ul className="mt-3 text-sm">
            {[['/cart', 'Cart'], ['/account/orders', 'Orders'], ['/account', 'Account'], ...(demo ? [['/inbox', 'Demo inbox']] : [])].map(
              ([to, name]) => (
                <li key={to}>
                  <a href={to as string} className="inline-block py-1 text-soft hover:text-ink hover:underline">
                    {name}
                  </a>
                </li>
              ),
            )}
          </ul>
        </nav>
      </div>
      {demo ? (
        <p className="border-t border-line px-4 py-4 text-center text-xs text-soft md:px-8">
          This is a demonstration shop. Cards are sandbox cards, parcels never leave, and every mail lands in the{' '}
          <a href="/inbox" className="link">
            inbox
          </a>
          .
        </p>
      ) : null}
    </footer>
  )
}
