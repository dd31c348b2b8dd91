/** The schema registry: Apicurio, spoken to by its Confluent-compatible API. */
import { join } from 'node:path'
import { mavenFolder, type MavenOrder } from './maven.ts'
import { assertFree, keptPort } from './ports.ts'
import { javaProgram } from './programs.ts'
import { startServer, type RunningServer } from './server.ts'

const VERSION = '2.6.13.Final'

/** Newer lines (3.x) want Java 21. */
export const registryOrder: MavenOrder = {
  name: `apicurio-${VERSION}`,
  artifacts: [{ group: 'io.apicurio', name: 'apicurio-registry-app', version: VERSION, type: 'tar.gz', classifier: 'all' }],
  as: 'unpacked',
}

/**
 * Where the schemas lie: an H2 file in the registry's folder, in place of the database in memory that this build comes with. A write
 * is in the file before it is answered (H2 would wait half a second), so that schemas and their ids survive a kill -9.
 */
const DATABASE = 'jdbc:h2:file:./registry;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE'

/** Starts the registry. Schemas, their ids and levels of compatibility survive restarts and kills. */
export async function startRegistry(options: {
  readonly cacheDir: string
  readonly dataDir: string
  readonly port?: number
}): Promise<RunningServer & { readonly url: string }> {
  const folder = join(options.dataDir, 'registry')
  const java = await javaProgram()
  const lib = await mavenFolder(options.cacheDir, registryOrder)
  const { port, file } = await keptPort(folder, 'registry', options.port)
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': String(port),
    'quarkus.http.access-log.enabled': 'false',
    'quarkus.log.console.enable': 'true',
    // One shop asks it: 20 connections from the start, as by default, only cost memory.
    'quarkus.datasource.jdbc.initial-size': '2',
    'quarkus.datasource.jdbc.min-size': '2',
    'quarkus.datasource.jdbc.max-size': '10',
  }
  const args = [
    ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'],
    ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
    ...['-jar', join(lib, `apicurio-registry-app-${VERSION}-runner.jar`)],
  ]
  const env = { REGISTRY_DATASOURCE_URL: DATABASE, LOG_LEVEL: 'WARN', REGISTRY_LOG_LEVEL: 'WARN' }
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const ready = async (signal: AbortSignal) => {
    const response = await fetch(`${url}/subjects`, { signal })
    const said = await response.text()
    if (!response.ok) throw new Error(`it answered ${response.status}: ${said}`)
  }
  const before = () => assertFree('registry', port, '127.0.0.1', file)
  const server = await startServer({ name: 'registry', program: { path: java, env }, args, folder, before, ready })
  return { ...server, url }
}
