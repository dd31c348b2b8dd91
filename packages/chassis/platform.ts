/** Calls that every service answers without a line of its own: its checks, its parked events, its place in the streams. */
import { Type } from 'typebox'
import { call, object, type Call } from './contract.ts'

/** Events that could not be handled, of one key of a stream, in their order: none is handled before those in front of it. */
export const ParkedKey = object({
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
      revision: Type.Integer(),
    }),
  ),
})
/** What was done to one parked event, and what it was. */
export const ParkedRepair = object({
  service: Type.String(),
  stream: Type.String(),
  partition: Type.Integer(),
  seq: Type.Integer(),
  key: Type.String(),
  type: Type.String(),
  revision: Type.Integer(),
  action: Type.Union([Type.Literal('changed'), Type.Literal('dropped')]),
  /** Account of the administrator. */
  by: Type.String(),
  reason: Type.String(),
  at: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
})
/** What one check of the books found. `examined` and `broken` count things; `examples` are some of the broken. */
export const CheckReport = object({
  name: Type.String(),
  ok: Type.Boolean(),
  examined: Type.Integer(),
  broken: Type.Integer(),
  examples: Type.Array(Type.String()),
})
/** One parked event as it was seen, and who repairs it why. */
const repairOf = {
  stream: Type.String(),
  partition: Type.Integer(),
  seq: Type.Integer(),
  revision: Type.Integer(),
  by: Type.String(),
  reason: Type.String(),
}

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
      checks: Type.Array(CheckReport),
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
    output: object({ items: Type.Array(ParkedKey) }),
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

/** Gives a parked event other data. Refuses: `stale` unless it is as the caller saw it; `not-repairable` when the service does not read its type. */
export function repairParkedOf(service: string) {
  return call(`${service}.chassis:RepairParked`, {
    summary: 'Changes the data of a parked event.',
    input: object({ ...repairOf, data: Type.Record(Type.String(), Type.Unknown()) }),
    output: object({ revision: Type.Integer() }),
    refusals: { 'not-found': 404, stale: 412, 'not-repairable': 409, 'invalid-request': 422 },
    repeatable: false,
  })
}

/** Takes a parked event away for good. Refuses: `stale` unless it is as the caller saw it. */
export function dropParkedOf(service: string) {
  return call(`${service}.chassis:DropParked`, {
    summary: 'Drops a parked event.',
    input: object(repairOf),
    output: object({ left: Type.Integer() }),
    refusals: { 'not-found': 404, stale: 412 },
    repeatable: false,
  })
}

/** Lists what was repaired in a service, newest first. */
export function listRepairsOf(service: string) {
  return call(`${service}.chassis:ListRepairs`, {
    summary: 'Repairs of parked events.',
    input: object({ limit: Type.Integer() }),
    output: object({ items: Type.Array(ParkedRepair) }),
    repeatable: true,
  })
}

/** Publishes a stream of the service to Kafka again, from a number on, in one partition or in all; readers drop what they have. Without Kafka nothing comes again. */
export function republishOf(service: string) {
  return call(`${service}.chassis:Republish`, {
    summary: 'Publishes events to Kafka again.',
    input: object({ stream: Type.String(), fromSeq: Type.Integer({ minimum: 1 }), partition: Type.Optional(Type.Integer({ minimum: 0 })) }),
    output: object({ events: Type.Integer() }),
    repeatable: true,
  })
}

/** Every call that a service answers without a line of its own. */
export function platformCallsOf(service: string): Call[] {
  return [runChecksOf, listParkedOf, replayParkedOf, repairParkedOf, dropParkedOf, listRepairsOf, republishOf].map((make) => make(service))
}
