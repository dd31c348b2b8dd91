/** What an operation needs next from its provider, and how soon. */
import { isFinal, type Op, type Payment } from './payment.ts'
import { FAST_TRIES } from './provider-side.ts'

/** `send`: the call itself, with its key. `open-page`: the provider's card page. `inquire`: what became of the key. `close`: proof of absence. */
export type Step = 'send' | 'open-page' | 'inquire' | 'close' | 'rest'

/** Inquiries that must find nothing before a key is closed: one alone could overtake the call it asks after. */
export const ABSENCES_BEFORE_CLOSING = 3

/** Pauses. Units: seconds. */
export interface Pace {
  /** After the first, second and third try. */
  readonly afterTry: readonly number[]
  /** Of the first inquiries after an operation became unknown, one after the other. */
  readonly firstInquiries: readonly number[]
  readonly inquiry: number
  /** After `SLOW_AFTER_INQUIRIES`. */
  readonly slowInquiry: number
  /** While the shopper's step is waited for: webhooks tell sooner, this only makes sure. */
  readonly shopper: number
  /** For what was given up but is watched on, and for captures, voids and refunds that will not succeed. */
  readonly watch: number
}

const SLOW_AFTER_INQUIRIES = 30

/** The next step of an operation. Before its order exists nothing is sent, and a page is only opened by `PreparePayment`. */
export function nextStep(payment: Pick<Payment, 'placed' | 'cancelled'>, op: Op): Step {
  if (op.kind === 'receipt' || isFinal(op)) return 'rest'
  if (op.kind !== 'authorize') return op.chargeId === null ? 'rest' : 'send'
  if (op.ending) return 'close'
  if (!payment.placed) return op.state === 'requires-action' ? 'inquire' : 'rest'
  if (op.state === 'requires-action') return 'inquire'
  if (op.hosted) return op.state === 'created' ? 'open-page' : 'inquire'
  if (op.state !== 'unknown') return op.tries < FAST_TRIES ? 'send' : 'inquire'
  // A provider that was down never heard of it: once it answers again, the card is still worth its tries.
  if (op.reached < FAST_TRIES && op.tries < 2 * FAST_TRIES && op.absences > 0 && !payment.cancelled) return 'send'
  return op.absences < ABSENCES_BEFORE_CLOSING ? 'inquire' : 'close'
}

/** Seconds until the operation is worked on again after `step`, when nothing wakes it before. */
export function secondsUntilNext(op: Op, step: Step, next: Step, pace: Pace): number {
  if (step === 'inquire' && (next === 'send' || next === 'close')) return 0
  if (op.kind !== 'authorize') return secondsAfterTry(op, pace)
  if (op.ending) return pace.inquiry
  if (op.state === 'requires-action') return pace.shopper
  if (op.abandoned) return pace.watch
  if (op.state !== 'unknown') return pace.afterTry[Math.max(0, op.tries - 1)] ?? 0
  return pace.firstInquiries[op.inquiries] ?? (op.inquiries < SLOW_AFTER_INQUIRIES ? pace.inquiry : pace.slowInquiry)
}

/** Captures, voids and refunds are never given up: the same key is sent again, more and more rarely. */
function secondsAfterTry(op: Op, pace: Pace): number {
  const fast = pace.afterTry[op.tries - 1]
  if (fast !== undefined && op.tries <= FAST_TRIES) return fast
  return Math.min(pace.inquiry * 2 ** Math.min(op.tries - FAST_TRIES - 1, 20), pace.watch)
}
