/** OpenSearch: one node out of Maven's jars, started by a main class of our own. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { madeOnce, runToEnd } from './cache.ts'
import { mavenFolder, type MavenOrder } from './maven.ts'
import { assertFree, keptPorts } from './ports.ts'
import { javaProgram } from './programs.ts'
import { startServer, type RunningServer } from './server.ts'

/** The newest line that runs on Java 17; 3.x wants Java 21. */
const VERSION = '2.19.6'
const MAIN = 'OpenSearchNode'
const opensearch = (group: string, name: string) => ({ group, name, version: VERSION })

/** The node, what listens and analyses, scripts, what else a mapping may say; a log; and a compiler, which a Java to run programs does not have. */
export const opensearchOrder: MavenOrder = {
  name: `opensearch-${VERSION}`,
  artifacts: [
    opensearch('org.opensearch', 'opensearch'),
    ...['transport-netty4-client', 'analysis-common', 'lang-painless', 'mapper-extras-client'].map((name) =>
      opensearch('org.opensearch.plugin', name),
    ),
    { group: 'org.apache.logging.log4j', name: 'log4j-core', version: '2.25.4' },
    { group: 'org.eclipse.jdt', name: 'ecj', version: '3.40.0' },
  ],
  as: 'jars',
}

const JAVA_OPTIONS = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Djava.awt.headless=true']
const COMPILE_SECONDS_MAX = 120
/** 4 s on a quiet machine; it loads thousands of classes, which takes its time where others want the cores. */
const READY_SECONDS_MAX = 180

/** Starts OpenSearch on its data folder. What was acknowledged survives restarts and kills. */
export async function startOpenSearch(options: {
  readonly cacheDir: string
  readonly dataDir: string
  readonly port?: number
}): Promise<RunningServer & { readonly url: string }> {
  const folder = join(options.dataDir, 'opensearch')
  const java = await javaProgram()
  const lib = await mavenFolder(options.cacheDir, opensearchOrder)
  const classes = await compiled(options.cacheDir, java, lib)
  mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 })
  const file = join(folder, 'ports.json')
  const given: Record<string, number> = options.port === undefined ? {} : { opensearch: options.port }
  const [port, inner] = (await keptPorts(file, ['opensearch', 'opensearch-nodes'], given)) as [number, number]
  const url = `http://127.0.0.1:${port}`
  const args = [
    ...JAVA_OPTIONS,
    // What it says goes to the server's log; without a file of settings only this sets how much.
    '-Dlog4j2.level=WARN',
    ...['-cp', [classes, join(lib, '*')].join(delimiter), MAIN, folder, String(port), String(inner)],
  ]
  const server = await startServer({
    name: 'opensearch',
    program: { path: java, env: {} },
    args,
    folder,
    before: async () => {
      await assertFree('opensearch', port, '127.0.0.1', options.port === undefined ? file : undefined)
      await assertFree('the second port of opensearch', inner, '127.0.0.1', file)
    },
    ready: (signal) => assertYellow(url, signal),
    readySeconds: READY_SECONDS_MAX,
  })
  return { ...server, url }
}

/** Our main class, compiled once. */
async function compiled(cacheDir: string, java: string, lib: string): Promise<string> {
  const source = join(import.meta.dirname, `${MAIN}.java`)
  const hash = createHash('sha256').update(readFileSync(source)).update(lib).digest('hex').slice(0, 12)
  const jars = readdirSync(lib).map((name) => join(lib, name))
  return madeOnce(join(cacheDir, `opensearch-main-${hash}`), async (draft) => {
    const compiler = ['-cp', join(lib, '*'), 'org.eclipse.jdt.internal.compiler.batch.Main']
    await runToEnd(java, [...compiler, '-17', '-nowarn', '-cp', jars.join(delimiter), '-d', draft, source], {
      seconds: COMPILE_SECONDS_MAX,
    })
  })
}

/** Rejects: as long as some index cannot be asked. */
async function assertYellow(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=3s`, { signal })
  const said = await response.text()
  if (!response.ok) throw new Error(`it answered ${response.status}: ${said}`)
}
