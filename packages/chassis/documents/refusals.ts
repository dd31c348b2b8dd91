/** What any route may answer instead of its output: its own refusals, and those that come with how it is made. */
import type { Route } from '../contract.ts'

/** Codes by status, in order of the status. */
export function refusalsOf(route: Route): Map<number, string[]> {
  const all: [number, string][] = [
    ...commonRefusals(route),
    ...Object.entries(route.refusals ?? {}).map(([code, status]): [number, string] => [status, code]),
  ]
  const byStatus = new Map<number, string[]>()
  for (const [status, code] of all.sort(([a], [b]) => a - b)) {
    const codes = byStatus.get(status) ?? []
    if (!codes.includes(code)) codes.push(code)
    byStatus.set(status, codes)
  }
  return byStatus
}

function commonRefusals(route: Route): [number, string][] {
  const refusals: [number, string][] = [
    // A bad or expired token is refused on public routes too.
    [401, 'unauthenticated'],
    [429, 'too-many-requests'],
    [503, 'unavailable'],
  ]
  if (typeof route.permission === 'object') refusals.push([403, 'forbidden'])
  if (takesJson(route)) refusals.push([400, 'invalid-json'])
  if (takesJson(route) || route.rawBody) refusals.push([413, 'payload-too-large'], [415, 'unsupported-media-type'])
  if (takesAnything(route)) refusals.push([422, 'invalid-request'])
  if (route.idempotencyKey) refusals.push([409, 'idempotency-key-in-use'], [422, 'idempotency-key-reused'])
  if (route.idempotencyKey === 'required') refusals.push([400, 'idempotency-key-missing'])
  if (route.ifMatch) refusals.push([428, 'precondition-required'], [412, 'stale'])
  return refusals
}

/** Whether the route has a JSON body. */
export function takesJson(route: Route): boolean {
  return route.body !== undefined && !route.rawBody && route.method !== 'GET' && route.method !== 'DELETE'
}

function takesAnything(route: Route): boolean {
  return takesJson(route) || fieldsOf(route.params).length > 0 || fieldsOf(route.query).length > 0 || route.idempotencyKey !== undefined
}

/** Names of an object schema's fields. */
export function fieldsOf(schema: object | undefined): string[] {
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}
