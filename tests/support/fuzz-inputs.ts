/** Values made from schemas, and ways to spoil them. Everything comes from one seed. */
import { Random } from '@stoa/chassis/proof/random.ts'
import fc from 'fast-check'
import type { Schema, ShopDocument } from './fuzz-document.ts'

/** A value that means something to the shop, for a field of this name; undefined when there is none. */
export type Live = (name: string) => unknown

export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udc00y',
  '\u202eright to left',
  'line\nbreak\r\nand more',
  '\u0007\u001b[31m',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'مرحبا بالعالم',
  '中文測試',
  'é'.normalize('NFD').repeat(300),
  "' OR 1=1; DROP TABLE orders; --",
  "'; SELECT pg_sleep(20); --",
  '%_\\%',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}${7*7}#{7*7}',
  '%00',
  '%zz',
  '../../../etc/passwd',
  'NaN',
  'Infinity',
  'null',
  'undefined',
  'true',
  '-1',
  '0x10',
  '1e300',
  '99999999999999999999',
  '9'.repeat(400),
  '0000-00-00',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '-000001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '00000000-0000-0000-0000-000000000000',
  'constructor',
  '__proto__',
  'toString',
  'a,b,c',
  'EUR',
  'EUROS',
  'x'.repeat(201),
  'x'.repeat(5001),
  'x'.repeat(70_000),
]
/** Written in JSON as a number that JSON allows and no machine holds. */
export const BEYOND = 'number beyond all bounds'
/** Written in JSON as a nest that no stack holds. */
export const ABYSS = 'nest beyond all bounds'
const ODD_NUMBERS: readonly unknown[] = [
  0,
  -0,
  -1,
  0.5,
  1e-300,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  9_000_000_000_001,
  Number.MAX_SAFE_INTEGER,
  BEYOND,
]
const ODD_NAMES = [
  'surprise',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '$where',
  'ключ',
  'a\nb',
  'a\0b',
  '\ud800',
  '',
]
const PATTERNS: Readonly<Record<string, string>> = { '^[A-Z]{3}$': 'EUR', '^[A-Z]{2}$': 'DE' }

export class Inputs {
  readonly random: Random
  readonly #document: ShopDocument
  readonly #live: Live

  constructor(seed: number, document: ShopDocument, live: Live) {
    this.random = new Random(seed)
    this.#document = document
    this.#live = live
  }

  /** A value that the schema allows, or nearly. */
  valid(given: Schema, name = '', depth = 0): unknown {
    const live = this.#live(name)
    if (live !== undefined && this.random.chance(0.85)) return live
    const schema = this.#document.resolve(given)
    if ('const' in schema) return schema.const
    if (Array.isArray(schema.enum)) return this.random.of(schema.enum)
    if (Array.isArray(schema.anyOf)) return this.valid(this.random.of(schema.anyOf as Schema[]), name, depth)
    switch (schema.type) {
      case 'object':
        return this.#object(schema, depth)
      case 'array': {
        const least = Number(schema.minItems ?? 0)
        const count = this.random.whole(least, Math.min(Number(schema.maxItems ?? 3), least + 2))
        return Array.from({ length: count }, () => this.valid(schema.items as Schema, '', depth + 1))
      }
      case 'integer':
      case 'number':
        return this.#number(schema)
      case 'boolean':
        return this.random.chance(0.5)
      case 'null':
        return null
      case 'string':
        return this.#text(schema)
      default:
        return this.odd()
    }
  }

  #object(schema: Schema, depth: number): Record<string, unknown> {
    const required = (schema.required as string[] | undefined) ?? []
    const made: Record<string, unknown> = {}
    for (const [name, own] of Object.entries((schema.properties ?? {}) as Record<string, Schema>))
      if (required.includes(name) || this.random.chance(0.35)) made[name] = this.valid(own, name, depth + 1)
    for (const own of Object.values((schema.patternProperties ?? {}) as Record<string, Schema>))
      for (const name of ['colour', 'Größe']) if (this.random.chance(0.4)) made[name] = this.valid(own, name, depth + 1)
    return made
  }

  #number(schema: Schema): number {
    const [from, to] = [Number(schema.minimum ?? -1000), Number(schema.maximum ?? 1000)]
    const near = this.random.chance(0.7) ? Math.min(to, from + 20) : to
    if (schema.type === 'number' && this.random.chance(0.5)) return from + this.random.below(near - from)
    return this.random.chance(0.15) ? this.random.of([from, to]) : this.random.whole(from, near)
  }

  #text(schema: Schema): string {
    const pattern = schema.pattern as string | undefined
    const most = Number(schema.maxLength ?? 40)
    if (schema.format === 'uuid') return this.random.id()
    if (schema.format === 'email') return `fuzz-${this.random.id().slice(0, 8)}@example.com`
    if (schema.format === 'date') return '2026-02-28'
    if (schema.format === 'date-time') return '2026-02-28T12:00:00Z'
    if (pattern && PATTERNS[pattern] && this.random.chance(0.8)) return PATTERNS[pattern] as string
    const shape = pattern
      ? fc.stringMatching(new RegExp(pattern, 'u'))
      : fc.string({ unit: 'grapheme', minLength: Number(schema.minLength ?? 0), maxLength: Math.min(most, 30) })
    const [text] = fc.sample(shape, { numRuns: 1, seed: this.random.whole(0, 2 ** 31 - 1) })
    return [...(text as string)].slice(0, most).join('')
  }

  /** Anything but what was hoped for. */
  odd(): unknown {
    const kind = this.random.below(1)
    if (kind < 0.4) return this.random.of(ODD_TEXTS)
    if (kind < 0.65) return this.random.of(ODD_NUMBERS)
    if (kind < 0.75) return this.random.of([nested(3), nested(60), nested(1000), ABYSS])
    return structuredClone(
      this.random.of([null, true, false, [], {}, [null], [[]], { a: { b: 1 } }, Array(300).fill(1), { length: -1 }] as unknown[]),
    )
  }

  /** The value with one of its parts, at any depth, spoilt. */
  spoil(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return this.odd()
    const names = Object.keys(value)
    const own = value as Record<string, unknown>
    const deeper = names.filter((name) => typeof own[name] === 'object' && own[name] !== null)
    if (deeper.length > 0 && this.random.chance(0.5)) {
      const name = this.random.of(deeper)
      return withPart(value, name, this.spoil(own[name]))
    }
    return this.#spoilHere(value, names)
  }

  #spoilHere(value: object, names: readonly string[]): unknown {
    const kind = this.random.below(1)
    if (Array.isArray(value) && kind < 0.3)
      return value.length === 0 ? [this.odd()] : Array.from({ length: this.random.of([0, 101, 300]) }, (_, at) => value[at % value.length])
    if (names.length === 0 || kind < 0.3) return withPart(value, this.random.of(ODD_NAMES), this.odd())
    const name = this.random.of(names)
    return kind < 0.5 && !Array.isArray(value) ? withoutPart(value, name) : withPart(value, name, this.odd())
  }

  /** The object with several of its outermost fields spoilt, each by itself. */
  spoilMany(value: Record<string, unknown>, names: readonly string[]): unknown {
    let spoilt: object = value
    for (const name of names) {
      if (this.random.chance(0.4)) continue
      spoilt = this.random.chance(0.3)
        ? withoutPart(spoilt, name)
        : withPart(spoilt, name, this.random.of([null, 17.5, {}, [], '', true, '\0', -1]))
    }
    return this.random.chance(0.5) ? withPart(spoilt, 'surprise', 1) : spoilt
  }
}

function nested(depth: number): unknown {
  let value: unknown = 'the bottom'
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** Own properties only, so that `__proto__` is a name like any other. */
function withPart(value: object, name: string, part: unknown): object {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value.with(Number(name), part) : value
  return Object.fromEntries([...Object.entries(value), [name, part]])
}

function withoutPart(value: object, name: string): object {
  return Object.fromEntries(Object.entries(value).filter(([own]) => own !== name))
}

/** JSON as text, with what cannot be had as a value written out. */
export function textOf(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(JSON.stringify(BEYOND), '1e999')
    .replaceAll(JSON.stringify(ABYSS), `${'['.repeat(20_000)}${']'.repeat(20_000)}`)
}
