import { useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { buttonLook } from '@stoa/ui/button.tsx'
import { OrderList } from '../parts/order-list.tsx'
import { OrderSearch } from '../parts/order-search.tsx'
import { mustOwn, requireSession, type OrderPage } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

const PAGE_SIZE = '20'
const WORDS_MAX = 200

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const q = (visit.url.searchParams.get('q') ?? '').trim().slice(0, WORDS_MAX).toWellFormed()
  const cursor = visit.url.searchParams.get('cursor')
  const query = new URLSearchParams({ limit: PAGE_SIZE, ...(q === '' ? {} : { q }) })
  let answer = await visit.ask<OrderPage>('GET', `/api/orders?${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
  if (!answer.ok && answer.problem.code === 'invalid-cursor') answer = await visit.ask<OrderPage>('GET', `/api/orders?${query}`)
  return { ...mustOwn(visit, answer), q }
}

export default function Orders() {
  const { items, nextCursor, q } = useLoaderData<typeof loader>()
  return (
    <>
      <title>{`${q === '' ? 'Your orders' : `${q} · your orders`} · Stoa`}</title>
      <h1 className="display pb-6 text-2xl md:text-3xl">Your orders</h1>
      {items.length > 0 || q !== '' ? <OrderSearch q={q} /> : null}
      {items.length === 0 && q !== '' ? (
        <p className="border-t border-line py-8 text-base text-soft">
          No order fits “{q}”. Try the number, a name or an article number, or{' '}
          <a href="/account/orders" className="link text-ink">
            see all orders
          </a>
          .
        </p>
      ) : (
        <OrderList orders={items} />
      )}
      {nextCursor ? (
        <p className="py-6">
          <a
            href={`/account/orders?${new URLSearchParams({ ...(q === '' ? {} : { q }), cursor: nextCursor })}`}
            className={buttonLook('plain')}
          >
            Older orders
          </a>
        </p>
      ) : null}
    </>
  )
}
