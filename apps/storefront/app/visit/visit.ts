/** One visitor's request: their cookies, their session, and the only way to the API. Runs on the server alone. */
import { createContext } from 'react-router'
import { cookieText, CookieJar } from './cookies.ts'

/** How the API is reached: `path` begins with `/api/`. In one process in memory, in a cluster over the network. */
export type ApiFetch = (
  path: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal },
) => Promise<Response>

/** What the API says when it says no (RFC 9457). */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail?: string
  readonly errors?: readonly FieldProblem[]
  readonly [extension: string]: unknown
}
export interface FieldProblem {
  readonly path: string
  readonly code: string
  readonly message: string
}
export type Answer<T> =
  | { readonly ok: true; readonly status: number; readonly data: T; readonly headers: Headers }
  | { readonly ok: false; readonly status: number; readonly problem: Problem; readonly headers: Headers }

export interface AskOptions {
  readonly body?: unknown
  readonly headers?: Record<string, string>
}
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What all visitors share: nothing personal. */
export interface Shared {
  /** The answer of `load`, kept for half a minute. */
  remember<T>(key: string, load: () => Promise<T | null>): Promise<T | null>
}

export interface Visit {
  readonly url: URL
  /** Public address of the shop, for links that others keep. */
  readonly origin: string
  readonly demo: boolean
  readonly shared: Shared
  readonly cookies: CookieJar
  /** Asks the API as this visitor. Faults of the way there are answered as a 503 problem. */
  ask<T>(method: Method, path: string, options?: AskOptions): Promise<Answer<T>>
  /** The API's answer itself, for streams. */
  stream(path: string, signal: AbortSignal, headers: Record<string, string>): Promise<Response>
  /** Whether a live session stands behind this visit; renews it when it must. */
  signedIn(): Promise<boolean>
  /** Keeps the access token of a session that the API just answered. */
  keepSession(session: { accessToken: string; expiresIn: number }): void
  forgetSession(): void
  /** Set-Cookie lines for the answer. */
  setCookies(): readonly string[]
}

/** Where loaders and actions find their visit. */
export const visitContext = createContext<Visit>()

const ACCESS = 'stoa_access'
const REFRESH = 'stoa_refresh'
const CART = 'stoa_cart'
const ASK_DEADLINE_MS = 15_000
const UNAVAILABLE = 'The shop cannot answer right now.'
const REMEMBER_MS = 30_000
/** An access token is not used in its last seconds: it could expire on the way. */
const SAFETY_SECONDS = 20

/** Makes what all visits share. */
export function createShared(): Shared {
  const kept = new Map<string, { at: number; value: unknown }>()
  const running = new Map<string, Promise<unknown>>()
  return {
    async remember<T>(key: string, load: () => Promise<T | null>) {
      const known = kept.get(key)
      if (known && performance.now() - known.at < REMEMBER_MS) return known.value as T
      let pending = running.get(key) as Promise<T | null> | undefined
      if (!pending) {
        pending = load()
        running.set(key, pending)
        pending.finally(() => running.delete(key)).catch(() => undefined)
      }
      const value = await pending
      if (value === null) return (known?.value as T | undefined) ?? null
      kept.set(key, { at: performance.now(), value })
      return value
    },
  }
}

/** Begins a visit. Without an `origin` the shop is where the visitor found it. */
export function createVisit(
  request: Request,
  options: { api: ApiFetch; demo: boolean; shared: Shared; origin?: string | undefined },
): Visit {
  const url = new URL(request.url)
  const cookies = new CookieJar(request.headers.get('cookie') ?? '', url.protocol === 'https:')
  const session = openSession(cookies, callerOf(options.api, cookies, passedHeaders(request)))
  return {
    url,
    origin: options.origin ?? url.origin,
    demo: options.demo,
    shared: options.shared,
    cookies,
    async ask<T>(method: Method, path: string, more: AskOptions = {}) {
      const deadline = AbortSignal.any([request.signal, AbortSignal.timeout(ASK_DEADLINE_MS)])
      try {
        return await readAnswer<T>(await session.reach(method, path, more, deadline))
      } catch (fault) {
        if (request.signal.aborted) throw fault
        console.error(`${method} ${path.split('?')[0]} could not be asked:`, fault)
        const problem = { status: 503, code: 'unavailable', title: UNAVAILABLE }
        return { ok: false, status: 503, headers: new Headers(), problem }
      }
    },
    stream: (path, signal, headers) => session.reach('GET', path, { headers: { Accept: 'text/event-stream', ...headers } }, signal),
    signedIn: session.signedIn,
    keepSession: session.keep,
    forgetSession() {
      cookies.drop(ACCESS)
      cookies.drop(REFRESH)
    },
    setCookies: () => cookies.lines(),
  }
}

type Call = (method: Method, path: string, more: AskOptions, signal: AbortSignal) => Promise<Response>

/** One call of the API with the cookies and the token of now; believes the cookies that come back. */
function callerOf(api: ApiFetch, cookies: CookieJar, passed: Record<string, string>): Call {
  return async (method, path, more, signal) => {
    const headers: Record<string, string> = { ...passed, Accept: 'application/json', ...more.headers }
    const own = [CART, REFRESH].flatMap((name) => {
      const value = cookies.get(name)
      return value === undefined ? [] : [cookieText(name, value)]
    })
    if (own.length > 0) headers['Cookie'] = own.join('; ')
    const token = cookies.get(ACCESS)
    if (token !== undefined) headers['Authorization'] = `Bearer ${token}`
    const body = method === 'GET' ? undefined : JSON.stringify(more.body ?? {})
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const answer = await api(path, { method, headers, signal, ...(body === undefined ? {} : { body }) })
    for (const line of answer.headers.getSetCookie()) cookies.pass(line)
    return answer
  }
}

interface OpenSession {
  /** Calls with a live token, if there is a session. */
  readonly reach: Call
  readonly keep: Visit['keepSession']
  signedIn(): Promise<boolean>
}

function openSession(cookies: CookieJar, call: Call): OpenSession {
  const renewals = new Map<string | undefined, Promise<boolean>>()

  /** Trades the refresh cookie for a new session: once for every token that is no longer taken, however many calls notice. */
  function renew(stale: string | undefined): Promise<boolean> {
    const running = renewals.get(stale) ?? trade().catch(() => false)
    renewals.set(stale, running)
    return running
  }

  async function trade(): Promise<boolean> {
    cookies.drop(ACCESS)
    if (cookies.get(REFRESH) === undefined) return false
    const answer = await call('POST', '/api/token/refresh', {}, AbortSignal.timeout(ASK_DEADLINE_MS))
    if (answer.status !== 200) {
      // An API that cannot answer now has not ended the session.
      if (answer.status === 401) cookies.drop(REFRESH)
      return false
    }
    keep((await answer.json()) as { accessToken: string; expiresIn: number })
    return true
  }

  function keep(session: { accessToken: string; expiresIn: number }): void {
    cookies.set(ACCESS, session.accessToken, { maxAge: Math.max(session.expiresIn - SAFETY_SECONDS, 1), path: '/' })
  }

  async function signedIn(): Promise<boolean> {
    return cookies.get(ACCESS) !== undefined || (await renew(undefined))
  }

  async function reach(...[method, path, more, signal]: Parameters<Call>): Promise<Response> {
    await signedIn()
    const used = cookies.get(ACCESS)
    const answer = await call(method, path, more, signal)
    if (answer.status !== 401 || used === undefined || (await codeOf(answer)) !== 'unauthenticated') return answer
    // A token that the API no longer takes (ended session, rotated key): renewed once, else dropped and asked as nobody.
    await renew(used)
    return call(method, path, more, signal)
  }

  return { reach, keep, signedIn }
}

/** The code of a problem, without spending the answer: a wrong password is 401 too, and no reason to renew. */
async function codeOf(answer: Response): Promise<unknown> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null)
  return typeof body === 'object' && body !== null ? Reflect.get(body, 'code') : undefined
}

async function readAnswer<T>(answer: Response): Promise<Answer<T>> {
  const { status, headers } = answer
  const type = headers.get('content-type') ?? ''
  const body: unknown = status !== 204 && type.includes('json') ? await answer.json() : null
  if (answer.ok) return { ok: true, status, data: body as T, headers }
  const problem = (body ?? {}) as Partial<Problem>
  return {
    ok: false,
    status,
    headers,
    problem: { ...problem, status, code: problem.code ?? 'unavailable', title: problem.title ?? UNAVAILABLE },
  }
}

/** Who really asks, for rate limits and sessions; and the language they want. */
function passedHeaders(request: Request): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const name of ['x-forwarded-for', 'accept-language', 'user-agent', 'x-forwarded-proto', 'x-forwarded-host', 'traceparent', 'host']) {
    const value = request.headers.get(name)
    if (value !== null) passed[name] = value
  }
  return passed
}
