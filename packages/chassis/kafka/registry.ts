/** A schema registry with Confluent's API: registers schemas and answers them by id. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../fault.ts'

const TRIES = 3
const TRY_MS_MAX = 3000
const REST_MS = 200
const IDS_MAX = 10_000
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

/** The registry answered that there is no such thing. */
export class NotRegistered extends Error {}
/** The registry refused a schema that does not fit the ones before it. */
class SchemaRefused extends Error {}

interface Answer {
  readonly status: number
  readonly body: { readonly id?: number; readonly schema?: string; readonly message?: string }
}

export class SchemaRegistry {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #byId = new Map<number, string>()

  /** `url` may hold a user and a password. */
  constructor(url: string) {
    const parsed = new URL(url)
    const { username, password } = parsed
    parsed.username = ''
    parsed.password = ''
    this.#url = parsed.href.replace(/\/+$/, '')
    const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
    this.#headers = { 'content-type': CONTENT_TYPE, accept: CONTENT_TYPE, ...(username === '' ? {} : { authorization: `Basic ${secret}` }) }
  }

  /**
   * Registers a schema of a subject that keeps FULL compatibility; answers its id, the same one every time.
   * Throws: `SchemaRefused`; a fault when the registry is away.
   */
  async register(subject: string, schema: string): Promise<number> {
    // Some registries set a level only for what exists: then the first schema comes first.
    const known = await this.#setLevel(subject)
    const { status, body } = await this.#insist('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema })
    if (status === 409 || status === 422)
      throw new SchemaRefused(`${subject}: ${body.message ?? 'the schema does not fit the ones before it'}`)
    if (status !== 200 || body.id === undefined) throw unexpected(`register ${subject}`, status, body.message)
    if (!known && !(await this.#setLevel(subject))) throw unexpected(`level of ${subject}`, 404)
    return body.id
  }

  /** The newest schema of a subject. Throws: `NotRegistered`. */
  async latest(subject: string): Promise<{ id: number; schema: string }> {
    const { status, body } = await this.#ask('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`)
    if (status === 404) throw new NotRegistered(`no schema of ${subject} is registered`)
    if (status !== 200 || body.id === undefined || body.schema === undefined) throw unexpected(`latest of ${subject}`, status, body.message)
    return { id: body.id, schema: body.schema }
  }

  /** The schema of an id, which never changes. Throws: `NotRegistered`. */
  async schemaOf(id: number): Promise<string> {
    const cached = this.#byId.get(id)
    if (cached !== undefined) return cached
    const { status, body } = await this.#ask('GET', `/schemas/ids/${id}`)
    if (status === 404) throw new NotRegistered(`the registry knows no schema ${id}`)
    if (status !== 200 || body.schema === undefined) throw unexpected(`schema ${id}`, status, body.message)
    if (this.#byId.size < IDS_MAX) this.#byId.set(id, body.schema)
    return body.schema
  }

  async #setLevel(subject: string): Promise<boolean> {
    const { status, body } = await this.#insist('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: 'FULL' })
    if (status !== 200 && status !== 404) throw unexpected(`level of ${subject}`, status, body.message)
    return status === 200
  }

  /** Of those who make the same thing at once, all but one may hear that it exists. It does then: they ask again. */
  async #insist(method: string, path: string, body: object): Promise<Answer> {
    const answer = await this.#ask(method, path, body)
    return answer.status === 409 ? this.#ask(method, path, body) : answer
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await fetch(`${this.#url}${path}`, {
          method,
          headers: this.#headers,
          signal: AbortSignal.timeout(TRY_MS_MAX),
          ...(body ? { body: JSON.stringify(body) } : {}),
        })
        const text = await answer.text()
        if (answer.status < 500 && answer.status !== 429) return { status: answer.status, body: parsed(text) }
        throw new Error(`status ${answer.status}`)
      } catch (cause) {
        if (attempt >= TRIES) throw new Fault('unavailable', `the schema registry does not answer: ${method} ${path}`, { cause })
        await sleep(REST_MS * 2 ** (attempt - 1) * (0.5 + Math.random()))
      }
    }
  }
}

function parsed(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return {}
  }
}

function unexpected(what: string, status: number, message = ''): Error {
  return new Fault('unavailable', `the schema registry answered ${status} to: ${what} ${message}`.trimEnd())
}
