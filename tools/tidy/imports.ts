/** Where imports lead, and which part of the house a path belongs to. */
import { posix } from 'node:path'
import type { House, Import } from './house.ts'

const workspaces: Readonly<Record<string, string>> = {
  '@stoa/chassis': 'packages/chassis',
  '@stoa/kit': 'packages/kit',
  '@stoa/ui': 'packages/ui',
  '@stoa/contracts': 'contracts',
  '@stoa/demo': 'demo',
  '@stoa/sandbox': 'sandbox',
  '@stoa/cli': 'cli',
  '@stoa/services': 'services',
}

/** Path that `specifier` means when `from` imports it; undefined for packages from outside. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.normalize(posix.join(posix.dirname(from), specifier))
  const [scope, name, ...rest] = specifier.split('/')
  const folder = workspaces[`${scope}/${name}`]
  return folder && [folder, ...rest].join('/')
}

/** Name of the package from outside that `specifier` means, e.g. `pg`, `@fastify/cors`, `node:fs`. */
export function packageOf(specifier: string): string {
  const [first, second] = specifier.split('/')
  if (specifier.startsWith('node:')) return specifier
  return specifier.startsWith('@') ? `${first}/${second}` : (first ?? '')
}

/** The room a path stands in: `inventory` for `services/inventory/store.ts`. */
export function roomOf(path: string): string | undefined {
  const [top, room, file] = path.split('/')
  return top === 'services' && file !== undefined ? room : undefined
}

/** Names of the services: folders below `services/` that hold files. */
export function roomsOf(house: House): string[] {
  return [...new Set([...house.files.keys()].map(roomOf).filter((room) => room !== undefined))].sort()
}

/** Imports of a file that lead to another file of the house, with where they lead. */
export function ownImports(path: string, imports: readonly Import[]): { to: string; imported: Import }[] {
  return imports.flatMap((imported) => {
    const to = resolveImport(path, imported.specifier)
    return to === undefined ? [] : [{ to, imported }]
  })
}
