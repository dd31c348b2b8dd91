/** Problem documents (RFC 9457): the one shape of every error that leaves the house. */
import type { FastifyReply } from 'fastify'
import type { FieldError, Refusal } from '../contract.ts'
import { FAULTS, type Fault } from '../fault.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
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

/** What is told where nothing more exact is known. */
const DETAILS: Readonly<Record<string, string>> = {
  'too-many-requests': 'Too many requests within a minute. Come back after the seconds that Retry-After names.',
  unauthenticated: 'This needs a valid access token. Log in, or refresh the session.',
  forbidden: 'This account may not do this.',
  'invalid-json': 'The body is not JSON that can be read.',
  'payload-too-large': 'The body is larger than what is taken here.',
  'unsupported-media-type': 'The body is of a type that is not taken here.',
  'invalid-request': 'Some fields are not as they must be.',
  'not-found': 'There is nothing here, or it belongs to somebody else.',
  'precondition-required': 'This request needs the header If-Match with the ETag last seen.',
  stale: 'It changed meanwhile. Read it again and repeat the change.',
  'method-not-allowed': 'Nothing is done here by this method; Allow names those that are.',
  'not-acceptable': 'None of the types that Accept names is answered here.',
  'invalid-cursor': 'This cursor belongs to another list.',
  unavailable: 'For the moment this cannot be answered. Come back after the seconds that Retry-After names.',
  internal: 'Something went wrong on our side. The request id helps us to find it.',
}

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
  const { errors, title = titleOf(code), detail = DETAILS[code] ?? `${title}.`, ...extensions } = more
  return {
    ...extensions,
    type: `${BASE}${code}`,
    title,
    status,
    code,
    detail,
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
