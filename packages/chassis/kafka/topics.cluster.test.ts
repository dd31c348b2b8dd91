/** Topics and schemas on real servers. */
import { Type } from 'typebox'
import { afterAll, expect, test } from 'vitest'
import { event, object } from '../contract.ts'
import { PROOF_SERVICE, STREAM } from '../proof/kafka-shop.ts'
import { Meddler, openTestCarrier, testBrokers, testPrefix } from '../testing/kafka.ts'
import { avroSchemaOf, avroText } from './avro.ts'
import { NotRegistered, SchemaRegistry } from './registry.ts'
import { EventSchemas, subjectOf } from './schemas.ts'

const meddler = new Meddler()
const prefix = testPrefix()
const carriers = Array.from({ length: 3 }, () => openTestCarrier(prefix))

afterAll(async () => {
  for (const one of carriers) await one.close()
  await meddler.clean(prefix)
  await meddler.close()
})

test('when several processes make the same topic at once, all find it with its six partitions', async () => {
  await Promise.all(carriers.map((one) => one.ensureTopics([PROOF_SERVICE])))
  const found = (await meddler.admin.metadata({ topics: [prefix + STREAM], forceUpdate: true })).topics.get(prefix + STREAM)
  const brokers = testBrokers().brokers.length
  expect(found?.partitionsCount).toBe(6)
  expect(found?.partitions.map((one) => one.replicas.length)).toEqual(Array.from({ length: 6 }, () => Math.min(3, brokers)))
  const [described] = await meddler.admin.describeConfigs({
    resources: [
      {
        resourceType: 2,
        resourceName: prefix + STREAM,
        configurationKeys: ['min.insync.replicas', 'retention.ms', 'message.timestamp.type'],
      },
    ],
  })
  expect(Object.fromEntries((described?.configs ?? []).map((one) => [one.name, one.value]))).toEqual({
    'min.insync.replicas': brokers >= 3 ? '2' : '1',
    'retention.ms': '-1',
    'message.timestamp.type': 'LogAppendTime',
  })
})

test('a topic of another number of partitions is refused by name', async () => {
  const odd = testPrefix()
  await meddler.admin.createTopics({ topics: [odd + STREAM], partitions: 4, replicas: 1 })
  const carrier = openTestCarrier(odd)
  await expect(carrier.ensureTopics([PROOF_SERVICE])).rejects.toThrow(`the topic ${odd}${STREAM} has 4 partitions, not 6`)
  await carrier.close()
  await meddler.clean(odd)
})

const thing = (data: ReturnType<typeof object>, version = 1) =>
  event('Thing', { summary: 'A thing.', topic: 'things', version, key: 'id' as never, data })

test('the registry keeps every subject FULL: what fits gets an id, what does not is refused', async () => {
  const registry = new SchemaRegistry(testBrokers().registryUrl)
  const subject = `${testPrefix()}things-Thing`
  const register = (data: ReturnType<typeof object>) => registry.register(subject, avroText(avroSchemaOf(thing(data))))
  const first = await register(object({ id: Type.String() }))
  expect(await register(object({ id: Type.String() }))).toBe(first)
  const second = await register(object({ id: Type.String(), more: Type.Optional(Type.Integer()) }))
  expect(second).not.toBe(first)
  await expect(register(object({ id: Type.String(), must: Type.Integer() }))).rejects.toThrow(subject)
  await expect(register(object({ id: Type.Integer() }))).rejects.toThrow(subject)
  expect(JSON.parse(await registry.schemaOf(first))).toMatchObject({ name: 'Thing', fields: [{ name: 'id' }] })
  await expect(registry.schemaOf(987_654)).rejects.toBeInstanceOf(NotRegistered)
})

test('when several processes bring the first schema of a subject at once, all get the same id', async () => {
  const registries = Array.from({ length: 4 }, () => new SchemaRegistry(testBrokers().registryUrl))
  const schema = avroText(avroSchemaOf(thing(object({ id: Type.String() }))))
  for (let round = 0; round < 60; round++) {
    const subject = `${testPrefix()}things-Thing`
    const ids = await Promise.all(registries.map((one) => one.register(subject, schema)))
    expect(new Set(ids).size).toBe(1)
  }
})

test('what an older process wrote, a younger one reads as its own, and the other way round', async () => {
  const place = testPrefix()
  const kind = { topic: 'things', type: 'Thing', version: 1 }
  const subject = subjectOf({ ...kind, topic: `${place}things` })
  const [old, young] = [
    object({ id: Type.String() }),
    object({ id: Type.String(), more: Type.Optional(Type.Union([Type.Integer(), Type.Null()])) }),
  ].map((data) => {
    const schemas = new EventSchemas(new SchemaRegistry(testBrokers().registryUrl))
    schemas.learn([thing(data)])
    return schemas
  }) as [EventSchemas, EventSchemas]
  const byOld = (await old.writer(kind, subject))({ id: 'a' })
  const byYoung = (await young.writer(kind, subject))({ id: 'b', more: null })
  expect((await young.reader(kind, byOld))(byOld)).toEqual({ id: 'a' })
  expect((await young.reader(kind, byYoung))(byYoung)).toEqual({ id: 'b', more: null })
  expect((await old.reader(kind, byYoung))(byYoung)).toEqual({ id: 'b' })
  const stranger = new EventSchemas(new SchemaRegistry(testBrokers().registryUrl))
  expect((await stranger.reader(kind, byYoung))(byYoung)).toEqual({ id: 'b', more: null })
})

test('an event of an earlier version that still waits is written as it was then', async () => {
  const place = testPrefix()
  const url = testBrokers().registryUrl
  const kind = { topic: 'things', type: 'Thing', version: 1 }
  const subject = subjectOf({ ...kind, topic: `${place}things` })
  const before = new EventSchemas(new SchemaRegistry(url))
  before.learn([thing(object({ id: Type.String() }))])
  const first = (await before.writer(kind, subject))({ id: 'a' })
  const after = new EventSchemas(new SchemaRegistry(url))
  after.learn([thing(object({ number: Type.Integer() }), 2)])
  expect((await after.writer(kind, subject))({ id: 'a' })).toEqual(first)
  const second = { ...kind, version: 2 }
  const value = (await after.writer(second, subjectOf({ ...second, topic: `${place}things` })))({ number: 7 })
  expect((await after.reader(second, value))(value)).toEqual({ number: 7 })
})

test('a registry that is away is a fault that passes', async () => {
  const registry = new SchemaRegistry('http://user:secret@127.0.0.1:1/apis')
  await expect(registry.latest('things-Thing')).rejects.toMatchObject({ code: 'unavailable' })
})
