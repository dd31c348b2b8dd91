/** Calls that every service answers without a line of its own: its checks, its parked events, its place in the streams. */
import { Type } from 'typebox'
import { call, object } from './contract.ts'

const Parked = object({
  service: Type.String(),
  stream: Type.String(),
  key: Type.String(),
  events: Type.Array(
    object({
      partition: Type.Integer(),
      seq: Type.Integer(),
      type: Type.String(),
      data: Type.Unknown(),
      error: Type.String(),
      parkedAt: Type.String(),
    }),
  ),
})

/** Names of the services at work. */
export const ServiceNames = call('platform.ServiceNames', {
  summary: 'Names of the services at work.',
  input: object({}),
  output: object({ items: Type.Array(Type.String()) }),
  repeatable: true,
})

/** Runs a service's checks of the books; each check of the chassis (streams, parked events) among them. */
export function runChecksOf(service: string) {
  return call(`${service}.chassis:RunChecks`, {
    summary: 'Runs the checks of the books.',
    input: object({}),
    output: object({
      checks: Type.Array(
        object({
          name: Type.String(),
          ok: Type.Boolean(),
          examined: Type.Integer(),
          broken: Type.Integer(),
          examples: Type.Array(Type.String()),
        }),
      ),
      atRest: Type.Boolean(),
    }),
    deadlineMs: 60_000,
    repeatable: true,
  })
}

/** Lists a service's parked keys with their events, oldest first. */
export function listParkedOf(service: string) {
  return call(`${service}.chassis:ListParked`, {
    summary: 'Parked events.',
    input: object({ limit: Type.Integer() }),
    output: object({ items: Type.Array(Parked) }),
    repeatable: true,
  })
}

/** Applies a parked key's events again, in order. */
export function replayParkedOf(service: string) {
  return call(`${service}.chassis:ReplayParked`, {
    summary: 'Replays a parked key.',
    input: object({ stream: Type.String(), key: Type.String() }),
    output: object({ applied: Type.Integer(), left: Type.Integer() }),
    repeatable: true,
  })
}
