/** A gateway and replicas of a service as processes of a shop are: joined by sockets alone, on one database, with a wire before each replica. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Upstreams } from '../calls/upstreams.ts'
import type { Route } from '../contract.ts'
import { Database, type ConnectionSettings } from '../database/database.ts'
import { provisionFromTemplate } from '../database/provision.ts'
import { forwardService } from '../http/forward.ts'
import { apiNotFound } from '../http/server.ts'
import { openHouse, type House, type HouseOptions, type Neighbours } from '../runtime/house.ts'
import type { ServiceDefinition } from '../service.ts'
import { bare } from './bare.ts'
import type { Account } from './room.ts'
import { testServer } from './server.ts'
import { openMint } from './tokens.ts'
import { Wire } from './wire.ts'

const host = '127.0.0.1'

export interface JoinedReplica {
  readonly house: House
  /** Where it listens itself, past the wire. */
  readonly port: number
  readonly wire: Wire
  /** Whether it says that it takes requests. */
  serving: boolean
  stop(): Promise<void>
}

export interface Joined {
  readonly gateway: House
  readonly port: number
  readonly replicas: readonly JoinedReplica[]
  readonly connection: ConnectionSettings
  readonly database: Database
  tokenOf(account: Account): Promise<string>
  /** One more replica on the same database, that the gateway does not know. */
  replica(options?: Partial<HouseOptions>): Promise<JoinedReplica>
  stop(): Promise<void>
}

/** A shop in which nobody else is. */
export const ALONE: Neighbours = {
  names: [],
  outside: { http: { send: nobody }, grpc: { send: nobody } },
  source: () => undefined,
  close: async () => {},
}

async function nobody(): Promise<never> {
  throw new Error('nobody is called here')
}

export interface JoinedOptions {
  readonly count?: number
  readonly demo?: boolean
  /** How long the gateway waits for an answer to begin. */
  readonly answerMs?: number
  /** More services behind the gateway, served by whoever listens there. */
  readonly others?: readonly { readonly service: string; readonly routes: readonly Route[]; readonly addresses: readonly string[] }[]
}

/** Opens `count` replicas of `definition` and a gateway that passes its doors on to them. */
export async function openJoined(
  definition: ServiceDefinition,
  { count = 1, demo = false, answerMs, others = [] }: JoinedOptions = {},
): Promise<Joined> {
  const migrations = join(import.meta.dirname, 'no-migrations')
  const connection = await provisionFromTemplate(testServer(), definition.name, migrations, randomBytes(6).toString('hex'))
  const mint = await openMint()
  const parts = {
    ...bare({ STOA_DEMO: demo ? 'on' : 'off' }),
    fetchKeys: async () => ({ keys: [mint.publicKey] }),
  }
  const opened: JoinedReplica[] = []
  const replica = async (options: Partial<HouseOptions> = {}) => {
    const services = [{ definition, connection, connectionsMax: 6 }]
    const house = await openHouse({ ...parts, services, trustedProxies: [host], neighbours: ALONE, ...options })
    house.server.setNotFoundHandler(apiNotFound(house.doors))
    house.server.get('/health/serving', async (_request, reply) => reply.code(one.serving ? 200 : 503).send({}))
    const one: JoinedReplica = await standing(house)
    opened.push(one)
    await house.start()
    return one
  }
  const replicas = await Promise.all(Array.from({ length: count }, () => replica()))
  const behind = [
    {
      service: definition.name,
      routes: (definition.routes ?? []).map((one) => one.contract as Route),
      addresses: replicas.map(({ wire }) => `http://${host}:${wire.port}`),
    },
    ...others,
  ]
  const gateway = await openHouse({ ...parts, services: [], neighbours: ALONE })
  const upstreams = new Upstreams((service) => behind.find((one) => one.service === service)?.addresses ?? [])
  const port = await openGateway(gateway, upstreams, behind, answerMs)
  const database = new Database(connection, { connectionsMax: 2 })
  return {
    gateway,
    port,
    replicas,
    connection,
    database,
    tokenOf: (account) => mint.tokenOf(account),
    replica,
    stop: async () => {
      for (const { wire } of opened) wire.thaw()
      await gateway.stop()
      await upstreams.close()
      await Promise.all(opened.map((one) => one.stop()))
      await database.close()
    },
  }
}

async function standing(house: House): Promise<JoinedReplica> {
  const port = portOf(await house.server.listen({ port: 0, host }))
  const wire = await Wire.to(port)
  let stopped = false
  return {
    house,
    port,
    wire,
    serving: true,
    stop: async () => {
      if (stopped) return
      stopped = true
      await house.stop()
      await wire.cut().catch(() => {})
    },
  }
}

/** Passes on the doors of those behind it, and listens. Answers its port. */
async function openGateway(
  { server: app, serverOptions: options }: House,
  upstreams: Upstreams,
  behind: NonNullable<JoinedOptions['others']>,
  answerMs: number | undefined,
): Promise<number> {
  const passage = { app, options, upstreams, ...(answerMs === undefined ? {} : { answerMs }) }
  app.setNotFoundHandler(apiNotFound(behind.flatMap(({ service, routes }) => forwardService({ ...passage, service }, routes))))
  return portOf(await app.listen({ port: 0, host }))
}

function portOf(address: string): number {
  return Number(new URL(address).port)
}
