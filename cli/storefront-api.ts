/** How the storefront reaches the API: in memory where both are one process, else over HTTP. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { LightMyRequestResponse } from 'fastify'
import { clockOf } from '@stoa/chassis/calls/deadline.ts'
import type { Upstreams } from '@stoa/chassis/calls/upstreams.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { endToEnd } from '@stoa/chassis/http/end-to-end.ts'
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
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** The API by HTTP, from a replica of the gateway. The visitor's address goes along. */
export function apiByHttp(upstreams: Upstreams) {
  return async (path: string, call: ApiCall): Promise<Response> => {
    const clock = clockOf(ANSWER_MS)
    const leave = () => clock.end(new Fault('unavailable', 'the visitor is gone'))
    call.signal?.addEventListener('abort', leave, { once: true })
    if (call.signal?.aborted) leave()
    const forget = () => call.signal?.removeEventListener('abort', leave)
    const isLive = new Headers(call.headers).get('accept') === 'text/event-stream'
    try {
      const { status, headers, body } = await upstreams.send('gateway', {
        method: call.method as 'GET',
        path,
        headers: Object.fromEntries(new Headers(call.headers)),
        body: call.body,
        // Which doors honour an idempotency key is not known here; whoever sends one asks again by himself.
        repeatable: call.method === 'GET',
        lasting: isLive,
        signal: clock.signal,
      })
      // Nobody may ever read it: a connection must not wait for that.
      const given = isLive || Buffer.isBuffer(body) ? body : await buffer(body)
      if (Buffer.isBuffer(given)) forget()
      else given.once('close', forget)
      return responseOf(status, endToEnd(headers), given)
    } catch (error) {
      forget()
      throw error
    } finally {
      clock.end()
    }
  }
}

function responseOf(status: number, headers: readonly [name: string, value: string | string[]][], body: Buffer | Readable): Response {
  const out = new Headers()
  for (const [name, value] of headers) for (const one of [value].flat()) out.append(name, one)
  if (WITHOUT_BODY.has(status)) return new Response(null, { status, headers: out })
  const given = Buffer.isBuffer(body) ? new Uint8Array(body) : (Readable.toWeb(body) as ReadableStream)
  return new Response(given, { status, headers: out })
}
