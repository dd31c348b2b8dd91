/** Faults: a dependency failed, or we did. Thrown; the border turns them into problem documents, or a gRPC status. Bugs are plain errors. */
export const FAULTS = {
  unavailable: { status: 503, grpc: 14, retryable: true, title: 'For the moment this cannot be answered' },
  overloaded: { status: 503, grpc: 8, retryable: true, title: 'Too much at once' },
  'deadline-exceeded': { status: 503, grpc: 4, retryable: true, title: 'It took too long' },
  internal: { status: 500, grpc: 13, retryable: false, title: 'Something went wrong on our side' },
} as const

export type FaultCode = keyof typeof FAULTS

/** An operating error with its code; `retryAfterSeconds` tells clients when to come back. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly retryAfterSeconds: number

  constructor(code: FaultCode, message: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(message, { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds ?? 1
  }
}

/** Whether `code` is that of a fault. */
export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === 'string' && Object.hasOwn(FAULTS, code)
}

/** `error` as a fault: what passes by itself is `unavailable`, a bug is `internal`. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const message = error instanceof Error ? error.message : String(error)
  return new Fault(isTransient(error) ? 'unavailable' : 'internal', message, { cause: error })
}

const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'commit-unknown'])
// Classes of SQLSTATE that pass by themselves: connection, resources, intervention, system, lock and statement time-outs.
const PASSING_SQLSTATES = /^(08|53|57|58|55P03|40001|40P01|25P03)/

/** Whether an error will go away by itself: a database or service away, a deadline, a deadlock. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Fault) return FAULTS[error.code].retryable
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string') return AWAY.has(code) || PASSING_SQLSTATES.test(code)
  const message = error instanceof Error ? error.message : ''
  return /Connection terminated|timeout exceeded when trying to connect|Client was closed|Client has encountered a connection error|connection is closed/i.test(
    message,
  )
}
