/** The services of the house, found by folder, with what their source says about calls. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contracts } from '@stoa/chassis/documents/contracts.ts'
import type { ServiceDefinition } from '@stoa/chassis/service.ts'
import { codeFiles, type House, isTest } from '../tidy/house.ts'
import { ownImports, roomOf } from '../tidy/imports.ts'

/** A service, and the calls of other services that its files import. */
export interface Room {
  readonly definition: ServiceDefinition
  readonly callsOf: readonly { readonly service: string; readonly call: string }[]
}

/** Imports every `service.ts` below `services/`. Throws: naming the room whose service cannot be imported. */
export async function loadRooms(root: string, house: House, contracts: Contracts): Promise<Room[]> {
  const names = readdirSync(join(root, 'services'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && existsSync(join(root, 'services', entry.name, 'service.ts')),
  )
  const rooms: Room[] = []
  for (const { name } of names.sort((a, b) => a.name.localeCompare(b.name))) {
    rooms.push({ definition: await definitionOf(root, name), callsOf: callsImportedBy(name, house, contracts) })
  }
  return rooms
}

async function definitionOf(root: string, name: string): Promise<ServiceDefinition> {
  try {
    const module = (await import(pathToFileURL(join(root, 'services', name, 'service.ts')).href)) as { default: ServiceDefinition }
    return module.default
  } catch (cause) {
    throw new Error(`services/${name}/service.ts cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** Whoever imports the contract of a call makes it: the chassis offers no other way. */
function callsImportedBy(room: string, house: House, contracts: Contracts): Room['callsOf'] {
  const found = new Set<string>()
  for (const file of codeFiles(house, (path) => roomOf(path) === room && !isTest(path))) {
    for (const { to, imported } of ownImports(file.path, file.imports)) {
      const contractFile = /^contracts\/([a-z-]+)\.ts$/.exec(to)?.[1]
      if (contractFile === undefined || imported.typeOnly) continue
      for (const { name, file: own, contract } of contracts.calls) {
        if (own === contractFile && contract.service !== room && imported.names.includes(name))
          found.add(`${contract.service}.${contract.name}`)
      }
    }
  }
  return [...found].sort().map((one) => {
    const [service, call] = one.split('.') as [string, string]
    return { service, call }
  })
}
