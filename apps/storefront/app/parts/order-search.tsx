import { SearchIcon } from './icons.tsx'

/** Looks through the visitor's orders: a plain form, its words in the address. */
export function OrderSearch({ q }: { q: string }) {
  return (
    <form action="/account/orders" role="search" aria-label="Your orders" className="mb-8 max-w-md">
      <label htmlFor="orders-q" className="mb-1 block text-sm font-medium">
        Find an order
      </label>
      <div className="flex border-b border-edge transition-colors duration-150 focus-within:border-accent hover:border-ink">
        <input
          id="orders-q"
          name="q"
          type="search"
          defaultValue={q}
          autoComplete="off"
          maxLength={200}
          placeholder="Number, name or article number"
          className="min-h-11 w-full bg-transparent text-base placeholder:text-soft"
        />
        <button className="grid size-11 shrink-0 place-items-center hover:text-accent" aria-label="Search your orders">
          <SearchIcon />
        </button>
      </div>
      {q === '' ? null : (
        <a href="/account/orders" className="link mt-2 inline-block py-1 text-sm text-soft">
          Show all orders
        </a>
      )}
    </form>
  )
}
