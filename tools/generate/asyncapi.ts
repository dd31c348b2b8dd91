/** AsyncAPI 3.0: topics, the events in them, who sends and who receives. */
import { PARTITIONS } from '@stoa/chassis/contract.ts'
import type { Contracts } from '@stoa/chassis/documents/contracts.ts'
import { schemaBook } from '@stoa/chassis/documents/schemas.ts'
import type { Room } from './services.ts'

type Tree = Record<string, unknown>

/** Builds the document. Events that nobody publishes yet stand in it too: a contract may come before its room. */
export function buildAsyncApi(contracts: Contracts, rooms: readonly Room[], version = '0.1.0'): Tree {
  const book = schemaBook(contracts.schemas)
  const events = contracts.events.map(({ contract }) => contract).sort((a, b) => compare(a.name, b.name))
  const topics = [...new Set(events.map(({ topic }) => topic))].sort(compare)
  const messages = Object.fromEntries(
    events.map((event) => [
      event.name,
      {
        name: event.name,
        summary: event.summary,
        contentType: 'application/json',
        'x-version': event.version,
        'x-key': event.key,
        headers: { $ref: '#/components/schemas/EventHeaders' },
        payload: book.write(event.data),
      },
    ]),
  )
  return {
    asyncapi: '3.0.0',
    info: { title: 'Stoa events', version, license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [channelId(topic), channelOf(topic, events)])),
    operations: operationsOf(rooms),
    components: { messages, schemas: { ...book.components, EventHeaders: headers } },
  }
}

const headers = {
  type: 'object',
  description: 'Place of the event in its stream: the same on every carrier.',
  required: ['id', 'type', 'version', 'stream', 'partition', 'seq', 'key', 'occurredAt'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    type: { type: 'string' },
    version: { type: 'integer' },
    stream: { type: 'string' },
    partition: { type: 'integer', minimum: 0, maximum: PARTITIONS - 1 },
    seq: { type: 'integer', minimum: 1 },
    key: { type: 'string' },
    occurredAt: { type: 'string', format: 'date-time' },
    traceparent: { type: 'string' },
  },
}

function channelOf(topic: string, events: readonly { name: string; topic: string }[]): Tree {
  const own = events.filter((event) => event.topic === topic)
  return {
    address: topic,
    'x-partitions': PARTITIONS,
    messages: Object.fromEntries(own.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }])),
  }
}

function operationsOf(rooms: readonly Room[]): Tree {
  const operations: Tree = {}
  for (const { definition } of rooms) {
    const sent = (definition.publishes ?? []).map((event) => ({ action: 'send', event }))
    const received = (definition.consumers ?? []).map(({ event }) => ({ action: 'receive', event }))
    for (const { action, event } of [...sent, ...received]) {
      const id = `${definition.name}.${action}.${event.name}`
      operations[id] = {
        action,
        title: `${definition.name} ${action}s ${event.name}`,
        channel: { $ref: `#/channels/${channelId(event.topic)}` },
        messages: [{ $ref: `#/channels/${channelId(event.topic)}/messages/${event.name}` }],
      }
    }
  }
  return Object.fromEntries(Object.entries(operations).sort(([a], [b]) => compare(a, b)))
}

/** Ids may not hold dots. */
function channelId(topic: string): string {
  return topic.replaceAll('.', '-')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
