/** How a call reaches another service: in process here; carriers to other processes change no service. */
import type { Call } from '../contract.ts'

export interface CallCarrier {
  /** Answers the output or a refusal. Throws: faults. */
  send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown>
}

export type CallTarget = (name: string, input: unknown, signal: AbortSignal) => Promise<unknown>

/** Calls between services of one process: the handler itself. */
export class InProcessCarrier implements CallCarrier {
  readonly #targets = new Map<string, CallTarget>()

  /** Makes a service reachable. */
  attach(service: string, target: CallTarget): void {
    this.#targets.set(service, target)
  }

  /** Whether a service is in this process. */
  reaches(service: string): boolean {
    return this.#targets.has(service)
  }

  send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
    const target = this.#targets.get(contract.service)
    if (!target) return Promise.reject(Object.assign(new Error(`no service '${contract.service}' here`), { code: 'ECONNREFUSED' }))
    return target(contract.name, input, signal)
  }
}
