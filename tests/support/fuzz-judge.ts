/** Whether an answer keeps what the document and api.md promise; written without the shop's own code. */
import type { Heard, Sent } from './fuzz-door.ts'
import type { Door, Schema, ShopDocument } from './fuzz-document.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const BODY_BYTES_MAX = 1_048_576
/** More are not told at once. */
const PLACES_MAX = 100
const TELLTALE =
  /node_modules|\.ts:\d+|\n\s+at \S+ \(|syntax error at or near|violates \w+ constraint|invalid input syntax|undefined \(reading/

/** What must be answered: this status and code, with these places named; or nothing in particular. */
export interface Due {
  readonly status: number
  readonly code: string
  readonly places: readonly string[]
}

/** What a request deserves by the document alone; undefined when its words are fine and only its meaning decides. */
export function dueFor(document: ShopDocument, door: Door, sent: Sent): Due | undefined {
  const [path = '', query = ''] = sent.target.split(/\?(.*)/s)
  const type = sent.headers['content-type']
  const keyRule = door.parameters.find((one) => one.name === 'Idempotency-Key')
  const key = sent.headers['idempotency-key']
  if (keyRule?.required && key === undefined) return { status: 400, code: 'idempotency-key-missing', places: [] }
  if (Object.keys(door.content).length > 0 && sent.body !== undefined && !(type && (type.split(';')[0] as string) in door.content))
    return { status: 415, code: 'unsupported-media-type', places: [] }
  if (door.body && Buffer.byteLength(sent.body ?? '') > BODY_BYTES_MAX) return { status: 413, code: 'payload-too-large', places: [] }
  const body = readBody(door, sent)
  if (body === undefined) return { status: 400, code: 'invalid-json', places: [] }
  const params = paramsOf(door, path)
  if (params.some(({ schema, value }) => schema.format === 'uuid' && !UUID.test(value)))
    return { status: 404, code: 'not-found', places: [] }
  const places = [
    ...(keyRule && key !== undefined && (key.length < 8 || key.length > 255) ? ['Idempotency-Key'] : []),
    ...params.filter(({ schema, value }) => unspeakable(value) || document.complaints(schema, value).length > 0).map(({ name }) => name),
    ...document.badQuery(door, new URLSearchParams(query)),
    ...[...new URLSearchParams(query)].filter((pair) => unspeakable(pair)).map(([name]) => name),
    ...(door.body ? badBody(document, door.body, body.value) : []),
  ]
  return places.length > 0 ? { status: 422, code: 'invalid-request', places: [...new Set(places)] } : undefined
}

/** The body as JSON; undefined when it is none. Doors without a JSON body have nothing to read. */
function readBody(door: Door, sent: Sent): { value: unknown } | undefined {
  if (door.body === undefined) return { value: {} }
  if (sent.body === undefined) return { value: {} }
  const text = sent.body.toString()
  if (/"(__proto__|(?:\\u005[fF])+proto(?:\\u005[fF])+)"\s*:/.test(text)) return undefined
  try {
    return { value: JSON.parse(text.replace(/^\ufeff/, '')) }
  } catch {
    return undefined
  }
}

function paramsOf(door: Door, path: string): { name: string; schema: Schema; value: string }[] {
  const own = door.path.split('/')
  const given = path.replace(/^\/api/, '').split('/')
  return own.flatMap((part, at) => {
    const parameter = door.parameters.find((one) => one.in === 'path' && `{${one.name}}` === part)
    return parameter ? [{ name: parameter.name, schema: parameter.schema, value: decodeURIComponent(given[at] as string) }] : []
  })
}

function badBody(document: ShopDocument, schema: Schema, body: unknown): string[] {
  const unspoken =
    typeof body === 'object' && body !== null
      ? Object.entries(body)
          .filter((pair) => unspeakable(pair))
          .map(([name]) => name)
      : []
  return [...document.badFields(schema, body), ...unspoken]
}

/** U+0000 and halves of surrogate pairs are text for no database: wherever they stand, the place is bad. */
function unspeakable(value: unknown): boolean {
  const left: unknown[] = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string' && (one.includes('\0') || !one.isWellFormed())) return true
    if (typeof one === 'object' && one !== null) for (const [name, part] of Object.entries(one)) left.push(name, part)
  }
  return false
}

/** Everything about an answer that is not as it must be; empty when all is well. */
export function faultsOf(document: ShopDocument, door: Door, sent: Sent, heard: Heard): string[] {
  const declared = door.responses[heard.status]
  if (heard.status >= 500) return [`answered ${heard.status}`]
  if (isUnreadable(sent) && heard.status === 400) return problemFaults(document, undefined, heard)
  if (!declared) return [`answered ${heard.status}, which the document does not declare`]
  const due = dueFor(document, door, sent)
  if (heard.status >= 400) {
    const schema = declared.content?.['application/problem+json']?.schema
    return [...problemFaults(document, schema, heard), ...dueFaults(due, heard)]
  }
  if (due) return [`answered ${heard.status} where ${due.status} ${due.code} is due (${due.places.join(', ')})`]
  return contentFaults(document, declared.content, heard)
}

/** Whether what stands in front of a shop may refuse it before anybody knows which door it is for. */
function isUnreadable({ target, headers }: Sent): boolean {
  return target.includes('%00') || climbsOut(target) || !/^[\w.:-]*$/.test(headers.host ?? '')
}

/** Whether a path, read with its escapes, leads above its beginning. */
function climbsOut(target: string): boolean {
  const path = (target.split('?')[0] ?? '').replace(/%2e/gi, '.').replace(/%2f/gi, '/')
  let depth = 0
  return path.split('/').some((step) => {
    if (step === '..') depth--
    else if (step !== '' && step !== '.') depth++
    return depth < 0
  })
}

/** What is wrong with a problem document. */
export function problemFaults(document: ShopDocument, schema: Schema | undefined, heard: Heard): string[] {
  if (!String(heard.headers['content-type']).startsWith('application/problem+json'))
    return [`${heard.status} of type ${heard.headers['content-type']}: ${heard.text.slice(0, 200)}`]
  const body = JSON.parse(heard.text) as Record<string, unknown>
  const empty = body.code === 'invalid-request' && heard.status === 422 && !(Array.isArray(body.errors) && body.errors.length > 0)
  return [
    ...(schema ? document.complaints(schema, body) : []),
    ...(body.status === heard.status ? [] : [`says status ${body.status}`]),
    ...(String(body.type).endsWith(`/problems/${body.code}`) ? [] : [`type ${body.type} for code ${body.code}`]),
    ...(body.requestId && body.requestId === heard.headers['x-request-id']
      ? []
      : [`requestId ${body.requestId} is not that of the header`]),
    ...(empty ? ['names no fault'] : []),
    ...(TELLTALE.test(heard.text) ? [`tells of our insides: ${heard.text.slice(0, 300)}`] : []),
    ...((heard.status === 429 || heard.status === 503) && !heard.headers['retry-after'] ? ['no Retry-After'] : []),
  ]
}

function dueFaults(due: Due | undefined, heard: Heard): string[] {
  if (!due) return []
  const { code, errors } = JSON.parse(heard.text) as { code?: string; errors?: { path: string }[] }
  if (heard.status !== due.status || code !== due.code) return [`${heard.status} ${code} where ${due.status} ${due.code} is due`]
  const paths = errors?.map(({ path }) => path) ?? []
  const named = (place: string) => paths.some((path) => path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`))
  // A field without a name is told by the name of the whole.
  const hidden = due.places.filter((place) => !(place === '' ? ['body', 'query'] : [place]).some(named))
  return (due.places.length > PLACES_MAX ? [] : hidden).map((place) => `does not name ${JSON.stringify(place.slice(0, 80))}`)
}

function contentFaults(document: ShopDocument, content: Door['content'] | undefined, heard: Heard): string[] {
  const all = Object.entries(content ?? {})
  if (all.length === 0) return heard.text === '' ? [] : ['answers a body that the document does not know']
  const [type, promised] = all.find(([one]) => String(heard.headers['content-type']).startsWith(one)) ?? []
  if (!type || !promised) return [`is of type ${heard.headers['content-type']} instead of ${all.map(([one]) => one).join(' or ')}`]
  return type === 'application/json' ? document.complaints(promised.schema, JSON.parse(heard.text)) : []
}
