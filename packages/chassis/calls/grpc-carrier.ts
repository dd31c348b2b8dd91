/** Calls to services of other processes over gRPC: kept connections, the least busy replica, no replica twice. */
import type { KeyObject } from 'node:crypto'
import { Client, connectivityState, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js'
import type { Call } from '../contract.ts'
import { Fault, isFaultCode } from '../fault.ts'
import { currentTraceparent } from '../telemetry/trace.ts'
import type { CallCarrier } from './carrier.ts'
import { remainingMs } from './deadline.ts'
import { CALL_BYTES_MAX } from './desk.ts'
import type { Directory } from './directory.ts'
import { FAULT_TRAILER, RETRY_TRAILER } from './grpc-door.ts'
import type { GrpcMethod, GrpcProtocol } from './grpc-protocol.ts'
import { passOf } from './pass.ts'
import { Replicas, Unreached, type Line } from './replicas.ts'

const CONNECT_MS_MAX = 1000

/** A restarted replica is found again within a second: grpc-js adds up to a fifth to each pause. */
const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 800,
  'grpc.dns_min_time_between_resolutions_ms': 1000,
  // A name may stand for several replicas.
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.service_config_disable_resolution': 1,
  // Trying again is decided by the budget of the caller, nowhere else.
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.max_receive_message_length': CALL_BYTES_MAX,
  'grpc.max_send_message_length': CALL_BYTES_MAX,
}

/** The channel to one replica. That it is there is all that can be seen of it: one that ends takes no new calls by itself. */
class GrpcLine implements Line {
  readonly client: Client

  constructor(address: string) {
    this.client = new Client(address, credentials.createInsecure(), CHANNEL)
  }

  async look(signal: AbortSignal): Promise<boolean> {
    await reach(this.client, signal)
    return true
  }

  close(): void {
    this.client.close()
  }
}

/** Carries calls by the committed .proto files. */
export class GrpcCarrier implements CallCarrier {
  readonly #directory: Directory
  readonly #protocol: GrpcProtocol
  readonly #authorization: string
  #closed = false
  readonly #replicas = new Replicas((address) => new GrpcLine(address))

  constructor(options: { readonly directory: Directory; readonly secret: KeyObject; readonly protocol: GrpcProtocol }) {
    this.#directory = options.directory
    this.#protocol = options.protocol
    this.#authorization = passOf(options.secret).header
  }

  async send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
    // A closed channel throws what looks like a bug.
    if (this.#closed) throw new Fault('unavailable', 'calls have ended: the process is closing')
    const method = this.#protocol.methodOf(contract)
    const bytes = bytesOf(contract, method, input)
    const ask = async ({ client }: GrpcLine) => {
      await reach(client, signal)
      return this.#ask(client, { contract, method, bytes }, signal)
    }
    return this.#replicas.ask({ service: contract.service, addresses: this.#directory.grpcOf(contract.service), signal, ask })
  }

  /** Ends all connections; calls in flight fail. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#replicas.close()
  }

  #ask(
    client: Client,
    { contract, method, bytes }: { contract: Call; method: GrpcMethod; bytes: Buffer },
    signal: AbortSignal,
  ): Promise<unknown> {
    const metadata = new Metadata()
    metadata.set('authorization', this.#authorization)
    const traceparent = currentTraceparent()
    if (traceparent !== undefined) metadata.set('traceparent', traceparent)
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + Math.max(1, remainingMs(contract))
      const answered = (error: ServiceError | null, outcome?: unknown) => {
        signal.removeEventListener('abort', cancel)
        if (error) reject(signal.aborted ? signal.reason : faultOf(contract, error))
        else resolve(outcome)
      }
      const call = client.makeUnaryRequest(method.path, same, method.readOutcome, bytes, metadata, { deadline }, answered)
      const cancel = () => call.cancel()
      signal.addEventListener('abort', cancel, { once: true })
    })
  }
}

const same = (bytes: Buffer) => bytes

function bytesOf(contract: Call, method: GrpcMethod, input: unknown): Buffer {
  try {
    return method.writeInput(input)
  } catch (cause) {
    const why = (cause as Error).message
    throw new Fault('internal', `the input of ${contract.service}.${contract.name} is not as promised: ${why}`, { cause })
  }
}

/** Waits for a connection, so that when there is none it is certain that nothing was sent. Throws: `Unreached`. */
async function reach(client: Client, signal: AbortSignal): Promise<void> {
  const channel = client.getChannel()
  const until = Date.now() + CONNECT_MS_MAX
  for (let state = channel.getConnectivityState(true); state !== connectivityState.READY; state = channel.getConnectivityState(true)) {
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) throw new Unreached('there is no connection')
    await new Promise<void>((resolve, reject) => {
      channel.watchConnectivityState(state, until, (late) => (late ? reject(new Unreached('it took too long to connect')) : resolve()))
    })
    signal.throwIfAborted()
  }
}

/** What gRPC itself says when a connection broke while the call was under way. */
const BROKEN = new Set([status.UNAVAILABLE, status.CANCELLED])

function faultOf(contract: Call, error: ServiceError): Fault {
  const asked = `${contract.service}.${contract.name}`
  const code = error.metadata.get(FAULT_TRAILER)[0]
  const after = Number(error.metadata.get(RETRY_TRAILER)[0])
  if (isFaultCode(code))
    return new Fault(code, `${asked} failed: ${code}`, { cause: error, ...(after > 0 ? { retryAfterSeconds: after } : {}) })
  if (error.code === status.DEADLINE_EXCEEDED) return new Fault('deadline-exceeded', `${asked} did not answer in time`, { cause: error })
  const isBroken = BROKEN.has(error.code) || (error.code === status.INTERNAL && error.details.includes('RST_STREAM'))
  return new Fault(isBroken ? 'unavailable' : 'internal', `${asked} was answered with ${status[error.code]}: ${error.details}`, {
    cause: error,
  })
}
