import { data } from 'react-router'
import { must, toLogin, type Order } from './shop.ts'
import type { Visit } from './visit.ts'

/** The pass a guest shows, as the API wants it. */
export function passOf(visit: Visit): Record<string, string> {
  const token = visit.url.searchParams.get('token')
  return token === null || !/^[\w.~-]{1,300}$/.test(token) ? {} : { 'Order-Token': token }
}

/** The address's own pass, to go on with. */
export function passQuery(visit: Visit): string {
  const token = visit.url.searchParams.get('token')
  return token === null ? '' : `?token=${encodeURIComponent(token)}`
}

/** An order of this visitor. Whoever shows no pass and is not signed in is asked to sign in first. */
export async function orderOf(visit: Visit, orderId: string): Promise<Order> {
  const answer = await visit.ask<Order>('GET', `/api/orders/${encodeURIComponent(orderId)}`, { headers: passOf(visit) })
  const stranger = !answer.ok && (answer.status === 404 || answer.status === 401) && !visit.url.searchParams.has('token')
  if (stranger && !(await visit.signedIn())) throw toLogin(visit)
  if (!answer.ok && answer.status === 401) throw data({ code: 'not-found' }, { status: 404 })
  return must(answer)
}
