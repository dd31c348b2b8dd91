/** Two homes for services of a test: their databases at two prefixes of one server. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dropDatabases, ownerConnection, provision, type ServerAccess, type Tenant } from '../../database/provision.ts'
import { testServer } from '../../testing/server.ts'

export interface Homes {
  readonly server: ServerAccess
  readonly old: Tenant
  readonly next: Tenant
  /** Folder of a service's migrations. */
  migrationsOf(service: string): string
}

/** What is left of homes when their tests are over: databases of both, and folders. */
const databases: string[] = []
const folders: string[] = []

/** Makes the databases of services at the old home, by the statements of one migration each. */
export async function makeHomes(migrations: Readonly<Record<string, string>>): Promise<Homes> {
  const folder = mkdtempSync(join(tmpdir(), 'stoa-homes-'))
  const id = randomBytes(4).toString('hex')
  const server = testServer()
  const homes: Homes = {
    server,
    old: { prefix: `old_${id}_`, secret: 'secret' },
    next: { prefix: `next_${id}_`, secret: 'secret' },
    migrationsOf: (service) => join(folder, service),
  }
  folders.push(folder)
  databases.push(...Object.keys(migrations).flatMap((service) => [atOld(homes, service).database, atNext(homes, service).database]))
  for (const [service, text] of Object.entries(migrations)) {
    mkdirSync(homes.migrationsOf(service))
    writeFileSync(join(homes.migrationsOf(service), '0001-first.sql'), text)
    await provision(server, service, homes.migrationsOf(service), homes.old)
  }
  return homes
}

/** For the end of a test file: nothing is left of its homes. */
export async function dropHomes(): Promise<void> {
  await dropDatabases(testServer(), databases.splice(0))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

export const atOld = (homes: Homes, service: string) => ownerConnection(homes.server, service, homes.old)
export const atNext = (homes: Homes, service: string) => ownerConnection(homes.server, service, homes.next)
