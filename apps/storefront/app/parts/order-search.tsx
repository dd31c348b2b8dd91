import { SearchField } from './search-field.tsx'

/** Looks through the visitor's orders: a plain form, its words in the address. */
export function OrderSearch({ q }: { q: string }) {
  return (
    <form action="/account/orders" role="search" aria-label="Your orders" className="mb-8 max-w-md">
      <label htmlFor="orders-q" className="mb-1 block text-sm font-medium">
        Find an order
      </label>
      <SearchField id="orders-q" asked={q} placeholder="Number, name or article number" action="Search your orders" />
      {q === '' ? null : (
        <a href="/account/orders" className="link mt-2 inline-block py-1 text-sm text-soft">
          Show all orders
        </a>
      )}
    </form>
  )
}
