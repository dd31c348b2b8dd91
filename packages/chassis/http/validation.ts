/** Validation of what comes in: every fault of a request in one answer. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import type { FieldError } from '../contract.ts'

const FAULTS_MAX = 100
// `verbose` puts the choices of a union into its error, for the message.
const options = { allErrors: true, verbose: true, strict: false, useDefaults: false, removeAdditional: false } as const
const addAll = addFormats as unknown as (ajv: Ajv) => void
const exact = new Ajv({ ...options, coerceTypes: false })
const coercing = new Ajv({ ...options, coerceTypes: 'array' })
addAll(exact)
addAll(coercing)

export type Validator = (value: unknown) => readonly FieldError[]

/** A validator of bodies: types as they are in JSON. */
export function bodyValidator(schema: TSchema): Validator {
  return faultsOf(exact.compile(schema), 'body')
}

/** A validator of query strings and paths: text is coerced to what the schema asks for, in place. */
export function textValidator(schema: TSchema): Validator {
  return faultsOf(coercing.compile(schema), 'query')
}

function faultsOf(validate: ValidateFunction, whole: string): Validator {
  return (value) => {
    if (hasNul(value)) return [{ path: '', code: 'forbidden-character', message: 'must not hold the character U+0000' }]
    return validate(value) ? [] : toFieldErrors(validate.errors ?? [], whole)
  }
}

/** PostgreSQL cannot store U+0000 in text. */
function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, one]) => key.includes('\0') || hasNul(one))
}

function toFieldErrors(errors: readonly ErrorObject[], whole: string): FieldError[] {
  const unions = errors.filter((one) => one.keyword === 'anyOf')
  const own = errors.filter(
    (one) =>
      !unions.some(
        (union) => one !== union && one.schemaPath.startsWith(`${union.schemaPath}/`) && one.instancePath.startsWith(union.instancePath),
      ),
  )
  return own.slice(0, FAULTS_MAX).map((one) => ({ path: pathOf(one) || whole, code: codeOf(one), message: messageOf(one) }))
}

function pathOf(error: ErrorObject): string {
  const named =
    error.keyword === 'required'
      ? error.params.missingProperty
      : error.keyword === 'additionalProperties'
        ? error.params.additionalProperty
        : undefined
  const parts = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (named !== undefined) parts.push(String(named))
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part), '')
}

const CODES: Readonly<Record<string, string>> = {
  required: 'required',
  additionalProperties: 'unknown-field',
  type: 'wrong-type',
  minLength: 'too-short',
  maxLength: 'too-long',
  minimum: 'too-small',
  maximum: 'too-large',
  minItems: 'too-few',
  maxItems: 'too-many',
  pattern: 'malformed',
  format: 'malformed',
  const: 'not-allowed',
  enum: 'not-allowed',
  anyOf: 'not-allowed',
  uniqueItems: 'repeated',
}

function codeOf(error: ErrorObject): string {
  return CODES[error.keyword] ?? 'invalid'
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === 'required') return 'is required'
  if (error.keyword === 'additionalProperties') return 'is not a known field'
  if (error.keyword === 'anyOf') return `must be one of: ${allowed(error.schema)}`
  if (error.keyword === 'const') return `must be ${JSON.stringify(error.params.allowedValue)}`
  if (error.keyword === 'pattern') return 'is not of the expected form'
  return error.message ?? 'is not valid'
}

function allowed(schema: unknown): string {
  if (!Array.isArray(schema)) return 'the allowed forms'
  return schema
    .map((one: { const?: unknown; type?: unknown }) =>
      one.const === undefined ? String(one.type ?? 'another form') : JSON.stringify(one.const),
    )
    .join(', ')
}
