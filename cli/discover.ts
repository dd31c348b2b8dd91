/** The services of the house, found by folder: a new one is listed nowhere. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ServiceDefinition } from '@stoa/chassis/service.ts'
import { root } from './paths.ts'

export interface Found {
  readonly definition: ServiceDefinition
  readonly migrations: string
}

/** Names of the services of a repository, in order. */
export function serviceNames(repository: string = root): string[] {
  const folder = join(repository, 'services')
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .sort()
}

/** Folder of a service's migrations. */
export function migrationsOf(name: string, repository: string = root): string {
  return join(repository, 'services', name, 'migrations')
}

/** Imports `services/<name>/service.ts` of the given names; of all unless told. Throws: when a service's name is not its folder's. */
export async function discoverServices(repository: string = root, names: readonly string[] = serviceNames(repository)): Promise<Found[]> {
  const folder = join(repository, 'services')
  return Promise.all(
    names.map(async (name) => {
      const { default: definition } = (await import(pathToFileURL(join(folder, name, 'service.ts')).href)) as { default: ServiceDefinition }
      if (definition.name !== name) throw new Error(`services/${name}/service.ts defines '${definition.name}'`)
      return { definition, migrations: migrationsOf(name, repository) }
    }),
  )
}
