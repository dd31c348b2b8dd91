import { redirect, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { buttonLook } from '@stoa/ui/button.tsx'
import { moneyText } from '@stoa/ui/format.ts'
import { orderOf, passQuery } from '../visit/orders.server.ts'
import { visitContext } from '../visit/visit.ts'

/**
 * The way to the payment provider. A page of its own, because a form may not be redirected to another site under our content
 * security policy, and that policy is worth more than one page.
 */
export async function loader({ context, params }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const order = await orderOf(visit, params['orderId'] ?? '')
  const here = `/orders/${order.orderId}${passQuery(visit)}`
  const url = order.payment.nextAction?.url
  if (order.status !== 'PENDING' || url === undefined || !/^https?:\/\//.test(new URL(url, visit.url).href)) throw redirect(here)
  return { url: new URL(url, visit.url).href, here, total: order.totals.total, number: order.number }
}

export default function Pay() {
  const { url, here, total, number } = useLoaderData<typeof loader>()
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 md:px-8">
      <title>{`Pay order ${number} · Stoa`}</title>
      <meta httpEquiv="refresh" content={`0;url=${url}`} />
      <h1 className="display text-2xl md:text-3xl">On to the payment</h1>
      <p className="mt-4 max-w-prose text-base text-soft">
        You pay {moneyText(total)} on the page of the payment provider and come back here afterwards. Your goods are held meanwhile.
      </p>
      <div className="mt-8 flex flex-wrap gap-3">
        <a href={url} className={buttonLook('primary')}>
          Go to the payment page
        </a>
        <a href={here} className={buttonLook('quiet')}>
          Back to the order
        </a>
      </div>
    </div>
  )
}
