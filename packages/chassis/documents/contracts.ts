/** The contracts of the house, found by folder: every export of `contracts/*.ts`, with its name and file. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Call, EventContract, Route } from '../contract.ts'

/** A contract with the name of its export, and the file (without suffix) that it stands in. */
export interface Named<C> {
  readonly name: string
  readonly file: string
  readonly contract: C
}

/** All contracts, and the schemas that are exported beside them. */
export interface Contracts {
  readonly routes: readonly Named<Route>[]
  readonly calls: readonly Named<Call>[]
  readonly events: readonly Named<EventContract>[]
  readonly schemas: readonly Named<object>[]
}

/** Imports every file of the contracts' folder. */
export async function loadContracts(folder: string): Promise<Contracts> {
  const files = readdirSync(folder).filter((name) => /^[a-z-]+\.ts$/.test(name))
  const modules = new Map<string, Record<string, unknown>>()
  for (const name of files.sort()) {
    modules.set(name.slice(0, -'.ts'.length), (await import(pathToFileURL(join(folder, name)).href)) as Record<string, unknown>)
  }
  return contractsOf(modules)
}

/** Sorts the exports of contract files, by file, into what they are. */
export function contractsOf(modules: ReadonlyMap<string, Readonly<Record<string, unknown>>>): Contracts {
  const all = [...modules].flatMap(([file, exports]) =>
    Object.entries(exports).flatMap(([name, contract]) =>
      typeof contract === 'object' && contract !== null ? [{ name, file, contract }] : [],
    ),
  )
  const ofKind = <C>(kind: string) => all.filter((one) => 'kind' in one.contract && one.contract.kind === kind) as unknown as Named<C>[]
  return {
    routes: ofKind<Route>('route'),
    calls: ofKind<Call>('call'),
    events: ofKind<EventContract>('event'),
    schemas: all.filter(({ contract }) => !('kind' in contract) && ('type' in contract || 'anyOf' in contract)),
  }
}
