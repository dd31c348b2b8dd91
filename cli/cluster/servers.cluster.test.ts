import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createLog } from '@stoa/chassis/telemetry/log.ts'
import { readSettings } from '../shop-settings.ts'
import { unwind, type Undo } from '../unwind.ts'
import { startServers } from './servers.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-cluster-servers-'))
const undo: Undo[] = []
afterEach(async () => {
  await unwind(undo)
  rmSync(dataDir, { recursive: true, force: true })
})

/** All others are somebody else's. */
const given = {
  STOA_DATA_DIR: dataDir,
  STOA_DATABASE_URL: 'postgresql://elsewhere/postgres',
  STOA_KAFKA_BROKERS: 'elsewhere:9092',
  STOA_SCHEMA_REGISTRY_URL: 'http://elsewhere',
  STOA_REDIS_URL: 'redis://elsewhere',
}
const start = async (variables: Record<string, string>) => {
  const all = { ...given, ...variables }
  return (await startServers({ settings: readSettings(all), variables: all, log: createLog({ level: 'silent' }), undo })).addresses
}
const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(5000) }).then(
    (response) => response.ok,
    () => false,
  )

test('OpenSearch comes only to a cluster that is to search by one and names none; killed, it is back at the same address', async () => {
  expect(await start({})).not.toHaveProperty('STOA_OPENSEARCH_URL')
  const named = { STOA_SEARCH_ENGINE: 'opensearch', STOA_OPENSEARCH_URL: 'http://elsewhere:9200' }
  expect(await start(named)).not.toHaveProperty('STOA_OPENSEARCH_URL')
  const { STOA_OPENSEARCH_URL: url = '' } = await start({ STOA_SEARCH_ENGINE: 'opensearch' })
  expect(await answers(url)).toBe(true)
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'opensearch/opensearch.pid'), 'utf8')) as { pid: number }
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => answers(url), { timeout: 10_000 }).toBe(false)
  await expect.poll(() => answers(url), { timeout: 90_000 }).toBe(true)
})
