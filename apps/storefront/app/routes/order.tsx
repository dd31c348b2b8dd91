import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Notice } from '@stoa/ui/notice.tsx'
import { Timeline } from '@stoa/ui/timeline.tsx'
import { OrderAddress, OrderLines } from '../parts/order-lines.tsx'
import { BuyAgain, CancelOrder, Missing, PaymentHelp } from '../parts/order-actions.tsx'
import { Shipments } from '../parts/shipments.tsx'
import { textsOf } from '../visit/forms.ts'
import { hasEnded, isSettling, orderWords, stationsOf } from '../visit/order-words.ts'
import { orderOf, passOf, passQuery } from '../visit/orders.server.ts'
import type { Order, Reordered } from '../visit/shop.ts'
import { visitContext, type Visit } from '../visit/visit.ts'

/** Seconds between looks at a settling order where no JavaScript runs. */
const LOOK_AGAIN_SECONDS = 4

export async function loader({ context, params }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const order = await orderOf(visit, params['orderId'] ?? '')
  const pass = passQuery(visit)
  return {
    order,
    pass,
    mayCancel:
      order.cancellableUntil !== null &&
      Date.parse(order.cancellableUntil) > Date.now() &&
      !order.cancelRequested &&
      ['PENDING', 'CONFIRMED'].includes(order.status),
    demo: visit.demo,
  }
}

const refusals: Record<string, string> = {
  'cancel-window-passed': 'It is too late to cancel: the time has passed or we have begun to pack.',
  'illegal-transition': 'That is no longer possible: the order has moved on.',
}

interface Outcome {
  readonly problem?: string
  readonly missing?: Reordered['notAdded']
}

/** Cancels, begins another payment, or buys the same again. */
export async function action({ context, request, params }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const { intent } = textsOf(await request.formData())
  const orderId = params['orderId'] ?? ''
  const here = `/orders/${encodeURIComponent(orderId)}`
  const headers = passOf(visit)
  if (intent === 'again') return buyAgain(visit, orderId)
  const answer =
    intent === 'cancel'
      ? await visit.ask('POST', `/api/orders/${encodeURIComponent(orderId)}/cancel`, { body: {}, headers })
      : await visit.ask<Order['payment']>('POST', '/api/payment/checkout', { body: { orderId, method: 'card' }, headers })
  if (answer.ok) throw redirect(`${here}${intent === 'cancel' ? '' : '/pay'}${passQuery(visit)}`)
  return refused(answer.problem.code, answer.status)
}

/** Fills the cart and goes there; what could not be had is said here first. */
async function buyAgain(visit: Visit, orderId: string) {
  const answer = await visit.ask<Reordered>('POST', `/api/orders/${encodeURIComponent(orderId)}/reorder`, { headers: passOf(visit) })
  if (!answer.ok) return refused(answer.problem.code, answer.status)
  if (answer.data.notAdded.length === 0) throw redirect('/cart')
  return data<Outcome>({ missing: answer.data.notAdded })
}

function refused(code: string, status: number) {
  return data<Outcome>({ problem: refusals[code] ?? 'That did not work just now. Please try again.' }, { status })
}

export default function OrderPage() {
  const { order, pass, mayCancel } = useLoaderData<typeof loader>()
  const { problem, missing }: Outcome = useActionData<typeof action>() ?? {}
  const words = orderWords(order)
  // Whoever shows a pass can ask the API itself; a session's token is out of reach of the page, so the storefront hands that stream on.
  const events = hasEnded(order.status) ? undefined : `${pass === '' ? '' : '/api'}/orders/${order.orderId}/events${pass}`
  return (
    <div
      className="mx-auto max-w-[76rem] px-4 md:px-8"
      data-order-events={events}
      data-order-entries={order.timeline.length}
      data-order-settling={isSettling(order) ? '' : undefined}
    >
      <title>{`Order ${order.number} · Stoa`}</title>
      {isSettling(order) ? (
        <noscript>
          <meta httpEquiv="refresh" content={String(LOOK_AGAIN_SECONDS)} />
        </noscript>
      ) : null}
      <header className="py-8 md:py-12">
        <p className="tabular text-sm text-soft">Order {order.number}</p>
        <h1 className="display mt-1 text-2xl md:text-3xl">{words.title}</h1>
        <p className="mt-3 max-w-prose text-base text-soft">{words.next}</p>
        <p data-say="" className="quiet">{`${words.title} ${words.next}`}</p>
      </header>
      {problem ? (
        <div className="mb-8">
          <Notice tone="bad" live>
            {problem}
          </Notice>
        </div>
      ) : null}
      {missing ? <Missing order={order} missing={missing} /> : null}
      <PaymentHelp order={order} pass={pass} />
      <div className="grid gap-x-16 gap-y-12 md:grid-cols-[18rem_1fr]">
        <div className="space-y-8">
          <Timeline label="The way of this order" stations={stationsOf(order)} />
          {mayCancel ? <CancelOrder until={order.cancellableUntil ?? ''} /> : null}
        </div>
        <div className="min-w-0 space-y-12">
          <Shipments shipments={order.shipments} />
          <OrderLines order={order} />
          <BuyAgain order={order} />
          <OrderAddress order={order} />
        </div>
      </div>
    </div>
  )
}
