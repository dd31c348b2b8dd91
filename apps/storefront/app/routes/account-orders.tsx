import { useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { buttonLook } from '@stoa/ui/button.tsx'
import { OrderList } from '../parts/order-list.tsx'
import { mustOwn, requireSession, type OrderPage } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

const PAGE_SIZE = 20

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const cursor = visit.url.searchParams.get('cursor')
  let answer = await visit.ask<OrderPage>('GET', `/api/orders?limit=${PAGE_SIZE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
  if (!answer.ok && answer.problem.code === 'invalid-cursor') answer = await visit.ask<OrderPage>('GET', `/api/orders?limit=${PAGE_SIZE}`)
  return mustOwn(visit, answer)
}

export default function Orders() {
  const { items, nextCursor } = useLoaderData<typeof loader>()
  return (
    <>
      <title>Your orders · Stoa</title>
      <h1 className="display pb-6 text-2xl md:text-3xl">Your orders</h1>
      <OrderList orders={items} />
      {nextCursor ? (
        <p className="py-6">
          <a href={`/account/orders?cursor=${encodeURIComponent(nextCursor)}`} className={buttonLook('plain')}>
            Older orders
          </a>
        </p>
      ) : null}
    </>
  )
}
