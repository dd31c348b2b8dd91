/** What the parts of the fake API share. */
import type { Product } from '../app/visit/shop.ts'
import type { AccountBook } from './fake-accounts.ts'
import type { CartBook } from './fake-carts.ts'

/** A request as the routes of the fake see it. */
export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: shapes differ by route and are checked by the tests that send them
  readonly body: any
  readonly cookies: Record<string, string>
  readonly account: string | null
}
/** A door (`POST /api/x`) and what answers behind it; parameters are the pattern's groups. */
export type FakeRoute = readonly [door: RegExp, answer: (request: FakeRequest, params: string[]) => Response]

export interface FakeMail {
  readonly id: string
  readonly channel: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: string[]
  readonly at: string
}

export interface FakeShop {
  readonly products: Product[]
  readonly accounts: AccountBook
  readonly carts: CartBook
  readonly mails: FakeMail[]
}

/** A problem document. */
export function problem(status: number, code: string, more: Record<string, unknown> = {}): Response {
  return Response.json(
    { type: `https://stoa.example/problems/${code}`, title: code.replaceAll('-', ' '), status, code, ...more },
    { status },
  )
}

/** Units of euro cents as the API sends them. */
export const euro = (amount: number) => ({ amount, currency: 'EUR' })
/** Tax inside a price: 24 %. */
export const taxIn = (amount: number) => Math.round((amount * 24) / 124)
