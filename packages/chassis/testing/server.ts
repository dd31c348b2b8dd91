/** One PostgreSQL for all test files of a run, started by vitest's global set-up: the embedded one, or that of STOA_TEST_POSTGRES (a folder of programs). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbedded } from '../database/embedded.ts'
import type { ServerAccess } from '../database/provision.ts'

const VARIABLE = 'STOA_TEST_DATABASE_SERVER'

/** vitest's global set-up: starts the server, tells the test processes, and ends it after the last one. */
export default async function setup(): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-test-'))
  // Tests of durability start servers of their own; these may lose everything with the machine.
  const programs = process.env.STOA_TEST_POSTGRES
  const server = await startEmbedded({
    dataDir,
    ...(programs === undefined ? {} : { programs }),
    parameters: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
  })
  const access: ServerAccess = { host: server.host, port: server.port, superuser: server.superuser, password: server.password }
  process.env[VARIABLE] = JSON.stringify(access)
  return async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The server of this test run. Throws: outside of one. */
export function testServer(): ServerAccess {
  const access = process.env[VARIABLE]
  if (!access) throw new Error('integration tests run with packages/chassis/testing/server.ts as global set-up')
  return JSON.parse(access) as ServerAccess
}
