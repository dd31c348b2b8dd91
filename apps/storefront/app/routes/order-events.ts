import type { LoaderFunctionArgs } from 'react-router'
import { passOf } from '../visit/orders.server.ts'
import { visitContext } from '../visit/visit.ts'

/** Hands the order's stream on: the browser cannot show the API the session by itself, since its token is out of reach of scripts. */
export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const last = request.headers.get('last-event-id')
  const answer = await visit.stream(`/api/orders/${encodeURIComponent(params['orderId'] ?? '')}/events`, request.signal, {
    ...passOf(visit),
    ...(last === null ? {} : { 'Last-Event-ID': last }),
  })
  if (!answer.ok || answer.body === null) return new Response(null, { status: answer.ok ? 502 : answer.status })
  return new Response(answer.body, { headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' } })
}
