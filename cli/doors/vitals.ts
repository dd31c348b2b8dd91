/** Doors for whoever runs the shop: is it alive, is it ready, how does it do, are its books right. And for what only they may do. */
import { timingSafeEqual } from 'node:crypto'
import { problem, sendProblem } from '@stoa/chassis/http/problems.ts'
import { republishOf } from '@stoa/chassis/platform.ts'
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

export interface Operations {
  readonly house: House
  /** Authorises. */
  readonly secret: string
  readonly check: (waitSeconds: number) => Promise<unknown>
}

/** Adds the doors of `npm run doctor` and `npm run republish`. */
export function openOperations({ house, secret, check }: Operations): void {
  const operate = (path: string, run: (query: Record<string, string | undefined>) => Promise<unknown>) =>
    house.server.post(`/internal/${path}`, async (request, reply) => {
      const given = Buffer.from(request.headers.authorization ?? '')
      const wanted = Buffer.from(`Bearer ${secret}`)
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
        return sendProblem(reply, problem(401, 'unauthenticated', request.id))
      return run(request.query as Record<string, string | undefined>)
    })
  operate('books', ({ wait }) => {
    const waitSeconds = Number(wait ?? 0)
    return check(Number.isFinite(waitSeconds) ? Math.min(WAIT_SECONDS_MAX, Math.max(0, waitSeconds)) : 0)
  })
  operate('republish', ({ service = '', stream = '', from, partition }) =>
    house.call(republishOf(service), {
      stream,
      fromSeq: Number(from ?? 1),
      ...(partition === undefined ? {} : { partition: Number(partition) }),
    }),
  )
}
