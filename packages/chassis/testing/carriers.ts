/** A service played by a function behind each way of calling it, for tests that hold all ways to the same promises. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InProcessCarrier, type CallCarrier, type CallTarget } from '../calls/carrier.ts'
import type { CallHost } from '../calls/desk.ts'
import type { Directory } from '../calls/directory.ts'
import { GrpcCarrier } from '../calls/grpc-carrier.ts'
import { startGrpcDoor } from '../calls/grpc-door.ts'
import { GrpcProtocol } from '../calls/grpc-protocol.ts'
import { HttpCarrier } from '../calls/http-carrier.ts'
import { mountCalls } from '../calls/http-door.ts'
import type { Call } from '../contract.ts'
import { buildProto, grpcServices } from '../documents/proto.ts'
import { Authenticator } from '../http/authentication.ts'
import { createServer } from '../http/server.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics } from '../telemetry/metrics.ts'

const host = '127.0.0.1'
const log = createLog({ level: 'silent' })

/** A replica that was started. */
export interface Replica {
  readonly port: number
  /** Ends it at once, as a kill would. */
  kill(): Promise<void>
  /** Ends it as a rolling update does. */
  close(): Promise<void>
}

/** One way to call a service of another process. */
export interface Way {
  readonly name: string
  /** What opens its doors. */
  readonly secret: KeyObject
  /** Starts a replica that answers `contracts`; on a free port unless told. */
  serve(contracts: readonly Call[], answer: CallTarget, port?: number): Promise<Replica>
  /** A caller that knows these ports. */
  caller(ports: readonly number[], secret?: KeyObject): CallCarrier & { close(): Promise<void> }
  end(): Promise<void>
}

/** A secret that nobody else has. */
export function newSecret(): KeyObject {
  return createSecretKey(randomBytes(32))
}

/** Calls by HTTP. */
export function httpWay(): Way {
  const secret = newSecret()
  const carriers: HttpCarrier[] = []
  const open = new Set<Replica>()
  return {
    name: 'HTTP',
    secret,
    serve: async (contracts, answer, port = 0) => {
      const authenticator = new Authenticator(async () => ({ keys: [] }))
      const app = await createServer({
        log,
        metrics: createMetrics(),
        authenticator,
        rateLimits: true,
        demo: false,
        trustedProxies: [],
        apiHost: '',
      })
      app.get('/health/serving', async () => ({}))
      mountCalls(app, hostsOf(contracts, answer), secret)
      const address = await app.listen({ host, port })
      const replica: Replica = {
        port: Number(new URL(address).port),
        kill: async () => {
          app.server.closeAllConnections()
          await replica.close()
        },
        close: async () => {
          open.delete(replica)
          await app.close()
        },
      }
      open.add(replica)
      return replica
    },
    caller: (ports, own = secret) => {
      const carrier = new HttpCarrier({ directory: directoryOf(ports), secret: own })
      carriers.push(carrier)
      return carrier
    },
    end: async () => {
      await Promise.all(carriers.map((one) => one.close()))
      await Promise.all([...open].map((one) => one.kill()))
    },
  }
}

/** Calls by gRPC, by .proto files written for `contracts`. */
export function grpcWay(contracts: readonly Call[]): Way {
  const secret = newSecret()
  const folder = mkdtempSync(join(tmpdir(), 'stoa-protos-'))
  for (const [service, calls] of grpcServices(contracts))
    writeFileSync(join(folder, `${service}.proto`), buildProto(service, calls, undefined))
  const protocol = new GrpcProtocol(folder)
  const carriers: GrpcCarrier[] = []
  const open = new Set<Replica>()
  return {
    name: 'gRPC',
    secret,
    serve: async (served, answer, port = 0) => {
      const door = await startGrpcDoor(hostsOf(served, answer), { host, port, secret, protocol })
      const end = (how: () => Promise<void>) => async () => {
        open.delete(replica)
        await how()
      }
      const replica: Replica = { port: door.port, kill: end(() => door.kill()), close: end(() => door.close()) }
      open.add(replica)
      return replica
    },
    caller: (ports, own = secret) => {
      const carrier = new GrpcCarrier({ directory: directoryOf(ports), secret: own, protocol })
      carriers.push(carrier)
      return carrier
    },
    end: async () => {
      await Promise.all(carriers.map((one) => one.close()))
      await Promise.all([...open].map((one) => one.kill()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Calls within the process. */
export function insideCarrier(contracts: readonly Call[], answer: CallTarget): CallCarrier {
  const carrier = new InProcessCarrier()
  for (const one of hostsOf(contracts, answer)) carrier.attach(one.service, one.answer)
  return carrier
}

/** A port where nobody answers. */
export async function deadPort(): Promise<number> {
  const server = createNetServer()
  await new Promise<void>((done) => server.listen(0, host, done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

function directoryOf(ports: readonly number[]): Directory {
  return { httpOf: () => ports.map((port) => `http://${host}:${port}`), grpcOf: () => ports.map((port) => `${host}:${port}`) }
}

/** Each service of `contracts`, answering its own calls alone. */
function hostsOf(contracts: readonly Call[], answer: CallTarget): CallHost[] {
  return [...new Set(contracts.map(({ service }) => service))].map((service) => {
    const own = contracts.filter((one) => one.service === service)
    return {
      service,
      contracts: own,
      log,
      answer: async (name, input, signal) => {
        if (!own.some((one) => one.name === name)) throw new Error(`${service} has no call '${name}'`)
        return answer(name, input, signal)
      },
    }
  })
}
