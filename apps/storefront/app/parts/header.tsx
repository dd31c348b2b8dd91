import { useLocation } from 'react-router'
import { Mark } from './mark.tsx'
import { BasketIcon, MenuIcon, PersonIcon } from './icons.tsx'
import { SearchField } from './search-field.tsx'

export interface Family {
  readonly slug: string
  readonly name: string
}

/** The head of every page: name, goods, search, account, cart. Works by links, a form and `details` alone. */
export function Header({ families, cartUnits, signedIn }: { families: readonly Family[]; cartUnits: number; signedIn: boolean }) {
  return (
    <header className="relative z-30 border-b border-line bg-ground">
      <div className="mx-auto grid max-w-[90rem] grid-cols-[auto_1fr_auto] items-center gap-x-4 gap-y-3 px-4 py-3 md:grid-cols-[auto_auto_1fr_auto] md:gap-x-8 md:px-8 md:py-4">
        <a href="/" className="order-2 flex items-center gap-3 md:order-1" aria-label="Stoa, front page">
          <Mark className="text-accent" />
          <span className="display text-xl tracking-tight">Stoa</span>
        </a>
        <Goods families={families} />
        <SearchForm />
        <nav aria-label="You" className="order-3 flex items-center gap-1 md:order-4 md:gap-2">
          <a
            href={signedIn ? '/account' : '/login'}
            className="inline-flex min-h-11 min-w-11 items-center justify-center gap-2 px-2 text-sm font-medium hover:text-accent"
          >
            <PersonIcon />
            <span className="quiet md:not-sr-only">{signedIn ? 'Account' : 'Sign in'}</span>
          </a>
          <a href="/cart" data-cart="" className="inline-flex min-h-11 items-center gap-2 px-2 text-sm font-medium hover:text-accent">
            <BasketIcon />
            <span className="quiet md:not-sr-only">Cart</span>
            <span
              aria-hidden="true"
              className={`tabular min-w-6 rounded-full px-1.5 text-center text-xs leading-6 ${cartUnits > 0 ? 'bg-accent text-on-accent' : 'text-soft'}`}
            >
              {cartUnits}
            </span>
            <span className="quiet">
              , {cartUnits} {cartUnits === 1 ? 'thing' : 'things'} in it
            </span>
          </a>
        </nav>
      </div>
    </header>
  )
}

function Goods({ families }: { families: readonly Family[] }) {
  return (
    <details data-menu="" className="group order-1 md:order-2">
      <summary className="inline-flex min-h-11 items-center gap-2 pr-2 text-sm font-medium hover:text-accent">
        <MenuIcon />
        <span className="quiet md:not-sr-only">All goods</span>
      </summary>
      <div className="absolute inset-x-0 top-full border-y border-line bg-raised shadow-lift">
        <nav aria-label="Families of goods" className="mx-auto max-w-[90rem] px-4 py-6 md:px-8 md:py-10">
          <ul className="grid grid-cols-2 gap-x-6 md:grid-cols-4 md:gap-x-12">
            {families.map((family) => (
              <li key={family.slug} className="border-t border-line">
                <a
                  href={`/c/${family.slug}`}
                  className="display block py-3 text-base hover:text-accent aria-[current]:text-accent md:text-lg"
                >
                  {family.name}
                </a>
              </li>
            ))}
          </ul>
          <ul className="mt-6 flex flex-wrap gap-x-8 gap-y-2 border-t border-line pt-4 text-sm">
            <li>
              <a href="/search?sort=newest" className="link inline-block py-1">
                What is new
              </a>
            </li>
            <li>
              <a href="/search?sort=sales" className="link inline-block py-1">
                What sells
              </a>
            </li>
          </ul>
        </nav>
      </div>
    </details>
  )
}

function SearchForm() {
  const { pathname, search } = useLocation()
  const asked = pathname === '/search' ? (new URLSearchParams(search).get('q') ?? '') : ''
  return (
    <form action="/search" role="search" className="order-4 col-span-3 md:order-3 md:col-span-1 md:max-w-md md:justify-self-end md:w-full">
      <label htmlFor="q" className="quiet">
        Search the shop
      </label>
      <datalist id="suggestions" />
      <SearchField id="q" asked={asked} placeholder="Lamp, kettle, something blue" action="Search" list="suggestions" />
    </form>
  )
}
