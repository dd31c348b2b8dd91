/**
 * What a pact says of a value. In an answer a plain value stands for its type, a list for one of at least one like its own element,
 * and fields that are not named may be there; in a question a plain value stands for itself, and nothing else may be there.
 */

/** A matcher of Pact, as its files and its mock server know it. */
export interface Matcher<T = unknown> {
  readonly 'pact:matcher:type': string
  readonly value: T
  readonly [more: string]: unknown
}

/** What `uuid` stands for where nothing else is told. */
export const SOME_ID = '0199a0de-7c00-7000-8000-000000000001'
const UUID = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

/** This very value, where an answer decides something by it. */
export function exactly<T extends string | number | boolean>(value: T): Matcher<T> {
  return { 'pact:matcher:type': 'equality', value }
}

/** Text of this pattern; `example` is what the other side gets. */
export function text(pattern: string, example: string): Matcher {
  return { 'pact:matcher:type': 'regex', regex: pattern, value: example }
}

/** Any whole number. */
export function integer(example: number): Matcher {
  return { 'pact:matcher:type': 'integer', value: example }
}

/** Any UUID. */
export function uuid(example = SOME_ID): Matcher {
  return text(UUID, example)
}

/** A UUID, which the provider is asked with as the state that was given answers it by this name. */
export function uuidOf(name: string): Matcher {
  return { ...uuid(), 'pact:generator:type': 'ProviderState', expression: `\${${name}}` }
}

/** A list in which one like this stands, whatever else does. */
export function including(element: object): Matcher {
  return { 'pact:matcher:type': 'arrayContains', variants: [shapeOf(element)], value: [] }
}

/** Any text, which the provider is asked with as the state that was given answers it by this name. */
export function textOf(name: string, example: string): Matcher {
  return { 'pact:matcher:type': 'type', value: example, 'pact:generator:type': 'ProviderState', expression: `\${${name}}` }
}

/** Matchers for an answer of this shape. Throws: for a list of several elements, as only the first would count. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length > 1) throw new Error('a list of an answer has one element, which stands for all')
    return value.length === 0 ? value : { 'pact:matcher:type': 'type', min: 1, value: value.map(shapeOf) }
  }
  if (typeof value === 'object' && value !== null)
    return 'pact:matcher:type' in value ? value : Object.fromEntries(Object.entries(value).map(([name, own]) => [name, shapeOf(own)]))
  if (value === null) return { 'pact:matcher:type': 'null' }
  return Number.isInteger(value) ? integer(value as number) : { 'pact:matcher:type': 'type', value }
}
