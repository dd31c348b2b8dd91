/** Every generated file of the repository, with its text. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadContracts, type Contracts } from '@stoa/chassis/documents/contracts.ts'
import { buildOpenApi } from '@stoa/chassis/documents/openapi.ts'
import { buildProto, grpcServices } from '@stoa/chassis/documents/proto.ts'
import { readHouse } from '../tidy/house.ts'
import { buildAsyncApi } from './asyncapi.ts'
import { avroFiles, refusedChanges } from './avro.ts'
import { permissionsMatrix } from './permissions.ts'
import { serviceMap } from './service-map.ts'
import { loadRooms } from './services.ts'

/** Texts by path. */
export async function generatedFiles(root: string): Promise<Map<string, string>> {
  const contracts = await loadContracts(join(root, 'contracts'))
  const rooms = await loadRooms(root, readHouse(root), contracts)
  return new Map([
    ['contracts/generated/openapi.json', json(buildOpenApi(contracts))],
    ['contracts/generated/asyncapi.json', json(buildAsyncApi(contracts, rooms))],
    ...protoFiles(root, contracts),
    ['docs/service-map.md', serviceMap(rooms, contracts)],
    ['docs/api-permissions.md', permissionsMatrix(contracts)],
    ...avroFiles(contracts),
  ])
}

/** Made from the contracts and from what is committed: it holds the numbers. */
function protoFiles(root: string, contracts: Contracts): [string, string][] {
  return [...grpcServices(contracts.calls.map(({ contract }) => contract))].map(([service, calls]) => {
    const path = `contracts/generated/${service}.proto`
    const committed = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
    return [path, buildProto(service, calls, committed)]
  })
}

/** Changes of contracts that may not be written: one line for each. */
export async function refused(root: string): Promise<string[]> {
  return refusedChanges(root, await loadContracts(join(root, 'contracts')))
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`
}
