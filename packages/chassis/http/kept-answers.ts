/** Answers that are the same for whoever does not say who he is: kept in the house, told again to caches on the way. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Making } from '../cache/kept.ts'
import { isRefusal, type Route } from '../contract.ts'
import type { Answer, RequestIn } from '../runtime/execute.ts'
import { GUEST } from './authentication.ts'

/** A cache on the way may keep what is for anybody, and asks each time whether it still holds. Told nothing, some keep it for a day. */
export const FOR_CACHES = 'public, max-age=0, must-revalidate'
/** It gives it to nobody who says who he is. */
const VARY = 'Authorization'

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** Names the bytes of the body. Without it the handler gave a tag of its own, which names something else. */
  readonly tag?: string
  readonly body: string
}

/** Whether the answer to this request may be kept. */
export function mayBeKept(contract: Route, request: FastifyRequest): boolean {
  return contract.keptMs !== undefined && request.headers.authorization === undefined
}

/** What a kept answer may depend on, and nothing else of the request. */
export function impersonal({ params, query }: RequestIn): RequestIn {
  const nobody = { caller: GUEST, address: '', cookies: {}, headers: {}, origin: '', ifMatch: '', idempotencyKey: undefined }
  return { input: {}, params, query, ...nobody }
}

/** The same for all requests with the same answer: names in one order. */
export function nameOf({ path }: Route, { params, query }: RequestIn): string {
  const sorted = (values: RequestIn['query']) => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([path, sorted(params), sorted(query)])
}

type Outcome = { readonly kept: KeptAnswer; readonly shown: readonly string[] } | { readonly refused: Answer }

/** How the answer is made and kept. A refusal is not. */
export function makingOf({ keptMs = 0 }: Route, answer: () => Promise<Answer>, serialize: (value: unknown) => string): Making<Outcome> {
  return {
    ms: keptMs,
    make: async () => {
      const made = await answer()
      if (isRefusal(made.outcome)) return { refused: made }
      const body = serialize(made.outcome)
      const tag = made.headers.etag === undefined ? `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` : undefined
      return { kept: { headers: made.headers, body, ...(tag === undefined ? {} : { tag }) }, shown: made.shown }
    },
    // The body as it is: within JSON it would be written and read twice.
    pack: (made) => {
      if ('refused' in made) return undefined
      const { body, ...rest } = made.kept
      return { value: `${JSON.stringify(rest)}\n${body}`, shows: made.shown }
    },
    unpack: (value) => {
      const end = value.indexOf('\n')
      return { kept: { ...(JSON.parse(value.slice(0, end)) as Omit<KeptAnswer, 'body'>), body: value.slice(end + 1) }, shown: [] }
    },
  }
}

/** Sends it, or 304 to whoever has it. */
export function sendKept(request: FastifyRequest, reply: FastifyReply, { headers, tag, body }: KeptAnswer): FastifyReply {
  const vary = [reply.getHeader('vary'), headers.vary, VARY].filter((one) => one !== undefined).join(', ')
  reply.headers({ ...headers, 'cache-control': FOR_CACHES, vary, ...(tag === undefined ? {} : { etag: tag }) })
  if (tag !== undefined && names(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.code(200).header('content-type', 'application/json; charset=utf-8').send(body)
}

/** Does `If-None-Match` name this tag? Weak tags will do: what is compared was not changed on the way (RFC 9110 §13.1.2). */
function names(ifNoneMatch: string | undefined, tag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag)
}
