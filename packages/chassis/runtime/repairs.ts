/** Repair of parked events: an administrator changes the data of one, or drops it. What was there before is kept with who, when and why. */
import type { Static } from 'typebox'
import { refuse, type FieldError, type Outcome, type Refusal } from '../contract.ts'
import { sql, type Tx } from '../database/sql.ts'
import { PostgresConsumerStore } from '../events/postgres-streams.ts'
import { bodyValidator, type Validator } from '../http/validation.ts'
import type { dropParkedOf, listRepairsOf, repairParkedOf } from '../platform.ts'
import type { ServiceRuntime } from './service-runtime.ts'

type RepairParked = ReturnType<typeof repairParkedOf>
type DropParked = ReturnType<typeof dropParkedOf>
type Place = Pick<Static<DropParked['input']>, 'stream' | 'partition' | 'seq' | 'revision'>
type Why = Pick<Static<DropParked['input']>, 'by' | 'reason'>

interface Found {
  key: string
  type: string
  revision: number
}

/** Gives a parked event other data, that its contract takes. Replay goes on with it, in the order it had. */
export async function repairParked(service: ServiceRuntime, input: Static<RepairParked['input']>): Promise<Outcome<RepairParked>> {
  return inPlace(service, input, async (tx, found) => {
    const contract = service.definition.consumers?.find(({ event }) => event.topic === input.stream && event.name === found.type)?.event
    if (!contract)
      return refuse('not-repairable', { detail: `${service.service} does not read ${found.type}: replay passes over it as it is.` })
    const errors = faultsOf(validatorOf(contract), contract.key, found.key, input.data)
    if (errors.length > 0) return refuse('invalid-request', { detail: 'The data does not fit the contract of the event.', errors })
    await keep(tx, service.service, input, input, 'changed', JSON.stringify(input.data))
    await tx.run(sql`
      UPDATE chassis.parked SET data = ${JSON.stringify(input.data)}::json, revision = revision + 1
      WHERE consumer = ${service.service} AND stream = ${input.stream} AND part = ${input.partition} AND seq = ${input.seq}`)
    return { revision: found.revision + 1 }
  })
}

/** Takes a parked event away for good. Those behind it are replayed as if it had never been. */
export async function dropParked(service: ServiceRuntime, input: Static<DropParked['input']>): Promise<Outcome<DropParked>> {
  return inPlace(service, input, async (tx, { key }) => {
    await keep(tx, service.service, input, input, 'dropped', null)
    await tx.run(sql`
      DELETE FROM chassis.parked
      WHERE consumer = ${service.service} AND stream = ${input.stream} AND part = ${input.partition} AND seq = ${input.seq}`)
    return tx.one<{ left: number }>(
      sql`SELECT count(*) AS left FROM chassis.parked WHERE consumer = ${service.service} AND stream = ${input.stream} AND key = ${key}`,
    )
  })
}

/** What was repaired, newest first. */
export async function listRepairs(
  service: ServiceRuntime,
  { limit }: { limit: number },
): Promise<Static<ReturnType<typeof listRepairsOf>['output']>> {
  const rows = await service.database.rows<{ repair: Static<ReturnType<typeof listRepairsOf>['output']>['items'][number] }>(sql`
    SELECT json_build_object('service', consumer, 'stream', stream, 'partition', part, 'seq', seq, 'key', key, 'type', type, 'revision', revision,
      'action', action, 'by', by, 'reason', reason, 'at', at, 'before', before, 'after', after) AS repair
    FROM chassis.parked_repairs r WHERE consumer = ${service.service} ORDER BY r.at DESC, seq DESC, revision DESC LIMIT ${limit}`)
  return { items: rows.map((row) => row.repair) }
}

/**
 * Work on one parked event, in a transaction that holds its partition as replay and the reader do: neither applies it, nor parks behind
 * it, meanwhile. Refuses: `stale` when somebody else repaired it since it was read.
 */
async function inPlace<T>(service: ServiceRuntime, place: Place, work: (tx: Tx, found: Found) => Promise<T>) {
  return service.database.transaction(async (tx): Promise<T | Refusal<'not-found' | 'stale'>> => {
    await new PostgresConsumerStore(service.database).fence(tx, service.service, place.stream, place.partition)
    const found = await tx.maybe<Found>(sql`
      SELECT key, type, revision FROM chassis.parked
      WHERE consumer = ${service.service} AND stream = ${place.stream} AND part = ${place.partition} AND seq = ${place.seq} FOR UPDATE`)
    if (!found) return refuse('not-found')
    if (found.revision !== place.revision)
      return refuse('stale', { detail: `It is at revision ${found.revision} by now. Look at it again.` })
    return work(tx, found)
  })
}

async function keep(tx: Tx, consumer: string, place: Place, { by, reason }: Why, action: 'changed' | 'dropped', after: string | null) {
  await tx.run(sql`
    INSERT INTO chassis.parked_repairs (consumer, stream, part, seq, key, event_id, type, revision, action, by, reason, before, after)
    SELECT consumer, stream, part, seq, key, event_id, type, revision + 1, ${action}, ${by}, ${reason}, data, ${after}::json FROM chassis.parked
    WHERE consumer = ${consumer} AND stream = ${place.stream} AND part = ${place.partition} AND seq = ${place.seq}`)
}

type Consumed = NonNullable<ServiceRuntime['definition']['consumers']>[number]['event']
const validators = new WeakMap<Consumed, Validator>()

function validatorOf(contract: Consumed): Validator {
  const known = validators.get(contract) ?? bodyValidator(contract.data)
  validators.set(contract, known)
  return known
}

/** The key stays: an event of another key would stand in another order. */
function faultsOf(validate: Validator, field: string, key: string, data: Record<string, unknown>): FieldError[] {
  const errors = validate(data).map((one) => ({ ...one, path: one.path === 'body' ? 'data' : `data.${one.path}` }))
  if (String(data[field]) !== key && !errors.some((one) => one.path === `data.${field}`))
    errors.push({ path: `data.${field}`, code: 'not-allowed', message: 'must stay: it is the key of the event' })
  return errors
}
