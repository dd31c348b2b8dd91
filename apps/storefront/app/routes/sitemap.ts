import type { LoaderFunctionArgs } from 'react-router'
import { visitContext } from '../visit/visit.ts'

/** The catalogue's own sitemap, at the address where search engines look for it. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const answer = await visit.stream(`/api/sitemap${visit.url.search}`, request.signal, { Accept: 'application/xml' })
  if (!answer.ok) return new Response(null, { status: answer.status })
  return new Response(answer.body, { headers: { 'Content-Type': 'application/xml; charset=utf-8' } })
}
