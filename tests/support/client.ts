/** A program that talks to the shop as strangers' programs do: plain fetch, nothing of the shop's own code. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into
  readonly body: any
  readonly headers: Headers
}

export interface Ask {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
  readonly key?: string
  readonly timeoutMs?: number
}

export const ADDRESS = { name: 'Ada Byron', line1: 'Lindenweg 1', city: 'Berlin', postalCode: '10115', country: 'DE' }
export const DEMO_PASSWORD = 'stoa-demo-2026'

/** Sends a request: `ask(origin, 'POST /api/orders', {...})`. */
export async function ask(origin: string, door: string, options: Ask = {}): Promise<Answer> {
  const [method, path] = door.split(' ') as [string, string]
  const raw = typeof options.body === 'string' || options.body instanceof Uint8Array
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: {
      ...(options.body !== undefined && !raw ? { 'content-type': 'application/json' } : {}),
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...(options.key ? { 'idempotency-key': options.key } : {}),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: raw ? (options.body as string) : JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
    redirect: 'manual',
  })
  const text = await response.text()
  const json = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== ''
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers }
}

/** Logs a demo account in; answers its access token. */
export async function logIn(origin: string, email: string, password = DEMO_PASSWORD): Promise<{ token: string; userId: string }> {
  const answer = await ask(origin, 'POST /api/login', { body: { email, password } })
  if (answer.status !== 200) throw new Error(`login of ${email}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return { token: answer.body.accessToken, userId: answer.body.user.id }
}

/** A product of its own for a test, with this much stock. */
export async function makeProduct(
  origin: string,
  adminToken: string,
  stock: number,
  priceMinor = 1999,
): Promise<{ id: string; sku: string }> {
  const sku = `T-${randomUUID().slice(0, 13)}`
  const answer = await ask(origin, 'POST /api/products', {
    token: adminToken,
    body: {
      name: `Test piece ${sku}`,
      description: 'A piece for a test.',
      categories: ['Tests'],
      tags: ['test'],
      variants: [{ sku, options: {}, price: { amount: priceMinor, currency: 'EUR' }, stock, weightGrams: 400 }],
    },
  })
  if (answer.status !== 201) throw new Error(`product: ${answer.status} ${JSON.stringify(answer.body)}`)
  return { id: answer.body.id, sku }
}

export interface OrderWish {
  readonly sku: string
  readonly quantity?: number
  readonly cardToken?: string
  readonly method?: string
  readonly email?: string
  readonly key?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Posts an order as a guest (or as the account of `token`). */
export function postOrder(origin: string, wish: OrderWish, timeoutMs?: number): Promise<Answer> {
  return ask(origin, 'POST /api/orders', {
    key: wish.key ?? randomUUID(),
    ...(wish.token ? { token: wish.token } : {}),
    ...(wish.headers ? { headers: wish.headers } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    body: {
      items: [{ sku: wish.sku, quantity: wish.quantity ?? 1 }],
      ...(wish.token ? {} : { email: wish.email ?? 'guest@example.com' }),
      shippingAddress: ADDRESS,
      shippingOption: 'standard',
      payment: { method: wish.method ?? 'card', ...(wish.method && wish.method !== 'card' ? {} : { token: wish.cardToken ?? 'tok_ok' }) },
    },
  })
}

/** Asks again and again until `done` says so. Throws: after `seconds`, with the last answer. */
export async function until(question: () => Promise<Answer>, done: (answer: Answer) => boolean, seconds: number): Promise<Answer> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const answer = await question()
    if (done(answer)) return answer
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${answer.status} ${JSON.stringify(answer.body).slice(0, 2000)}`)
    await sleep(100)
  }
}

/** Waits until an order has one of these statuses. */
export function untilStatus(
  origin: string,
  orderId: string,
  viewToken: string,
  statuses: readonly string[],
  seconds: number,
): Promise<Answer> {
  return until(
    () => ask(origin, `GET /api/orders/${orderId}?token=${viewToken}`),
    (answer) => statuses.includes(answer.body.status),
    seconds,
  )
}
