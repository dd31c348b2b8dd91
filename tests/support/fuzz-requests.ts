/** Requests for a door, from fine to outrageous, each from a seed of its own. */
import type { Sent } from './fuzz-door.ts'
import type { Door, ShopDocument } from './fuzz-document.ts'
import { Inputs, ODD_TEXTS, textOf } from './fuzz-inputs.ts'
import type { World } from './fuzz-world.ts'

type Pair = readonly [string, string]

/** The request number `number` of a door: the first is as fine as can be. */
export function requestFor(document: ShopDocument, door: Door, world: World, seed: number, number: number): Sent {
  const inputs = new Inputs((seed + number * 2_654_435_761) ^ hashOf(door.name), document, (name) => world.live(door, name))
  const { random } = inputs
  const fine = number === 0
  const takesBody = Object.keys(door.content).length > 0
  const spoilt = fine
    ? 'nothing'
    : random.of(
        takesBody
          ? ['body', 'body', 'body', 'body', 'query', 'path', 'headers', 'transport', 'all']
          : ['query', 'query', 'path', 'headers', 'nothing'],
      )
  const worse = (part: string) => spoilt === part || spoilt === 'all'
  const token = random.chance(door.permission === 'public' && !fine ? 0.7 : 1) ? world.tokenFor(door) : undefined
  const sent: Sent = {
    method: door.method,
    target: `/api${pathOf(door, inputs, worse('path'))}${queryOf(door, inputs, world, worse('query'), fine)}`,
    headers: { ...headersOf(door, inputs, worse('headers')), ...(token ? { authorization: `Bearer ${token}` } : {}) },
  }
  if (!takesBody) return sent
  const type = Object.keys(door.content)[0] as string
  const whole: Sent = {
    ...sent,
    headers: { ...sent.headers, 'content-type': type },
    body: bodyOf(door, inputs, world, worse('body'), fine),
  }
  return spoilt === 'transport' ? mangled(whole, inputs) : whole
}

function pathOf(door: Door, inputs: Inputs, spoil: boolean): string {
  return door.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const schema = door.parameters.find((one) => one.in === 'path' && one.name === name)?.schema ?? {}
    const good = String(inputs.valid(schema, name))
    // Longer ones are told apart in a case of their own: no document can say how long a path may be.
    const odd = inputs.random.of(ODD_TEXTS.filter((text) => text !== '' && encodeURIComponent(text.toWellFormed()).length < 300))
    return encodeURIComponent((spoil ? odd : good).toWellFormed())
  })
}

function queryOf(door: Door, inputs: Inputs, world: World, spoil: boolean, fine: boolean): string {
  const own = door.parameters.filter((one) => one.in === 'query')
  const { random } = inputs
  const cursor = world.cursors.get(door.name)
  if (spoil && cursor && random.chance(0.4)) return `?cursor=${tampered(cursor, inputs)}`
  const pairs: Pair[] = own
    .filter((one) => one.required || (!fine && one.name !== 'token' && one.name !== 'cursor' && random.chance(0.25)))
    .flatMap((one) => {
      const value = inputs.valid(one.schema, one.name)
      const name = one.name.replace(/\.name$/, '.colour')
      return (Array.isArray(value) ? value : [value]).map((part): Pair => [name, encoded(part)])
    })
  const all = spoil
    ? worsePairs(
        pairs,
        own.map(({ name }) => name),
        inputs,
      )
    : pairs
  return all.length === 0 ? '' : `?${all.map(([name, value]) => (value === '=' ? name : `${name}=${value}`)).join('&')}`
}

function worsePairs(pairs: readonly Pair[], names: readonly string[], inputs: Inputs): Pair[] {
  const { random } = inputs
  const known = names.length > 0 ? random.of(names).replace(/\.name$/, '.größe') : 'any'
  const odd = encoded(random.of(ODD_TEXTS).slice(0, 6000))
  const more: readonly (() => Pair[])[] = [
    () => [[encodeURIComponent(known), odd]],
    () => [[encodeURIComponent(known), odd]],
    () => [['surprise', odd]],
    () => [[random.of(['__proto__', 'constructor', 'toString', '%00', '%F0%9F%98%80', 'attr.', 'a%5B%5D']), '1']],
    () => [[encodeURIComponent(known), random.of(['%', '%zz', '%00', '%ff%fe', '%ED%A0%80', '+', '='])]],
    () => Array.from({ length: random.of([2, 51]) }, (): Pair => [encodeURIComponent(known), '5']),
    () => [...pairs, ...pairs],
  ]
  return [...pairs.filter(() => random.chance(0.8)), ...random.of(more)(), ...(random.chance(0.3) ? random.of(more)() : [])]
}

/** A cursor of the right list whose place is no place. */
function tampered(cursor: string, inputs: Inputs): string {
  try {
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    const spoilt = Array.isArray(parts)
      ? [parts[0], ...parts.slice(1).map((part) => (inputs.random.chance(0.7) ? inputs.spoil(part) : part))]
      : parts
    return Buffer.from(textOf(spoilt)).toString('base64url').slice(0, 900)
  } catch {
    return encoded(inputs.random.of(ODD_TEXTS)).slice(0, 6000)
  }
}

function headersOf(door: Door, inputs: Inputs, spoil: boolean): Record<string, string> {
  const { random } = inputs
  const key = door.parameters.find((one) => one.name === 'Idempotency-Key')
  const headers: Record<string, string> = key && (key.required || random.chance(0.3)) ? { 'idempotency-key': `fuzz-${random.id()}` } : {}
  if (!spoil) return headers
  const odd: readonly Readonly<Record<string, string>>[] = [
    { 'idempotency-key': random.of(['short', '', 'x'.repeat(256), 'ÿ'.repeat(20), '        9', "'; DROP TABLE orders; --", 'fuzz-fixed']) },
    { 'last-event-id': random.of(['-1', '0', '1e300', 'x', '99999999999999999999', '1.5', 'ÿ']) },
    { 'order-token': random.of(['x', 'x'.repeat(3000), 'ÿÿ', '..', 'a.b.c']) },
    { 'if-match': random.of(['*', '"0"', 'W/"x"', '"', 'x'.repeat(3000), '1e300', 'ÿ']) },
    {
      cookie: random.of([
        'stoa_cart=x; stoa_refresh=x',
        'stoa_cart=%zz',
        'stoa_cart=%00',
        '=',
        ';;;',
        `stoa_cart=${random.id()}`,
        'stoa_refresh=a.b.c',
      ]),
    },
    {
      traceparent: random.of(['x', '00-0-0-00', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, `00-${'f'.repeat(32)}-${'f'.repeat(16)}-ff`]),
    },
    { 'x-forwarded-for': 'ÿ, ::1, 1.2.3.4.5', 'x-forwarded-host': '<script>', host: random.of(['', 'evil.example', '[::', 'a b']) },
    { origin: random.of(['null', 'https://evil.example', 'ÿ']), 'access-control-request-method': 'POST' },
    { 'if-none-match': '"x", W/"y", *', range: 'bytes=5-1', 'accept-encoding': 'br;q=2, x', 'accept-language': 'ÿ' },
  ]
  return { ...headers, ...random.of(odd), ...(random.chance(0.4) ? random.of(odd) : {}) }
}

function bodyOf(door: Door, inputs: Inputs, world: World, spoil: boolean, fine: boolean): string | Buffer {
  const { random } = inputs
  if (!door.body) return bytesOf(door, inputs, world, spoil)
  const example = world.example(door)
  const base = fine || random.chance(0.6) ? example : inputs.valid(door.body)
  if (!spoil) return textOf(base)
  const names = Object.keys((door.body.properties ?? {}) as object)
  if (random.chance(0.3)) return textOf(inputs.spoilMany(base as Record<string, unknown>, names))
  if (random.chance(0.06)) return textOf(inputs.odd())
  return textOf(random.chance(0.3) ? inputs.spoil(inputs.spoil(base)) : inputs.spoil(base))
}

/** For doors that take any bytes: lines of things that are nearly right. */
function bytesOf(door: Door, inputs: Inputs, world: World, spoil: boolean): string | Buffer {
  const { random } = inputs
  const product = {
    name: 'A fuzzy piece',
    status: 'draft',
    variants: [{ sku: world.live({ ...door, name: 'PUT /products/{id}' }, 'sku'), price: { amount: 100, currency: 'EUR' } }],
  }
  if (!spoil) return `${textOf(product)}\n`
  if (random.chance(0.3)) return Buffer.from(Array.from({ length: 200 }, () => random.whole(0, 255)))
  const { name: _, ...nameless } = product
  return Array.from({ length: 5 }, () => textOf(inputs.spoil(nameless))).join('\n')
}

/** The same words in a form that no body may have. */
function mangled(sent: Sent, inputs: Inputs): Sent {
  const { random } = inputs
  const text = String(sent.body)
  const typed = (type: string): Sent => ({ ...sent, headers: { ...sent.headers, 'content-type': type } })
  const { 'content-type': _, ...untyped } = sent.headers
  return random.of<() => Sent>([
    () =>
      typed(
        random.of([
          'text/plain',
          'application/xml',
          'multipart/form-data; boundary=x',
          'application/x-www-form-urlencoded',
          'application/jsonp',
          'x',
          ';',
          'ÿ/ÿ',
        ]),
      ),
    () => ({ ...sent, headers: untyped }),
    () => ({ ...sent, body: text.slice(0, -1) }),
    () => ({ ...sent, body: `${text}x` }),
    () => ({ ...sent, body: '' }),
    () => ({
      ...sent,
      body: random.of([
        'null',
        '[]',
        '"x"',
        '1',
        'NaN',
        '{a:1}',
        "{'a':1}",
        '{"a":1,}',
        '[',
        '['.repeat(100_000),
        `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      ]),
    }),
    () => ({
      ...sent,
      body: Buffer.concat([Buffer.from('{"surprise":"'), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    }),
    () => ({ ...sent, body: `{"__proto__": {"roles": ["admin"]}, ${text.slice(1)}` }),
    () => ({ ...sent, body: `{"constructor": {"prototype": {"a": 1}}, ${text.slice(1)}` }),
    () => ({ ...sent, body: `\ufeff${text}` }),
    () => ({ ...sent, body: text.replace(/^\{(?=.)/, '{"surprise":1,"surprise":2,') }),
  ])()
}

function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed())
}

function hashOf(text: string): number {
  let hash = 0
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) as number), 16_777_619)
  return hash >>> 0
}
