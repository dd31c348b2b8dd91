import { Outlet, useLocation, type LoaderFunctionArgs } from 'react-router'
import { requireSession } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  await requireSession(context.get(visitContext))
  return null
}

const pages = [
  ['/account', 'You'],
  ['/account/orders', 'Orders'],
  ['/account/addresses', 'Addresses'],
  ['/account/sessions', 'Password and devices'],
] as const

export default function AccountLayout() {
  const { pathname } = useLocation()
  return (
    <div className="mx-auto grid max-w-[76rem] gap-x-16 gap-y-6 px-4 py-8 md:grid-cols-[12rem_1fr] md:px-8 md:py-12">
      <nav aria-label="Your account" className="no-print min-w-0">
        <ul className="-mx-4 flex overflow-x-auto border-b border-line px-4 md:mx-0 md:block md:border-0 md:px-0">
          {pages.map(([href, name]) => (
            <li key={href} className="shrink-0 md:border-t md:border-line">
              <a
                href={href}
                aria-current={pathname === href ? 'page' : undefined}
                className="block px-3 py-3 text-sm whitespace-nowrap text-soft hover:text-ink aria-[current]:font-semibold aria-[current]:text-ink max-md:aria-[current]:shadow-[inset_0_-2px_var(--accent)] md:px-0"
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
        <form method="post" action="/logout" data-once="" className="max-md:hidden md:border-y md:border-line">
          <button className="min-h-11 text-sm text-soft hover:text-ink">Sign out</button>
        </form>
      </nav>
      <div className="min-w-0">
        <Outlet />
      </div>
    </div>
  )
}
