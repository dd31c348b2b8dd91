/** What both doors for calls have in common: who answers what, checked as everything that came over a wire. */
import { Value } from 'typebox/value'
import type { Call, FieldError } from '../contract.ts'
import { asFault, FAULTS } from '../fault.ts'
import { bodyValidator, type Validator } from '../http/validation.ts'
import { platformCallsOf } from '../platform.ts'
import { Gate } from '../runtime/loops.ts'
import type { ServiceDefinition } from '../service.ts'
import type { Log } from '../telemetry/log.ts'
import type { CallTarget } from './carrier.ts'
import { runWithin } from './deadline.ts'

/** The largest message, in and out, on both carriers. */
export const CALL_BYTES_MAX = 4 * 1024 * 1024
/** Calls at work at once in a process; so many wait for a place at most, and no longer than their callers. */
const AT_ONCE = 256
const WAITING_MAX = 2048
const FAULTS_TOLD_MAX = 10

/** A service that answers calls of other processes. */
export interface CallHost {
  readonly service: string
  readonly contracts: readonly Call[]
  readonly answer: CallTarget
  readonly log: Log
}

/** The parts of a service at work that a host is made of. */
interface AtWork {
  readonly definition: ServiceDefinition
  readonly parts: { readonly log: Log }
  answerCall(name: string, input: unknown, signal: AbortSignal): Promise<unknown>
}

/** A service at work as a host: its own calls, and those that every service answers. */
export function hostOf(service: AtWork): CallHost {
  const { name, calls = [] } = service.definition
  return {
    service: name,
    contracts: [...calls.map(({ contract }) => contract as Call), ...platformCallsOf(name)],
    answer: (call, input, signal) => service.answerCall(call, input, signal),
    log: service.parts.log,
  }
}

/** What a door does not let in: the caller's mistake, which trying again does not mend. */
export const REJECTIONS = {
  unauthenticated: { status: 401, grpc: 16 },
  'not-found': { status: 404, grpc: 12 },
  'invalid-request': { status: 422, grpc: 3 },
} as const

/** A call that a door does not let in. */
export class Rejected extends Error {
  readonly code: keyof typeof REJECTIONS
  readonly errors: readonly FieldError[]

  constructor(code: keyof typeof REJECTIONS, message: string, errors: readonly FieldError[] = []) {
    super(message)
    this.code = code
    this.errors = errors
  }
}

/** A call that is answered here. */
export interface Answered {
  readonly contract: Call
  readonly host: CallHost
  readonly validate: Validator
}

/** Finds and makes answers for the doors of a process. */
export class CallDesk {
  readonly #calls = new Map<string, Answered>()
  readonly #gate = new Gate(AT_ONCE, WAITING_MAX)

  constructor(hosts: readonly CallHost[]) {
    for (const host of hosts)
      for (const contract of host.contracts)
        this.#calls.set(`${host.service}.${contract.name}`, { contract, host, validate: bodyValidator(contract.input) })
  }

  /** Throws: `Rejected` naming a call that nobody answers here. */
  find(service: string, name: string): Answered {
    const found = this.#calls.get(`${service}.${name}`)
    if (!found) throw new Rejected('not-found', `there is no call '${name}' of ${service} here`)
    return found
  }

  /** The output or refusal. Throws: `Rejected` for input that is not as the contract says; a `Fault` for all else. */
  async answer({ contract, host, validate }: Answered, input: unknown, ms: number, signal: AbortSignal): Promise<unknown> {
    let errors = validate(input)
    // A caller of a newer version may say more than is known here: what is not declared is left out, as protobuf does.
    if (errors.length > 0) errors = validate(Value.Clean(contract.input, input))
    if (errors.length > 0) {
      const told = errors.slice(0, FAULTS_TOLD_MAX).map(({ path, code }) => `${path} is ${code}`)
      throw new Rejected(
        'invalid-request',
        `the input of ${contract.service}.${contract.name} is not as promised: ${told.join(', ')}`,
        errors,
      )
    }
    try {
      return await this.#gate.run(() => {
        signal.throwIfAborted()
        return runWithin(ms, () => host.answer(contract.name, input, signal))
      })
    } catch (error) {
      const fault = asFault(error)
      host.log[FAULTS[fault.code].retryable ? 'warn' : 'error']({ call: contract.name, error }, 'a call failed')
      throw fault
    }
  }
}
