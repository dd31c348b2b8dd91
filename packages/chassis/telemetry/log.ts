import { pino } from 'pino'
import { Lines } from './lines.ts'
import { redactText, REDACTED_FIELDS } from './redact.ts'
import { currentTraceId } from './trace.ts'

/** Structured log: `log.info({orderId}, 'order placed')`. Secrets are removed by field name and by shape. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: object): Log
}

let output: Lines | undefined

/** Makes the log of a process: JSON lines on `destination` (standard output unless told), each with the trace id of the work it tells of. */
export function createLog(options: { level: string; destination?: { write(line: string): void } }): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: traced,
    redact: { paths: REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    serializers: { error: serializeError, url: (url: unknown) => redactText(String(url)) },
  }
  return pino(settings, options.destination ?? (output ??= new Lines(1)))
}

function traced(): object {
  const traceId = currentTraceId()
  return traceId === undefined ? {} : { traceId }
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redactText(String(error))
  const code = (error as { code?: unknown }).code
  return { name: error.name, message: redactText(error.message), code, stack: error.stack ? redactText(error.stack) : undefined }
}
