/** Which processes a cluster on one machine has, and what each is told. */

/** A process of the shop: some services, reached at two ports. */
export interface PlannedProcess {
  readonly name: string
  readonly services: readonly string[]
  readonly httpPort: number
  readonly grpcPort: number
}

/** Services on the path of every request or purchase run twice: one may die, or be replaced, while the shop is open. */
const REPLICAS: Readonly<Record<string, number>> = { gateway: 2, inventory: 2, orders: 2 }

/** Reads `orders=3,search=2`. Throws: naming what is no service or no number. */
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

/** One process for each replica of each part. `port` answers a free port that is none of `taken`. */
export async function planProcesses(
  parts: readonly string[],
  replicas: ReadonlyMap<string, number>,
  port: (taken: readonly number[]) => Promise<number>,
): Promise<PlannedProcess[]> {
  const planned: PlannedProcess[] = []
  const taken: number[] = []
  const next = async () => {
    const free = await port(taken)
    taken.push(free)
    return free
  }
  for (const part of parts)
    for (let number = 1; number <= (replicas.get(part) ?? 1); number++)
      planned.push({ name: `${part}-${number}`, services: [part], httpPort: await next(), grpcPort: await next() })
  return planned
}

/** Where each part is reached, as every process is told. */
export function addressesOf(planned: readonly PlannedProcess[]): Record<string, string> {
  const parts = [...new Set(planned.flatMap((one) => one.services))]
  return Object.fromEntries(
    parts.flatMap((part) => {
      const own = planned.filter((one) => one.services.includes(part))
      const name = part.toUpperCase().replaceAll('-', '_')
      return [
        [`STOA_ADDRESS_${name}`, own.map((one) => `http://127.0.0.1:${one.httpPort}`).join(',')],
        [`STOA_GRPC_ADDRESS_${name}`, own.map((one) => `127.0.0.1:${one.grpcPort}`).join(',')],
      ]
    }),
  )
}
