/** A visitor without a browser: follows redirects, keeps cookies, fills forms. */
import { createStorefront } from '../server.ts'
import type { ApiFetch } from '../app/visit/visit.ts'
import { builtStorefront } from './serve.ts'

const ORIGIN = 'http://shop.test'
const REDIRECTS_MAX = 5

export interface Page {
  readonly status: number
  /** Where redirects have led. */
  readonly path: string
  readonly html: string
  readonly headers: Headers
}

export interface Visitor {
  readonly cookies: Map<string, string>
  get(path: string, headers?: Record<string, string>): Promise<Page>
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>
}

/** A visitor of the built storefront before `api`. */
export async function newVisitor(api: ApiFetch, demo = true): Promise<Visitor> {
  const storefront = await createStorefront({ buildDir: await builtStorefront(), api, demo })
  const cookies = new Map<string, string>()

  async function ask(path: string, init: RequestInit, redirects = 0): Promise<Page> {
    const headers = new Headers(init.headers)
    headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const answer = await storefront.handle(new Request(`${ORIGIN}${path}`, { ...init, headers }))
    for (const line of answer.headers.getSetCookie()) keep(cookies, line)
    const location = answer.headers.get('location')
    if (answer.status >= 300 && answer.status < 400 && location !== null) {
      if (redirects >= REDIRECTS_MAX) throw new Error(`${path} leads in circles`)
      return ask(location.replace(ORIGIN, ''), { method: 'GET' }, redirects + 1)
    }
    return { status: answer.status, path, html: await answer.text(), headers: answer.headers }
  }

  return {
    cookies,
    get: (path, headers = {}) => ask(path, { method: 'GET', headers }),
    post: (path, fields, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: ORIGIN, 'sec-fetch-site': 'same-origin', ...headers },
      }),
  }
}

function keep(cookies: Map<string, string>, line: string): void {
  const [name, value] = (line.split(';', 1)[0] as string).split('=') as [string, string]
  if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
  else cookies.set(name, value)
}

/** The value of a hidden field. */
export function hidden(page: Page, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(page.html)?.[1] ?? ''
}
