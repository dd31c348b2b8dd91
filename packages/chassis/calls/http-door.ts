/** The door for calls of other processes over HTTP: `POST /calls/:service/:name`. */
import type { KeyObject } from 'node:crypto'
import fastJson from 'fast-json-stringify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal } from '../contract.ts'
import { Fault, FAULTS } from '../fault.ts'
import { problem, sendProblem } from '../http/problems.ts'
import type { StoaServer } from '../http/server-options.ts'
import { clockOf, deadlineMsOf } from './deadline.ts'
import { CALL_BYTES_MAX, CallDesk, REJECTIONS, Rejected, type Answered, type CallHost } from './desk.ts'
import { passOf } from './pass.ts'

/** Milliseconds the caller still waits. */
export const DEADLINE_HEADER = 'stoa-deadline-ms'

type Params = { readonly service?: string; readonly name: string }

/** Mounts the door for `hosts` on a server. Only callers who show `secret` come in; rate limits and the API document know nothing of it. */
export function mountCalls(app: StoaServer, hosts: readonly CallHost[], secret: KeyObject): void {
  const desk = new CallDesk(hosts)
  const pass = passOf(secret)
  const serializers = new Map<Answered, (value: unknown) => string>()
  const shared = {
    method: 'POST',
    bodyLimit: CALL_BYTES_MAX,
    // Headers for browsers: none calls here.
    helmet: false,
    onRequest: async (request: FastifyRequest, reply: FastifyReply) =>
      pass.fits(request.headers.authorization) ? undefined : sendProblem(reply, problem(401, 'unauthenticated', request.id)),
  } as const
  const handler = (service?: string) => async (request: FastifyRequest, reply: FastifyReply) => {
    const params = request.params as Params
    try {
      const called = desk.find(service ?? (params.service as string), params.name)
      const outcome = await answer(desk, called, request, reply)
      if (isRefusal(outcome)) return await reply.send({ refusal: outcome })
      const serialize = serializers.get(called) ?? serializerOf(called)
      serializers.set(called, serialize)
      return await reply.header('content-type', 'application/json; charset=utf-8').serializer(serialize).send({ output: outcome })
    } catch (error) {
      return sendFailure(error, request, reply)
    }
  }
  for (const { service } of hosts) app.route({ ...shared, url: `/calls/${service}/:name`, config: { service }, handler: handler(service) })
  app.route({ ...shared, url: '/calls/:service/:name', handler: handler() })
}

async function answer(desk: CallDesk, called: Answered, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const own = deadlineMsOf(called.contract)
  const told = Number(request.headers[DEADLINE_HEADER])
  const ms = told > 0 ? Math.min(told, own) : own
  const clock = clockOf(ms)
  const gone = () => {
    if (!reply.raw.writableFinished) clock.end(new Fault('unavailable', 'the caller is gone'))
  }
  reply.raw.once('close', gone)
  try {
    return await desk.answer(called, request.body, ms, clock.signal)
  } finally {
    reply.raw.off('close', gone)
    clock.end()
  }
}

/** Only what the contract declares leaves the process. */
function serializerOf({ contract }: Answered): (value: unknown) => string {
  const write = fastJson({ type: 'object', properties: { output: JSON.parse(JSON.stringify(contract.output)) }, required: ['output'] })
  return (value) => write(value as object)
}

function sendFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Rejected) {
    const { code, message: detail, errors } = error
    return sendProblem(reply, problem(REJECTIONS[code].status, code, request.id, { detail, ...(errors.length > 0 ? { errors } : {}) }))
  }
  if (!(error instanceof Fault)) throw error
  const { status, title } = FAULTS[error.code]
  return sendProblem(reply, problem(status, error.code, request.id, { title, retryAfterSeconds: error.retryAfterSeconds }))
}
