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

/** Imports every `services/<name>/service.ts` of a repository. Throws: when a service's name is not its folder's. */
export async function discoverServices(repository: string = root): Promise<Found[]> {
  const folder = join(repository, 'services')
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'service.ts')))
  return Promise.all(
    names.sort().map(async (name) => {
      const { default: definition } = (await import(pathToFileURL(join(folder, name, 'service.ts')).href)) as { default: ServiceDefinition }
      if (definition.name !== name) throw new Error(`services/${name}/service.ts defines '${definition.name}'`)
      return { definition, migrations: join(folder, name, 'migrations') }
    }),
  )
}
