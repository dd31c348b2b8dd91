/** What any route may answer instead of its output: its own refusals, and those that come with how it is made. */
import type { Route } from '../contract.ts'
import { FAULTS } from '../fault.ts'
import { COMMON_REFUSALS } from '../http/problems.ts'

type CommonCode = keyof typeof COMMON_REFUSALS

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
  // A bad or expired token is refused on public routes too.
  // Fields that a route does not know are bad, so that also one that takes none may answer invalid-request.
  const codes: CommonCode[] = ['unauthenticated', 'too-many-requests', 'not-acceptable', 'invalid-request']
  if (typeof route.permission === 'object') codes.push('forbidden')
  if (takesJson(route)) codes.push('invalid-json')
  if (takesJson(route) || route.rawBody) codes.push('payload-too-large', 'unsupported-media-type')
  if (route.idempotencyKey) codes.push('idempotency-key-in-use', 'idempotency-key-reused')
  if (route.idempotencyKey === 'required') codes.push('idempotency-key-missing')
  if (route.ifMatch) codes.push('precondition-required', 'stale')
  return [[FAULTS.unavailable.status, 'unavailable'], ...codes.map((code): [number, string] => [COMMON_REFUSALS[code], code])]
}

/** Whether the route has a JSON body. */
export function takesJson(route: Route): boolean {
  return route.body !== undefined && !route.rawBody && route.method !== 'GET' && route.method !== 'DELETE'
}

/** Names of an object schema's fields. */
export function fieldsOf(schema: object | undefined): string[] {
  return Object.keys((schema as { properties?: object } | undefined)?.properties ?? {})
}
