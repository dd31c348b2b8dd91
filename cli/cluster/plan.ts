/** Which processes a cluster on one machine has, and where each is reached. */

/** A place for a process of the shop: two ports. */
export interface Slot {
  readonly httpPort: number
  readonly grpcPort: number
}

/** A service, or the storefront, with its places: one more than it has replicas, so that a new one is there before an old one goes. */
export interface Part {
  readonly name: string
  readonly replicas: number
  readonly slots: readonly Slot[]
}

/** Services on the path of every request or purchase run twice: one may die while the shop is open. */
const REPLICAS: Readonly<Record<string, number>> = { gateway: 2, inventory: 2, orders: 2 }

/** Reads `orders=3,search=2`. Throws: naming what is no part of the shop or no number. */
export function readReplicas(text: string, parts: readonly string[]): ReadonlyMap<string, number> {
  const given = text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => one.split('='))
  const bad = given.filter(([name = '', count = '', ...more]) => !parts.includes(name) || !/^[1-9]$/.test(count) || more.length > 0)
  if (bad.length > 0) throw new Error(`${bad.map((one) => one.join('=')).join(', ')}: write orders=2, with a part of the shop and 1 to 9`)
  return new Map([...Object.entries(REPLICAS), ...given.map(([name = '', count]) => [name, Number(count)] as const)])
}

/** Gives each part its places. `next` answers a free port, each once. */
export async function planParts(
  names: readonly string[],
  replicas: ReadonlyMap<string, number>,
  next: () => Promise<number>,
): Promise<Part[]> {
  const parts: Part[] = []
  for (const name of names) {
    const count = replicas.get(name) ?? 1
    const slots: Slot[] = []
    for (let number = 0; number <= count; number++) slots.push({ httpPort: await next(), grpcPort: await next() })
    parts.push({ name, replicas: count, slots })
  }
  return parts
}

/** Where each part is reached, as every process is told. A place without a process is one that refuses connections. */
export function addressesOf(parts: readonly Part[]): Record<string, string> {
  return Object.fromEntries(
    parts.flatMap(({ name, slots }) => {
      const setting = name.toUpperCase().replaceAll('-', '_')
      return [
        [`STOA_ADDRESS_${setting}`, slots.map((one) => `http://127.0.0.1:${one.httpPort}`).join(',')],
        [`STOA_GRPC_ADDRESS_${setting}`, slots.map((one) => `127.0.0.1:${one.grpcPort}`).join(',')],
      ]
    }),
  )
}
