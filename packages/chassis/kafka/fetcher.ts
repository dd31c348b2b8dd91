/** Reads logs by offset: no group, no stored position, no reset. One request per broker at a time, as its fetch session asks for. */
import type { Consumer } from '@platformatic/kafka'
import { brokersAway, codesOf, openConsumer, type KafkaAccess } from './client.ts'
import { seqOf, type RawRecord } from './wire.ts'

/** A record of a log with its place and its number. */
export interface LoggedRecord {
  readonly offset: number
  readonly seq: number
  readonly bytes: number
  readonly raw: RawRecord
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>

/** In place of a partition: the whole topic. */
export const WHOLE_TOPIC = -1

/** Where to read a partition. */
export interface Place {
  readonly topic: string
  readonly part: number
  readonly offset: number
}

/** What stands in a log from `place` on; `next` is where to go on. */
export interface Page {
  readonly place: Place
  readonly records: readonly LoggedRecord[]
  readonly next: number
}

export interface FetchLimits {
  readonly waitMs: number
  readonly bytesMax: number
  readonly partBytesMax: number
}

/** The place does not exist, or not as what it was: another topic of the same name, a log that was cut. Whatever was known of it is void. */
export class Displaced extends Error {
  readonly places: readonly Place[]

  constructor(places: readonly Place[], cause: unknown) {
    const names = places.map(({ topic, part, offset }) => (part === WHOLE_TOPIC ? `topic ${topic}` : `${topic}/${part} at ${offset}`))
    super(`Kafka: there is no ${names.join(', ')}`, { cause })
    this.places = places
  }
}

const DISPLACING_CODES = [1, 3, 100, 103] // OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID
const DISPLACING = ['OFFSET_OUT_OF_RANGE', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID']
const SESSION_LOST = ['INVALID_FETCH_SESSION_EPOCH', 'FETCH_SESSION_ID_NOT_FOUND', 'FETCH_SESSION_TOPIC_ID_ERROR']
const RECORD_OVERHEAD_BYTES = 200
const TRANSACTION_MARKER = 0x20
const EARLIEST = -2n
const LATEST = -1n

export class Fetcher {
  readonly #access: KafkaAccess
  readonly #busy = new Map<number, Promise<unknown>>()
  #client: Consumer | undefined
  #closed = false

  constructor(access: KafkaAccess) {
    this.#access = access
  }

  /** Id of a topic and the leader of each partition. Throws: `Displaced` when there is no such topic; faults. */
  async topic(topic: string): Promise<{ id: string; leaders: readonly number[] }> {
    try {
      const found = (await this.#open().metadata({ topics: [topic] })).topics.get(topic)
      if (!found) throw new Displaced([{ topic, part: WHOLE_TOPIC, offset: 0 }], undefined)
      return { id: found.id, leaders: found.partitions.map((one) => one.leader) }
    } catch (error) {
      throw this.#judged(error, [{ topic, part: WHOLE_TOPIC, offset: 0 }], 'metadata')
    }
  }

  /** First offset of partitions, and the one after their last. Throws: as `topic`. */
  async ends(topic: string, parts: readonly number[]): Promise<Map<number, { first: number; end: number }>> {
    const ask = async (timestamp: bigint) =>
      (await this.#open().listOffsets({ topics: [topic], partitions: { [topic]: [...parts] }, timestamp, isolationLevel: 0 })).get(topic) ??
      []
    try {
      const [first, end] = await Promise.all([ask(EARLIEST), ask(LATEST)])
      return new Map(parts.map((part) => [part, { first: Number(first[part]), end: Number(end[part]) }]))
    } catch (error) {
      throw this.#judged(error, [{ topic, part: WHOLE_TOPIC, offset: 0 }], 'offsets')
    }
  }

  /** The broker that leads each place. Topics without a leader are left out as long as others have one. Throws: `Displaced`; faults when none has. */
  async byLeader(places: readonly Place[]): Promise<Map<number, Place[]>> {
    const led = new Map<number, Place[]>()
    let fault: unknown
    for (const topic of new Set(places.map((one) => one.topic))) {
      try {
        const { leaders } = await this.topic(topic)
        for (const place of places.filter((one) => one.topic === topic)) {
          const leader = leaders[place.part]
          if (leader === undefined) throw new Displaced([place], undefined)
          const own = led.get(leader)
          if (own) own.push(place)
          else led.set(leader, [place])
        }
      } catch (error) {
        if (error instanceof Displaced) throw error
        fault = error
      }
    }
    if (fault !== undefined && led.size === 0) throw fault
    return led
  }

  /** Reads places of any broker; what is not answered is not there yet. Throws: `Displaced`; faults. */
  async fetch(places: readonly Place[], limits: FetchLimits): Promise<Page[]> {
    const pages = await Promise.all([...(await this.byLeader(places))].map(([node, own]) => this.fetchFrom(node, own, limits)))
    return pages.flat()
  }

  /** Reads places that one broker leads. */
  fetchFrom(node: number, places: readonly Place[], limits: FetchLimits): Promise<Page[]> {
    // A session's requests follow each other: two at once would each make the other's number wrong.
    const turn = (this.#busy.get(node) ?? Promise.resolve()).then(() => this.#fetchFrom(node, places, limits, true))
    this.#busy.set(
      node,
      turn.catch(() => {}),
    )
    return turn
  }

  /** Forgets what was known of the cluster: leaders, topics, sessions. */
  forget(): void {
    this.#client?.clearMetadata()
  }

  async close(): Promise<void> {
    this.#closed = true
    const client = this.#client
    this.#client = undefined
    await client?.close(true).catch(() => {})
  }

  #open(): Consumer {
    if (this.#closed) throw brokersAway(new Error('closed'), 'the carrier is closed')
    this.#client ??= openConsumer(this.#access)
    return this.#client
  }

  async #fetchFrom(node: number, places: readonly Place[], limits: FetchLimits, again: boolean): Promise<Page[]> {
    const ids = new Map<string, string>()
    try {
      for (const { topic } of places) if (!ids.has(topic)) ids.set(topic, (await this.topic(topic)).id)
      const response = await this.#open().fetch({
        node,
        minBytes: 1,
        maxWaitTime: limits.waitMs,
        maxBytes: limits.bytesMax,
        isolationLevel: 0,
        topics: [...ids].map(([topic, topicId]) => ({
          topicId,
          partitions: places
            .filter((one) => one.topic === topic)
            .map((one) => ({
              partition: one.part,
              fetchOffset: BigInt(one.offset),
              partitionMaxBytes: limits.partBytesMax,
              currentLeaderEpoch: -1,
              lastFetchedEpoch: -1,
            })),
        })),
      })
      return pagesOf(response, places, ids)
    } catch (error) {
      if (again && SESSION_LOST.some((code) => codesOf(error).has(code))) return this.#fetchFrom(node, places, limits, false)
      throw this.#judged(error, displacedOf(error, places, ids), 'fetch')
    }
  }

  #judged(error: unknown, places: readonly Place[], doing: string): unknown {
    if (error instanceof Displaced) {
      this.forget()
      return error
    }
    this.forget()
    const codes = codesOf(error)
    return DISPLACING.some((code) => codes.has(code)) ? new Displaced(places, error) : brokersAway(error, doing)
  }
}

function pagesOf(response: FetchResponse, places: readonly Place[], ids: ReadonlyMap<string, string>): Page[] {
  const pages: Page[] = []
  for (const { topicId, partitions } of response.responses)
    for (const { partitionIndex, records: batches } of partitions) {
      const place = places.find((one) => one.part === partitionIndex && ids.get(one.topic) === topicId)
      if (!place || !batches || batches.length === 0) continue
      const records: LoggedRecord[] = []
      let next = place.offset
      for (const batch of batches) {
        const first = Number(batch.firstOffset)
        next = Math.max(next, first + batch.lastOffsetDelta + 1)
        if (batch.attributes & TRANSACTION_MARKER) continue
        for (const raw of batch.records) {
          const offset = first + raw.offsetDelta
          if (offset >= place.offset) records.push({ offset, seq: seqOf(raw), bytes: raw.length + RECORD_OVERHEAD_BYTES, raw })
        }
      }
      pages.push({ place, records, next })
    }
  return pages
}

/** The places that an error is about; all of them when it does not say. */
function displacedOf(error: unknown, places: readonly Place[], ids: ReadonlyMap<string, string>): readonly Place[] {
  const { response } = error as { response?: FetchResponse }
  const displaced = (response?.responses ?? []).flatMap(({ topicId, partitions }) =>
    partitions
      .filter((one) => DISPLACING_CODES.includes(one.errorCode))
      .flatMap((one) => places.filter((place) => place.part === one.partitionIndex && ids.get(place.topic) === topicId)),
  )
  return displaced.length > 0 ? displaced : places
}
