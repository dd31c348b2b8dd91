/** Parked events of all services: each answers for itself. */
import type { Static } from 'typebox'
import { Fault } from '@stoa/chassis/fault.ts'
import { listParkedOf, ServiceNames } from '@stoa/chassis/platform.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import type { ListDeadLetters } from '@stoa/contracts/gateway.ts'

/** Up to `limit` parked keys, and the services that could not be asked. */
export async function deadLetters(call: CallFn, limit: number): Promise<Static<typeof ListDeadLetters.output>> {
  const names = await call(ServiceNames, {})
  const answers = await Promise.all(
    names.items.map(async (service) => {
      try {
        return (await call(listParkedOf(service), { limit })).items
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        return service
      }
    }),
  )
  return {
    items: answers.flatMap((one) => (typeof one === 'string' ? [] : one)).slice(0, limit),
    away: answers.filter((one) => typeof one === 'string'),
  }
}
