/**
 * Rate limits by class of route (GW3): per address before anything else is asked, so that guessed tokens count too, and per
 * account once it is known, so that many addresses are no way around. All doors of a class count together.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteClass } from '../contract.ts'
import type { Caller } from '../service.ts'
import { problem, sendProblem } from './problems.ts'
import type { StoaServer } from './server-options.ts'

/**
 * Requests a minute from one address, and of one account: what a household, or a program that looks after a few orders at a time,
 * asks of all doors of a class. Guesses at passwords are counted apart and far lower.
 */
const PER_MINUTE: Readonly<Record<RouteClass, number>> = {
  callback: 6000,
  checkout: 1200,
  cart: 1200,
  browse: 3600,
  login: 300,
  staff: 3000,
}
const WINDOW_MS = 60_000

export interface Limits {
  /** Counts a request of this address. Answers the refusal that was sent, or undefined. */
  ofAddress(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>
  /** Counts a request of this account; guests have none. */
  ofAccount(caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined>
}

const known = new WeakMap<StoaServer, Map<RouteClass, Limits>>()

/** The limits of a class, shared by all its doors. */
export function limitsOf(app: StoaServer, name: RouteClass): Limits {
  const own = known.get(app) ?? new Map<RouteClass, Limits>()
  known.set(app, own)
  const limits = own.get(name) ?? makeLimits(app, name)
  own.set(name, limits)
  return limits
}

function makeLimits(app: StoaServer, name: RouteClass): Limits {
  const accounts = new WeakMap<FastifyRequest, string>()
  const limit = (space: string) => ({ max: PER_MINUTE[name], timeWindow: WINDOW_MS, space: `${name}:${space}` })
  const address = app.createRateLimit(limit('address'))
  const account = app.createRateLimit({ ...limit('account'), keyGenerator: (request) => accounts.get(request) ?? '' })
  return {
    ofAddress: async (request, reply) => refuseBeyond(await address(request), request, reply),
    ofAccount: async (caller, request, reply) => {
      if (caller.kind === 'guest') return undefined
      accounts.set(request, caller.accountId)
      return refuseBeyond(await account(request), request, reply)
    },
  }
}

type Counted = Awaited<ReturnType<ReturnType<StoaServer['createRateLimit']>>>

/** Tells how much is left, by the tighter of the two limits; refuses when nothing is. */
function refuseBeyond(counted: Counted, request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (counted.isAllowed) return undefined
  const before = reply.getHeader('ratelimit-remaining')
  if (before === undefined || counted.remaining < Number(before))
    reply.headers({ 'ratelimit-limit': counted.max, 'ratelimit-remaining': counted.remaining, 'ratelimit-reset': counted.ttlInSeconds })
  if (!counted.isExceeded) return undefined
  return sendProblem(reply.header('retry-after', Math.max(1, counted.ttlInSeconds)), problem(429, 'too-many-requests', request.id))
}
