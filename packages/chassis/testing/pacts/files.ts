/** The pacts as they are committed: `contracts/pacts/consumer-provider.json`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Pact counts its users over the network unless told not to. */
process.env.PACT_DO_NOT_TRACK = 'true'

const folder = resolve(import.meta.dirname, '../../../../contracts/pacts')

interface PactFile {
  readonly interactions: readonly { readonly providerStates?: readonly { readonly name: string }[] }[]
}

/** Where the pact of two services lies. */
export function pactFile(consumer: string, provider: string): string {
  return join(folder, `${consumer}-${provider}.json`)
}

/** Names of the services that have a pact with `provider`. */
export function consumersOf(provider: string): string[] {
  const end = `-${provider}.json`
  return readdirSync(folder)
    .filter((name) => name.endsWith(end))
    .map((name) => name.slice(0, -end.length))
}

/** Names of the states that pacts with `provider` give, in order. */
export function statesGiven(provider: string): string[] {
  const pacts = consumersOf(provider).map((consumer) => JSON.parse(readFileSync(pactFile(consumer, provider), 'utf8')) as PactFile)
  const states = pacts.flatMap(({ interactions }) => interactions.flatMap(({ providerStates = [] }) => providerStates))
  return [...new Set(states.map(({ name }) => name))].sort()
}
