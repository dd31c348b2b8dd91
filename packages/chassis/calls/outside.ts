/** One carrier for all calls: within the process where the service is here, else by what the contract says. */
import type { Call } from '../contract.ts'
import type { CallCarrier, InProcessCarrier } from './carrier.ts'

/** Ways to services of other processes. */
export interface Outside {
  readonly http: CallCarrier
  readonly grpc: CallCarrier
}

/** Chooses the way of each call. */
export class RoutedCarrier implements CallCarrier {
  readonly #inside: InProcessCarrier
  readonly #outside: Outside

  constructor(inside: InProcessCarrier, outside: Outside) {
    this.#inside = inside
    this.#outside = outside
  }

  send(contract: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
    if (this.#inside.reaches(contract.service)) return this.#inside.send(contract, input, signal)
    const carrier = contract.over === 'grpc' ? this.#outside.grpc : this.#outside.http
    return carrier.send(contract, input, signal)
  }
}
