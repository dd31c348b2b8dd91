/** The door for calls of other processes over gRPC, by the committed .proto files. */
import type { KeyObject } from 'node:crypto'
import {
  Metadata,
  Server,
  ServerCredentials,
  type status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { Fault, FAULTS } from '../fault.ts'
import { withTrace } from '../telemetry/trace.ts'
import { clockOf, deadlineMsOf } from './deadline.ts'
import { CALL_BYTES_MAX, CallDesk, REJECTIONS, Rejected, type Answered, type CallHost } from './desk.ts'
import type { GrpcMethod, GrpcProtocol } from './grpc-protocol.ts'
import { passOf, type Pass } from './pass.ts'

/** Trailer that holds the code of a fault; without it a status comes from gRPC itself. */
export const FAULT_TRAILER = 'stoa-fault'
/** Trailer that says when to come back. */
export const RETRY_TRAILER = 'stoa-retry-after'

/** What calls in flight are given when the door closes. */
const CLOSE_MS_MAX = 5000
const KEEPALIVE_MS = 20_000
const KEEPALIVE_ANSWER_MS = 5000
/** Details travel in a header. */
const DETAILS_MAX = 1000

export interface GrpcDoorOptions {
  readonly port: number
  readonly host: string
  readonly secret: KeyObject
  readonly protocol: GrpcProtocol
}

/** An open door. */
export interface GrpcDoor {
  readonly port: number
  /** Lets calls in flight end, 5 s at most. */
  close(): Promise<void>
  /** Breaks off whatever is under way. */
  kill(): Promise<void>
}

type Bytes = ServerUnaryCall<Buffer, Buffer>

/** Opens the door for those calls of `hosts` that gRPC carries. Throws: when the port is taken, or a call stands in no .proto. */
export async function startGrpcDoor(hosts: readonly CallHost[], options: GrpcDoorOptions): Promise<GrpcDoor> {
  const server = new Server({
    'grpc.max_receive_message_length': CALL_BYTES_MAX,
    'grpc.max_send_message_length': CALL_BYTES_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
  })
  const desk = new CallDesk(hosts)
  const pass = passOf(options.secret)
  for (const host of hosts) {
    const carried = host.contracts.filter(({ over }) => over === 'grpc').map((one) => desk.find(host.service, one.name))
    const methods = carried.map((called) => ({ called, method: options.protocol.methodOf(called.contract) }))
    server.addService(
      Object.fromEntries(methods.map(({ called, method }) => [called.contract.name, bytesOnly(method.path)])) as ServiceDefinition,
      Object.fromEntries(
        methods.map(({ called, method }) => [
          called.contract.name,
          (call: Bytes, done: sendUnaryData<Buffer>) => void serve({ desk, pass, called, method }, call, done),
        ]),
      ),
    )
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${options.host}:${options.port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { port, close: () => close(server, CLOSE_MS_MAX), kill: () => close(server, 0) }
}

/** Messages are read and written by the call, so that what is wrong with them is answered and logged as any other fault. */
function bytesOnly(path: string): ServiceDefinition[string] {
  const same = (bytes: Buffer) => bytes
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

interface Door {
  readonly desk: CallDesk
  readonly pass: Pass
  readonly called: Answered
  readonly method: GrpcMethod
}

async function serve(door: Door, call: Bytes, done: sendUnaryData<Buffer>): Promise<void> {
  const given = (name: string) => call.metadata.get(name)[0]
  const traceparent = given('traceparent')
  try {
    if (!door.pass.fits(given('authorization'))) throw new Rejected('unauthenticated', 'the secret is not the one of this shop')
    done(null, await withTrace(typeof traceparent === 'string' ? traceparent : null, () => answer(door, call)))
  } catch (error) {
    done(failureOf(error))
  }
}

async function answer({ desk, called, method }: Door, call: Bytes): Promise<Buffer> {
  const { contract, host } = called
  const ms = Math.min(deadlineMsOf(contract), Number(call.getDeadline()) - Date.now())
  const clock = clockOf(ms)
  const gone = () => clock.end(new Fault('unavailable', 'the caller is gone'))
  call.once('cancelled', gone)
  try {
    const outcome = await desk.answer(called, readInput(called, method, call.request), ms, clock.signal)
    return method.writeOutcome(outcome)
  } catch (error) {
    if (error instanceof Fault || error instanceof Rejected) throw error
    host.log.error({ call: contract.name, error }, 'an outcome is not as its contract says')
    throw new Fault('internal', `the outcome of ${contract.service}.${contract.name} is not as promised`, { cause: error })
  } finally {
    call.off('cancelled', gone)
    clock.end()
  }
}

function readInput({ contract }: Answered, method: GrpcMethod, bytes: Buffer): unknown {
  try {
    return method.readInput(bytes)
  } catch (error) {
    throw new Rejected('invalid-request', `the input of ${contract.service}.${contract.name} cannot be read: ${(error as Error).message}`)
  }
}

/** Details tell nothing of our insides: a fault has its title, and the log the rest. */
function failureOf(error: unknown): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata()
  if (error instanceof Rejected) return { code: REJECTIONS[error.code].grpc, details: error.message.slice(0, DETAILS_MAX), metadata }
  const fault = error instanceof Fault ? error : new Fault('internal', 'a bug of the door', { cause: error })
  metadata.set(FAULT_TRAILER, fault.code)
  metadata.set(RETRY_TRAILER, String(fault.retryAfterSeconds))
  return { code: FAULTS[fault.code].grpc, details: FAULTS[fault.code].title, metadata }
}

async function close(server: Server, patienceMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  const timer = setTimeout(() => server.forceShutdown(), patienceMs)
  await ended
  clearTimeout(timer)
}
