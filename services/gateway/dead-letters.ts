/** Parked events of all services, and what was repaired in them: each service answers for itself. */
import type { Static } from 'typebox'
import { Fault } from '@stoa/chassis/fault.ts'
import { listParkedOf, listRepairsOf, ServiceNames } from '@stoa/chassis/platform.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import type { ListDeadLetters, ListRepairs } from '@stoa/contracts/gateway.ts'

/** Up to `limit` parked keys, and the services that could not be asked. */
export async function deadLetters(call: CallFn, limit: number): Promise<Static<typeof ListDeadLetters.output>> {
  const { items, away } = await askAll(call, async (service) => (await call(listParkedOf(service), { limit })).items)
  return { items: items.slice(0, limit), away }
}

/** The newest `limit` repairs of the house, and the services that could not be asked. */
export async function repairs(call: CallFn, limit: number): Promise<Static<typeof ListRepairs.output>> {
  const { items, away } = await askAll(call, async (service) => (await call(listRepairsOf(service), { limit })).items)
  const newest = items.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  return { items: newest.slice(0, limit), away }
}

async function askAll<T>(call: CallFn, ask: (service: string) => Promise<T[]>): Promise<{ items: T[]; away: string[] }> {
  const names = await call(ServiceNames, {})
  const answers = await Promise.all(
    names.items.map(async (service) => {
      try {
        return await ask(service)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return service
      }
    }),
  )
  return {
    items: answers.flatMap((one) => (typeof one === 'string' ? [] : one)),
    away: answers.filter((one) => typeof one === 'string'),
  }
}
