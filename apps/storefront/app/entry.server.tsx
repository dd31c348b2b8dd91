import { renderToString } from 'react-dom/server'
import { createRequestHandler, RouterContextProvider, ServerRouter, type EntryContext, type ServerBuild } from 'react-router'
import { ClientScript } from './parts/client-script.ts'
import { isForgery, pageHeaders } from './visit/guard.ts'
import { createShared, createVisit, visitContext, type ApiFetch } from './visit/visit.ts'

/**
 * Renders a page whole and in one go: loaders have answered by now, nothing is deferred. Pages are not hydrated, so neither
 * their data nor their components are sent to the browser (`entry.client.ts`).
 */
export default function handleRequest(request: Request, status: number, headers: Headers, entryContext: EntryContext): Response {
  // The stream would carry the loaders' data to the browser; nobody there reads it.
  entryContext.serverHandoffStream?.cancel().catch(() => undefined)
  const html = renderToString(
    <ClientScript value={entryContext.manifest.entry.module}>
      <ServerRouter context={{ ...entryContext, serverHandoffStream: undefined }} url={request.url} />
    </ClientScript>,
  )
  headers.set('Content-Type', 'text/html; charset=utf-8')
  return new Response(`<!doctype html>${html}`, { status, headers })
}

/** Faults of rendering and loading go to the log once; an ended request is none. */
export function handleError(error: unknown, { request }: { request: Request }): void {
  if (!request.signal.aborted) console.error(error)
}

/** The whole storefront as a function from request to response; see `server.ts`. */
export function createHandler(
  build: ServerBuild,
  options: { api: ApiFetch; demo: boolean; origin?: string | undefined },
): (request: Request) => Promise<Response> {
  const render = createRequestHandler(build, 'production')
  const shared = createShared()
  return async (request) => {
    if (isForgery(request))
      return new Response('This form was sent from another site.\n', { status: 403, headers: { 'Content-Type': 'text/plain' } })
    // Pages are not hydrated, so nobody asks for their bare data.
    if (new URL(request.url).pathname.endsWith('.data')) return new Response(null, { status: 404 })
    const visit = createVisit(request, { ...options, shared })
    const context = new RouterContextProvider()
    context.set(visitContext, visit)
    const answer = await render(withoutOrigin(request), context)
    const headers = pageHeaders(new Headers(answer.headers), request)
    for (const cookie of visit.setCookies()) headers.append('Set-Cookie', cookie)
    return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers })
  }
}

/** React Router compares Origin too, but takes the `null` that pages with `no-referrer` send for another site's. */
function withoutOrigin(request: Request): Request {
  if (request.headers.get('origin') === null) return request
  const headers = new Headers(request.headers)
  headers.delete('origin')
  return new Request(request, { headers })
}
