import type { LoaderFunctionArgs } from 'react-router'
import { visitContext } from '../visit/visit.ts'

/** Pages of one visitor, and lists in every order, are nothing to be found by others. */
const CLOSED = ['/account', '/api/', '/cart', '/checkout', '/inbox', '/login', '/orders/', '/register', '/search']

export function loader({ context }: LoaderFunctionArgs) {
  const { url } = context.get(visitContext)
  const lines = ['User-agent: *', ...CLOSED.map((path) => `Disallow: ${path}`), '', `Sitemap: ${url.origin}/sitemap.xml`, '']
  return new Response(lines.join('\n'), { headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}
