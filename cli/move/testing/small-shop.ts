/** A shop of two small services that is moved between two prefixes of the tests' server. */
import { ownerConnection, makeDatabaseOf } from '@stoa/chassis/database/provision.ts'
import type { Homes } from '@stoa/chassis/moving/testing/homes.ts'
import { carryOut } from '../move.ts'
import { findingsOf, leave, reachAll, type Side } from '../sides.ts'
import { decide, type Plan } from '../verdict.ts'

export const SERVICES = ['cellar', 'shelf'] as const

export interface SmallMove {
  readonly homes: Omit<Homes, 'migrationsOf'>
  readonly folders: Readonly<Record<string, string>>
  readonly replace?: boolean
  readonly undo?: boolean
  /** Back instead of there. */
  readonly back?: boolean
}

/** Moves as the command does. Throws: with everything that is in the way. */
export async function moveSmallShop({ homes, folders, replace = false, undo = false, back = false }: SmallMove): Promise<Plan> {
  const sideOf = (which: 'old' | 'next'): Side => ({
    name: which,
    all: SERVICES.map((service) => ({ service, migrations: folders[service] as string })),
    databases: {
      at: (service) => ownerConnection(homes.server, service, homes[which]),
      make: (service) => makeDatabaseOf(homes.server, service, homes[which]),
    },
    stations: new Map(),
  })
  const [source, target] = back ? [sideOf('next'), sideOf('old')] : [sideOf('old'), sideOf('next')]
  try {
    await reachAll(source)
    await reachAll(target)
    const { plan, faults } = decide(await findingsOf(source), await findingsOf(target), { replace, undo }, 'shop')
    if (faults.length > 0) throw new Error(faults.join('; '))
    await carryOut({ plan, direction: back ? 'from' : 'to', shop: 'shop', source, target, stopped: {}, say: () => {} })
    return plan
  } finally {
    await leave(source)
    await leave(target)
  }
}
