import type { LoaderFunctionArgs } from 'react-router'
import { PERSONAL } from '../visit/guard.ts'
import { visitContext } from '../visit/visit.ts'

/** Lists in every order, and what is no page, are nothing to be found either. */
const CLOSED = [...PERSONAL, 'api/', 'logout', 'search'].map((path) => `Disallow: /${path}`)

export function loader({ context }: LoaderFunctionArgs) {
  const { origin } = context.get(visitContext)
  const lines = ['User-agent: *', ...CLOSED, '', `Sitemap: ${origin}/sitemap.xml`, '']
  return new Response(lines.join('\n'), { headers: { 'Content-Type': 'text/plain; charset=utf-8' } })
}
