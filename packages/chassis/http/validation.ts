/** Validation of what comes in: every fault of a request in one answer. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import type { FieldError } from '../contract.ts'

const FAULTS_MAX = 100
/** Levels of nesting: more than any body of ours has, and no danger to a stack. */
const DEPTH_MAX = 64
// `verbose` puts the choices of a union into its error, for the message.
const options = { allErrors: true, verbose: true, strict: false, useDefaults: false, removeAdditional: false } as const
const addAll = addFormats as unknown as (ajv: Ajv) => void
// JSON's 1e999 is read as infinity, which no database stores. Where text is coerced, being strict would spare infinity the bounds.
const exact = new Ajv({ ...options, strictNumbers: true, coerceTypes: false })
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
    const unfit = isFit(value) ? [] : unfitParts(value, '')
    if (validate(value) && unfit.length === 0) return []
    return bounded([...unfit.map((one) => ({ ...one, path: one.path || whole })), ...toFieldErrors(validate.errors ?? [], whole)])
  }
}

function isFit(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  return depth < DEPTH_MAX && Object.entries(value).every(([key, one]) => isStorable(key) && isFit(one, depth + 1))
}

/** PostgreSQL stores neither U+0000 nor half of a surrogate pair. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

/** What no schema speaks of. Whatever is nested too deep is cut off: the checks to come may walk into it. */
function unfitParts(value: unknown, path: string, depth = 1): FieldError[] {
  const forbidden = { path, code: 'forbidden-character', message: 'must hold neither U+0000 nor half of a surrogate pair' }
  if (typeof value === 'string') return isStorable(value) ? [] : [forbidden]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => {
    const part = joined(path, key)
    if (!isStorable(key)) return [{ ...forbidden, path: part }]
    if (depth < DEPTH_MAX || typeof one !== 'object' || one === null) return unfitParts(one, part, depth + 1)
    ;(value as Record<string, unknown>)[key] = null
    return [{ path: part, code: 'too-deep', message: `must not be nested deeper than ${DEPTH_MAX} levels` }]
  })
}

/** At most so many faults, and no outermost field left out for another's sake. */
function bounded(faults: readonly FieldError[]): readonly FieldError[] {
  if (faults.length <= FAULTS_MAX) return faults
  const firsts = new Map(faults.toReversed().map((one) => [one.path.split(/[.[]/)[0], one]))
  return [...new Set([...firsts.values().toArray().toReversed(), ...faults])].slice(0, FAULTS_MAX)
}

function toFieldErrors(errors: readonly ErrorObject[], whole: string): FieldError[] {
  const unions = errors.filter((one) => one.keyword === 'anyOf')
  const own = errors.filter(
    (one) =>
      !unions.some(
        (union) => one !== union && one.schemaPath.startsWith(`${union.schemaPath}/`) && one.instancePath.startsWith(union.instancePath),
      ),
  )
  return own.map((one) => ({ path: pathOf(one) || whole, code: codeOf(one), message: messageOf(one) }))
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
  return parts.reduce(joined, '')
}

function joined(path: string, part: string): string {
  return /^\d+$/.test(part) ? `${path}[${part}]` : path ? `${path}.${part}` : part
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
