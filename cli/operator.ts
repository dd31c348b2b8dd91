/** Commands of whoever runs a shop, carried out by the shop itself: they ask its gateway, with the shop's own key. */
import { join } from 'node:path'
import { loadContracts } from '@stoa/chassis/documents/contracts.ts'
import type { Books } from '../services/gateway/books.ts'
import { internalSecret, readRootKey, readRunning } from './data-dir.ts'
import { countOf, valueOf } from './options.ts'
import { root } from './paths.ts'
import type { ShopSettings } from './shop-settings.ts'

/** Checks the books; with `--wait SECONDS` until they are right, with `--json` for programs. */
export async function doctor(settings: ShopSettings, argv: readonly string[]): Promise<number> {
  const answer = await askShop(settings, argv, `books?wait=${countOf(argv, '--wait', 0) ?? 0}`)
  if (!answer) return 1
  const books = (await answer.json()) as Books
  if (argv.includes('--json')) console.log(JSON.stringify(books, null, 2))
  else
    for (const check of books.checks)
      console.log(
        `${check.ok ? 'ok    ' : 'BROKEN'} ${check.name} (${check.examined} examined${check.broken > 0 ? `, ${check.broken} broken: ${check.examples.join('; ')}` : ''})`,
      )
  return books.ok ? 0 : 1
}

/** `order.events [--from SEQ] [--partition P]`: publishes a stream to Kafka again, for when Kafka lost it. Readers drop what they have. */
export async function republish(settings: ShopSettings, argv: readonly string[]): Promise<number> {
  const stream = argv[0] ?? ''
  const { events } = await loadContracts(join(root, 'contracts'))
  const owner = events.find(({ contract }) => contract.topic === stream)?.file
  if (owner === undefined) {
    const streams = [...new Set(events.map(({ contract }) => contract.topic))].sort()
    console.error(`which stream? There are ${streams.join(', ')}`)
    return 2
  }
  const [from, partition] = [countOf(argv, '--from', 1), countOf(argv, '--partition', 0)]
  const query = new URLSearchParams({ service: owner, stream, ...(from && { from }), ...(partition && { partition }) })
  const answer = await askShop(settings, argv, `republish?${query}`)
  if (!answer) return 1
  console.log(`${((await answer.json()) as { events: number }).events} events of ${stream} go to Kafka again`)
  return 0
}

/** Asks the shop on the data directory, or with `--at URL` the one whose gateway is there (and whose key STOA_ROOT_KEY_FILE is). Says why when it gets no answer. */
async function askShop(settings: ShopSettings, argv: readonly string[], what: string): Promise<Response | undefined> {
  const at = valueOf(argv, '--at')
  const doors = at === undefined ? readRunning(settings.dataDir)?.doors : [at]
  if (!doors) {
    console.error(`no shop runs on ${settings.dataDir}`)
    return undefined
  }
  const answer = await askAny(doors, `/internal/${what}`, internalSecret(readRootKey(settings.rootKeyFile)))
  if (answer.ok) return answer
  console.error(`the shop answered ${answer.status}`)
  return undefined
}

/** Asks the first replica of the gateway that answers. Throws: when none does. */
async function askAny(doors: readonly string[], path: string, secret: string): Promise<Response> {
  let fault: unknown
  for (const door of doors)
    try {
      return await fetch(`${door}${path}`, { method: 'POST', headers: { authorization: `Bearer ${secret}` } })
    } catch (error) {
      fault = error
    }
  throw fault
}
