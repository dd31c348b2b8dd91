/** Doors for whoever runs the shop: is it alive, is it ready, how does it do, are its books right. */
import { timingSafeEqual } from 'node:crypto'
import { problem, sendProblem } from '@stoa/chassis/http/problems.ts'
import type { House } from '@stoa/chassis/runtime/house.ts'

export interface Vitals {
  readonly house: House
  /** State of each part of this process, and of what it needs; `ready` is well. */
  readonly states: () => Promise<Readonly<Record<string, string>>>
  /** False while this process is to be sent no more requests; what is under way is answered. */
  readonly serving: () => boolean
}

/** Adds `/health/*` and `/metrics`. */
export function openVitals({ house, states, serving }: Vitals): void {
  const app = house.server
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/serving', { config: { quiet: true } }, async (_request, reply) =>
    reply.code(serving() ? 200 : 503).send({ status: serving() ? 'serving' : 'not-serving' }),
  )
  app.get('/health/ready', async (_request, reply) => {
    const services = await states()
    const ready = Object.values(services).every((state) => state === 'ready')
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', services })
  })
  app.get('/metrics', async (_request, reply) => reply.type(house.metrics.registry.contentType).send(await house.metricsText()))
}

const WAIT_SECONDS_MAX = 600

/** Adds the door of `npm run doctor`; `secret` authorises it. */
export function openBooks(house: House, secret: string, check: (waitSeconds: number) => Promise<unknown>): void {
  house.server.post('/internal/books', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${secret}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return sendProblem(reply, problem(401, 'unauthenticated', request.id))
    const waitSeconds = Number((request.query as { wait?: string }).wait ?? 0)
    return check(Number.isFinite(waitSeconds) ? Math.min(WAIT_SECONDS_MAX, Math.max(0, waitSeconds)) : 0)
  })
}
