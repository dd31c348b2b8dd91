/** Two homes for services of a test: their databases at two prefixes of one server. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownerConnection, provision, type ServerAccess, type Tenant } from '../../database/provision.ts'
import { testServer } from '../../testing/server.ts'

export interface Homes {
  readonly server: ServerAccess
  readonly old: Tenant
  readonly next: Tenant
  /** Folder of a service's migrations. */
  migrationsOf(service: string): string
}

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
  for (const [service, text] of Object.entries(migrations)) {
    mkdirSync(homes.migrationsOf(service))
    writeFileSync(join(homes.migrationsOf(service), '0001-first.sql'), text)
    await provision(server, service, homes.migrationsOf(service), homes.old)
  }
  return homes
}

export const atOld = (homes: Homes, service: string) => ownerConnection(homes.server, service, homes.old)
export const atNext = (homes: Homes, service: string) => ownerConnection(homes.server, service, homes.next)
