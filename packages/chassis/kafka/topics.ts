/** Makes the topics that services publish on. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from '@platformatic/kafka'
import { PARTITIONS } from '../contract.ts'
import { brokersAway, codesOf } from './client.ts'

export interface TopicOptions {
  /** How long Kafka keeps events; -1 for ever. A reader further behind than this halts. */
  readonly retentionMs: number
}

const REPLICAS_MAX = 3
/** With three replicas one may be away while events are still written twice. */
const IN_SYNC_OF_THREE = 2
const BATCH_BYTES_MAX = 4 << 20
const ROUNDS_MAX = 12
const LOOK_AGAIN_MS = 50

/** Makes what is missing; any number of processes may do so at once. Throws: when a topic has another number of partitions; faults. */
export async function ensureTopics(admin: Admin, topics: readonly string[], options: TopicOptions): Promise<void> {
  for (let round = 1; ; round++) {
    const missing: string[] = []
    for (const topic of topics) {
      const partitions = await partitionsOf(admin, topic)
      if (partitions === undefined) missing.push(topic)
      else if (partitions !== PARTITIONS)
        throw new Error(
          `the topic ${topic} has ${partitions} partitions, not ${PARTITIONS}: events of one key would part. A topic made by hand must have ${PARTITIONS}.`,
        )
    }
    if (missing.length === 0) return
    if (round > ROUNDS_MAX) throw brokersAway(new Error(missing.join(', ')), 'topics that were made are not to be seen')
    for (const topic of missing) await make(admin, topic, options)
    // Not every broker knows at once what the controller has made.
    if (round > 1) await sleep(LOOK_AGAIN_MS * round)
  }
}

async function partitionsOf(admin: Admin, topic: string): Promise<number | undefined> {
  try {
    return (await admin.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic)?.partitionsCount
  } catch (error) {
    if (codesOf(error).has('UNKNOWN_TOPIC_OR_PARTITION')) return undefined
    throw brokersAway(error, `topic ${topic}`)
  }
}

async function make(admin: Admin, topic: string, { retentionMs }: TopicOptions): Promise<void> {
  try {
    const brokers = (await admin.metadata({ topics: [], forceUpdate: true })).brokers.size
    const replicas = Math.min(REPLICAS_MAX, brokers)
    const settings: Record<string, string> = {
      'retention.ms': String(retentionMs),
      'retention.bytes': '-1',
      'cleanup.policy': 'delete',
      'min.insync.replicas': String(replicas === REPLICAS_MAX ? IN_SYNC_OF_THREE : 1),
      'unclean.leader.election.enable': 'false',
      'max.message.bytes': String(BATCH_BYTES_MAX),
      // The time of an event stands in its header; a database's clock that is ahead must not make the broker refuse it.
      'message.timestamp.type': 'LogAppendTime',
    }
    await admin.createTopics({
      topics: [topic],
      partitions: PARTITIONS,
      replicas,
      configs: Object.entries(settings).map(([name, value]) => ({ name, value })),
    })
  } catch (error) {
    if (!codesOf(error).has('TOPIC_ALREADY_EXISTS')) throw brokersAway(error, `making the topic ${topic}`)
  }
}
