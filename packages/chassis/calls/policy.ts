/** Every call has a deadline, which counts for what it calls in turn too, and a breaker; repeatable ones may be tried once more while the retry budget lasts. */
import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleWhen, type CircuitBreakerPolicy } from 'cockatiel'
import type { Call } from '../contract.ts'
import { Fault, isTransient } from '../fault.ts'
import type { CallFn } from '../service.ts'
import type { CallCarrier } from './carrier.ts'
import { remainingMs, runWithin } from './deadline.ts'

const FAULTS_BEFORE_OPEN = 10
const HALF_OPEN_AFTER_MS = 1000
/** Retries may add at most a tenth to the load of a target; a small reserve lets rare ones through at once. */
const RETRY_SHARE = 0.1
const RETRY_RESERVE = 10

/** A bucket of retries for one target: each call adds a tenth of a token, each retry takes one. */
export class RetryBudget {
  #tokens = RETRY_RESERVE

  /** Counts a call. */
  deposit(): void {
    this.#tokens = Math.min(RETRY_RESERVE, this.#tokens + RETRY_SHARE)
  }

  /** Whether a retry may be made; takes its token. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}

interface Target {
  readonly breaker: CircuitBreakerPolicy
  readonly budget: RetryBudget
}

/** Makes the `call` of handlers. `onCall` hears of every call's end, for metrics. */
export function createCall(carrier: CallCarrier, onCall: (contract: Call, seconds: number, ok: boolean) => void): CallFn {
  const targets = new Map<string, Target>()
  const targetOf = (service: string) => {
    let target = targets.get(service)
    if (!target) {
      target = {
        breaker: circuitBreaker(handleWhen(isTransient), {
          halfOpenAfter: HALF_OPEN_AFTER_MS,
          breaker: new ConsecutiveBreaker(FAULTS_BEFORE_OPEN),
        }),
        budget: new RetryBudget(),
      }
      targets.set(service, target)
    }
    return target
  }
  const attempt = async (contract: Call, input: unknown, target: Target) => {
    const ms = remainingMs(contract)
    // Nobody was asked, so that it says nothing about the target: neither its breaker nor its metrics hear of it.
    if (ms <= 0) throw new Fault('deadline-exceeded', `no time was left to ask ${contract.service}.${contract.name}`)
    const began = performance.now()
    let ok = false
    try {
      const outcome = await target.breaker.execute(() => withDeadline(contract, ms, (signal) => carrier.send(contract, input, signal)))
      ok = true
      return outcome
    } catch (error) {
      throw asFault(contract, error)
    } finally {
      onCall(contract, (performance.now() - began) / 1000, ok)
    }
  }
  const call = async (contract: Call, input: unknown) => {
    const target = targetOf(contract.service)
    target.budget.deposit()
    try {
      return await attempt(contract, input, target)
    } catch (error) {
      if (!contract.repeatable || !isTransient(error) || !target.budget.withdraw()) throw error
      return attempt(contract, input, target)
    }
  }
  return call as CallFn
}

function withDeadline(contract: Call, ms: number, send: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const fault = new Fault('deadline-exceeded', `${contract.service}.${contract.name} did not answer in ${Math.round(ms)} ms`)
      controller.abort(fault)
      reject(fault)
    }, ms)
    runWithin(ms, () => send(controller.signal))
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

function asFault(contract: Call, error: unknown): unknown {
  if (error instanceof BrokenCircuitError)
    return new Fault('unavailable', `${contract.service} is not asked for the moment`, { cause: error })
  if (error instanceof Fault) return error
  return isTransient(error) ? new Fault('unavailable', `${contract.service}.${contract.name} cannot be reached`, { cause: error }) : error
}
