/** Kafka and a schema registry for the tests of what speaks to them; started once for a run, unless the environment names others. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serversCache } from '../../cli/servers/cache.ts'
import { startKafka } from '../../cli/servers/kafka.ts'
import { startRegistry } from '../../cli/servers/registry.ts'

/** vitest's global set-up of the cluster tier. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.STOA_TEST_KAFKA) return async () => {}
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-kafka-'))
  const place = { cacheDir: serversCache(), dataDir }
  const [kafka, registry] = await Promise.all([startKafka({ ...place, brokers: 1 }), startRegistry(place)])
  process.env.STOA_TEST_KAFKA = kafka.bootstrap.join(',')
  process.env.STOA_TEST_REGISTRY = registry.url
  return async () => {
    await Promise.all([kafka.stop(), registry.stop()])
    rmSync(dataDir, { recursive: true, force: true })
  }
}
