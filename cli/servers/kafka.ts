/** Apache Kafka beside the shop: one node for work, three for proofs of what survives the loss of one. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { runToEnd } from './cache.ts'
import { log4jProperties, serverProperties, type KafkaNode } from './kafka-settings.ts'
import { mavenFolder, type MavenOrder } from './maven.ts'
import { assertFree, keptPorts } from './ports.ts'
import { javaProgram } from './programs.ts'
import { startServer, type RunningServer } from './server.ts'

export interface Kafka {
  /** `127.0.0.1:port` of each broker; the same after a restart. */
  readonly bootstrap: readonly string[]
  readonly brokers: readonly RunningServer[]
  /** Starts a broker again that was ended. */
  restart(index: number): Promise<void>
  /** Ends all brokers. */
  stop(): Promise<void>
}

export interface KafkaOptions {
  readonly cacheDir: string
  readonly dataDir: string
  readonly brokers: 1 | 3
  /** Of the brokers, in their order; free ones, kept in the data folder, unless told. */
  readonly ports?: readonly number[]
}

const VERSION = '4.3.1'
const LOG4J_VERSION = '2.25.1'
const log4j = (name: string) => ({ group: 'org.apache.logging.log4j', name, version: LOG4J_VERSION })

/** The broker, its tools (they format the data folder), and without log4j no word of either. */
export const kafkaOrder: MavenOrder = {
  name: `kafka-${VERSION}`,
  artifacts: [
    { group: 'org.apache.kafka', name: 'kafka_2.13', version: VERSION },
    { group: 'org.apache.kafka', name: 'kafka-tools', version: VERSION },
    ...['log4j-slf4j-impl', 'log4j-core', 'log4j-api'].map(log4j),
  ],
  as: 'jars',
}

const JAVA_OPTIONS = ['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', '-Djava.awt.headless=true']
const FORMAT_SECONDS_MAX = 60
/** A broker that was killed a moment ago may not be buried yet. */
const BURIAL_MS_MAX = 2000

interface Cluster {
  readonly java: string
  readonly lib: string
  readonly folder: string
  readonly portsFile: string
  readonly id: string
  readonly nodes: readonly KafkaNode[]
}

/** Starts the brokers on their data folder, which is formatted once, and waits until all of them are part of the cluster. */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const cluster = await prepare(options)
  const ids = cluster.nodes.map((_, index) => index + 1)
  const outcomes = await Promise.allSettled(ids.map((id) => startNode(cluster, id, ids)))
  const present = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) {
    await Promise.all(present.map((server) => server.stop()))
    throw failure.reason
  }
  return {
    bootstrap: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`),
    brokers: present.map((first, index) => presentOf(first.name, () => present[index] ?? first)),
    restart: async (index) => {
      const ended = present[index]
      if (!ended) throw new Error(`there is no broker ${index} of ${present.length}`)
      const gone = ended.exited.then(() => true)
      if (!(await Promise.race([gone, sleep(BURIAL_MS_MAX, false)]))) throw new Error(`${ended.name} still runs`)
      present[index] = await startNode(cluster, index + 1, [index + 1])
    },
    stop: async () => {
      await Promise.all(present.map((server) => server.stop()))
    },
  }
}

/** A broker as it is now, whichever process plays it. */
function presentOf(name: string, server: () => RunningServer): RunningServer {
  return {
    name,
    get pid() {
      return server().pid
    },
    get exited() {
      return server().exited
    },
    stop: () => server().stop(),
  }
}

async function prepare({ cacheDir, dataDir, brokers, ports }: KafkaOptions): Promise<Cluster> {
  const java = await javaProgram()
  const lib = await mavenFolder(cacheDir, kafkaOrder)
  const folder = join(dataDir, 'kafka')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { id } = clusterFile(folder, brokers)
  const ids = Array.from({ length: brokers }, (_, index) => index + 1)
  const given = Object.fromEntries((ports ?? []).map((port, index) => [`kafka-${index + 1}`, port]))
  if (ports !== undefined && ports.length !== brokers) throw new Error(`${ports.length} ports were given for ${brokers} Kafka brokers`)
  const names = ids.flatMap((one) => [`kafka-${one}`, `kafka-controller-${one}`])
  const portsFile = join(folder, 'ports.json')
  const kept = await keptPorts(portsFile, names, given)
  const nodes = ids.map((_, index) => ({ port: kept[index * 2] as number, controllerPort: kept[index * 2 + 1] as number }))
  const cluster = { java, lib, folder, portsFile, id, nodes }
  await Promise.all(ids.map((one) => prepareNode(cluster, one)))
  return cluster
}

/** What was settled when the data folder was made. Throws: when it was made for another number of brokers. */
function clusterFile(folder: string, brokers: number): { id: string } {
  const file = join(folder, 'cluster.json')
  if (!existsSync(file)) writeFileSync(file, JSON.stringify({ id: randomBytes(16).toString('base64url'), brokers }))
  const settled = JSON.parse(readFileSync(file, 'utf8')) as { id: string; brokers: number }
  if (settled.brokers !== brokers)
    throw new Error(
      `the Kafka in ${folder} was made with ${settled.brokers} brokers, not ${brokers}: delete the folder, or keep their number`,
    )
  return settled
}

function nodeFolder(cluster: Cluster, id: number): string {
  return join(cluster.folder, `node-${id}`)
}

function javaArgs(cluster: Cluster): string[] {
  return [...JAVA_OPTIONS, '-Dlog4j2.configurationFile=log4j2.properties', '-cp', join(cluster.lib, '*')]
}

async function prepareNode(cluster: Cluster, id: number): Promise<void> {
  const folder = nodeFolder(cluster, id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'server.properties'), serverProperties(id, cluster.nodes))
  writeFileSync(join(folder, 'log4j2.properties'), log4jProperties())
  if (existsSync(join(folder, 'data/meta.properties'))) return
  // One word: an id may begin with a dash.
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${cluster.id}`, '--config', 'server.properties', '--ignore-formatted']
  await runToEnd(cluster.java, [...javaArgs(cluster), ...format], { seconds: FORMAT_SECONDS_MAX, cwd: folder })
}

/** Starts one node and waits until the nodes `expected` are part of the cluster, as the started one tells. */
function startNode(cluster: Cluster, id: number, expected: readonly number[]): Promise<RunningServer> {
  const { port, controllerPort } = cluster.nodes[id - 1] as KafkaNode
  const name = `kafka-${id}`
  return startServer({
    name,
    program: { path: cluster.java, env: {} },
    args: [...javaArgs(cluster), 'kafka.Kafka', 'server.properties'],
    folder: nodeFolder(cluster, id),
    logs: ['broker.log'],
    before: async () => {
      await assertFree(name, port, '127.0.0.1', cluster.portsFile)
      await assertFree(`the controller of ${name}`, controllerPort, '127.0.0.1', cluster.portsFile)
    },
    ready: (signal) => assertBrokers(`127.0.0.1:${port}`, expected, signal),
  })
}

/** Asks a broker who is part of the cluster. Rejects: when one of `expected` is not. */
async function assertBrokers(address: string, expected: readonly number[], signal: AbortSignal): Promise<void> {
  const admin = new Admin({ clientId: 'stoa-start', bootstrapBrokers: [address], retries: 0, connectTimeout: 2000, requestTimeout: 3000 })
  signal.addEventListener('abort', () => void admin.close().catch(() => {}), { once: true })
  try {
    const { brokers } = await admin.metadata({ topics: [], forceUpdate: true })
    const absent = expected.filter((id) => !brokers.has(id))
    if (absent.length > 0) throw new Error(`${absent.map((id) => `kafka-${id}`).join(', ')} is not part of the cluster`)
  } finally {
    await admin.close().catch(() => {})
  }
}
