/** Real brokers for tests: those of STOA_TEST_KAFKA (bootstrap list) and STOA_TEST_REGISTRY (address of the registry). */
import { randomBytes } from 'node:crypto'
import { Admin, Consumer, Producer } from '@platformatic/kafka'
import { openKafka, type KafkaCarrier, type KafkaOptions } from '../kafka/carrier.ts'
import { Fetcher } from '../kafka/fetcher.ts'
import { Signals } from '../signals.ts'
import { createLog, type Log } from '../telemetry/log.ts'

/** Where the brokers and the registry of this test run are. Throws: when it has none. */
export function testBrokers(): { brokers: string[]; registryUrl: string } {
  const { STOA_TEST_KAFKA: brokers, STOA_TEST_REGISTRY: registryUrl } = process.env
  if (!brokers || !registryUrl)
    throw new Error('tests of Kafka need brokers and a schema registry: STOA_TEST_KAFKA=host:port,… STOA_TEST_REGISTRY=http://…')
  return { brokers: brokers.split(','), registryUrl }
}

/** A name that no other test's topics begin with. */
export function testPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}.`
}

export interface TestCarrier extends KafkaCarrier {
  readonly signals: Signals
}

/** A carrier with signals of its own, as another process would have. */
export function openTestCarrier(topicPrefix: string, options: Partial<KafkaOptions> = {}): TestCarrier {
  const signals = new Signals()
  return { ...openKafka({ ...testBrokers(), clientId: 'stoa-test', signals, topicPrefix, ...options }), signals }
}

/** A log that keeps its lines. */
export function keptLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  return { lines, log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }) }
}

const unhurried = { clientId: 'stoa-test-meddler', retries: 5, retryDelay: 100 } as const
const common = () => ({ ...unhurried, bootstrapBrokers: testBrokers().brokers })

/** Takes a topic with all its events away from brokers that are not those of this run. */
export async function removeTopic(bootstrapBrokers: string[], topic: string): Promise<void> {
  const admin = new Admin({ ...unhurried, bootstrapBrokers })
  await admin.deleteTopics({ topics: [topic] }).finally(() => admin.close())
}

/** The nodes that are part of a cluster, as one of them tells. Rejects: while it does not answer. */
export async function nodesOf(bootstrapBroker: string): Promise<number[]> {
  const admin = new Admin({ ...unhurried, bootstrapBrokers: [bootstrapBroker], retries: 0 })
  const { brokers } = await admin.metadata({ topics: [], forceUpdate: true }).finally(() => admin.close())
  return [...brokers.keys()]
}

/** What nobody in the house does: looks at raw logs, writes what it likes, deletes topics. */
export class Meddler {
  readonly admin = new Admin(common())
  readonly #producer = new Producer(common())
  readonly #consumer = new Consumer({ ...common(), groupId: 'stoa-test-meddler' })
  readonly #fetcher = new Fetcher({ brokers: testBrokers().brokers, clientId: 'stoa-test-meddler' })

  /** Every record of a partition, as it stands in the log. */
  async raw(topic: string, part: number) {
    this.#fetcher.forget()
    const { first, end } = (await this.#fetcher.ends(topic, [part])).get(part) as { first: number; end: number }
    const records = []
    for (let offset = first; offset < end; ) {
      const [page] = await this.#fetcher.fetch([{ topic, part, offset }], { waitMs: 0, bytesMax: 8 << 20, partBytesMax: 8 << 20 })
      if (!page) continue
      records.push(...page.records)
      offset = page.next
    }
    return records
  }

  /** The sequence numbers of a partition, in the order of the log. */
  async seqs(topic: string, part: number): Promise<number[]> {
    return (await this.raw(topic, part)).map((one) => one.seq)
  }

  /** Appends copies of records, changed as one likes. */
  async append(
    topic: string,
    part: number,
    records: readonly { key: Buffer | null; value: Buffer | null; headers: readonly (readonly [Buffer | null, Buffer | null])[] }[],
  ) {
    await this.#producer.send({
      acks: -1,
      messages: records.map((one) => ({
        topic,
        partition: part,
        key: one.key as Buffer,
        value: one.value as Buffer,
        headers: new Map(one.headers as [Buffer, Buffer][]),
      })),
    })
  }

  /** Deletes a topic and waits until it is gone. */
  async remove(topic: string): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] })
    for (let round = 0; round < 100; round++) {
      if (!(await this.admin.listTopics({})).includes(topic)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`${topic} does not go`)
  }

  /** Deletes the topics of a prefix. */
  async clean(prefix: string): Promise<void> {
    const topics = (await this.admin.listTopics({})).filter((one) => one.startsWith(prefix))
    if (topics.length > 0) await this.admin.deleteTopics({ topics })
  }

  async close(): Promise<void> {
    await Promise.all([this.admin.close(), this.#producer.close(), this.#consumer.close(true), this.#fetcher.close()])
  }
}

/** The record with another value in one header. */
export function withHeader<R extends { headers: readonly (readonly [Buffer | null, Buffer | null])[] }>(
  record: R,
  name: string,
  value: string,
): R {
  return { ...record, headers: record.headers.map(([own, old]) => (own?.toString() === name ? [own, Buffer.from(value)] : [own, old])) }
}
