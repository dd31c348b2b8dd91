import type { Found } from './discover.ts'

/** Rooms on the path of every purchase get more connections than the others. */
const CONNECTIONS: Readonly<Record<string, number>> = {
  orders: 8,
  inventory: 6,
  payments: 8,
  catalog: 6,
  search: 6,
  pricing: 6,
  cart: 6,
  identity: 5,
  notifications: 5,
}
/** How many connections each service holds at most. */
export function connectionsOf(found: readonly Found[]): Map<string, number> {
  return new Map(found.map(({ definition: { name } }) => [name, CONNECTIONS[name] ?? 4]))
}
