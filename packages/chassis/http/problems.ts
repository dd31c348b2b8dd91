/** Problem documents (RFC 9457): the one shape of every error that leaves the house. */
import type { FastifyReply } from 'fastify'
import type { FieldError, Refusal } from '../contract.ts'
import { FAULTS, type Fault } from '../fault.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly requestId: string
  readonly errors?: readonly FieldError[]
  readonly [extension: string]: unknown
}

/** Refusals that any route may answer, beside those its contract promises. */
export const COMMON_REFUSALS = {
  'too-many-requests': 429,
  unauthenticated: 401,
  forbidden: 403,
  'invalid-json': 400,
  'idempotency-key-missing': 400,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'invalid-request': 422,
  'idempotency-key-reused': 422,
  'idempotency-key-in-use': 409,
  'not-found': 404,
  'precondition-required': 428,
  stale: 412,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  conflict: 409,
} as const

const BASE = 'https://stoa.example/problems/'

/** Makes a problem document. */
export function problem(
  status: number,
  code: string,
  requestId: string,
  more: { detail?: string | undefined; errors?: readonly FieldError[] | undefined; title?: string | undefined } & Record<
    string,
    unknown
  > = {},
): Problem {
  const { detail, errors, title, ...extensions } = more
  return {
    ...extensions,
    type: `${BASE}${code}`,
    title: title ?? titleOf(code),
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    requestId,
    ...(errors === undefined ? {} : { errors }),
  }
}

/** The problem document of a refusal, with the status its contract (or the common table) gives. */
export function problemOfRefusal(refusal: Refusal, statuses: Readonly<Record<string, number>>, requestId: string): Problem {
  const { refused, ...more } = refusal
  const status = statuses[refused] ?? (COMMON_REFUSALS as Record<string, number>)[refused]
  if (status === undefined) throw new Error(`refusal '${refused}' was never promised`)
  return problem(status, refused, requestId, more as { detail?: string })
}

/** The problem document of a fault; it tells nothing of our insides. */
export function problemOfFault(fault: Fault, requestId: string): Problem {
  const { status, title } = FAULTS[fault.code]
  return problem(status, status === 503 ? 'unavailable' : fault.code, requestId, { title })
}

/** `insufficient-stock` → `Insufficient stock`. */
export function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Sends a problem document. */
export function sendProblem(reply: FastifyReply, document: Problem): FastifyReply {
  return reply.code(document.status).header('content-type', 'application/problem+json').serializer(JSON.stringify).send(document)
}
