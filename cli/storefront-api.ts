/** How the storefront reaches the API: in memory where both are one process, else over HTTP. */
import { Readable } from 'node:stream'
import type { LightMyRequestResponse } from 'fastify'
import type { Upstreams } from '@stoa/chassis/calls/upstreams.ts'
import type { House } from '@stoa/chassis/runtime/house.ts'

interface ApiCall {
  readonly method: string
  readonly headers: RequestInit['headers']
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The API in memory, for the storefront: no socket between a page and its data. The visitor's address goes along. */
export function apiInMemory(house: House) {
  return async (path: string, call: ApiCall): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(call.headers))
    const address = headers['x-forwarded-for']
    delete headers['x-forwarded-for']
    const isLive = headers['accept'] === 'text/event-stream'
    const answer = await house.server.inject({
      method: call.method as 'GET',
      url: path,
      headers,
      payloadAsStream: isLive,
      ...(address ? { remoteAddress: address } : {}),
      ...(call.body === undefined ? {} : { payload: call.body }),
    })
    const out = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) out.append(name, String(one))
    const empty = answer.statusCode === 204 || answer.statusCode === 304
    const body = isLive ? liveBody(answer, call.signal) : new Uint8Array(answer.rawPayload)
    return new Response(empty ? null : body, { status: answer.statusCode, headers: out })
  }
}

/** Events as they come: they have no end. Whoever stops listening ends the answer, so that nobody goes on telling him. */
function liveBody(answer: LightMyRequestResponse, signal: AbortSignal | undefined): ReadableStream {
  const stream = answer.stream()
  const leave = () => stream.destroy()
  signal?.addEventListener('abort', leave, { once: true })
  stream.once('error', () => {})
  stream.once('close', () => {
    signal?.removeEventListener('abort', leave)
    answer.raw.res.destroy()
  })
  return Readable.toWeb(stream) as ReadableStream
}

/** How long the API may take to begin an answer: longer than it gives a service, whose fault it then tells. */
const ANSWER_MS = 8000
/** A response has no body of its own then (Fetch, "null body status"). */
const WITHOUT_BODY = new Set([204, 304])

/** The API by HTTP, from a replica of the gateway. The visitor's address goes along. */
export function apiByHttp(upstreams: Upstreams) {
  return async (path: string, call: ApiCall): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(call.headers))
    const answer = await upstreams.send('gateway', {
      method: call.method as 'GET',
      path,
      headers,
      body: call.body,
      timeoutMs: ANSWER_MS,
      repeatable: call.method === 'GET' || headers['idempotency-key'] !== undefined,
      ...(call.signal ? { signal: call.signal } : {}),
    })
    const out = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) out.append(name, one)
    if (WITHOUT_BODY.has(answer.statusCode)) {
      await answer.body.dump()
      return new Response(null, { status: answer.statusCode, headers: out })
    }
    return new Response(Readable.toWeb(answer.body) as ReadableStream, { status: answer.statusCode, headers: out })
  }
}
