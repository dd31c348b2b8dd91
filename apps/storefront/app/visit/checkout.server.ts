/** The checkout between requests: what was typed lives in a cookie of its own, so that Back, reload and links lose nothing. */
import { randomUUID } from 'node:crypto'
import { redirect } from 'react-router'
import { addressErrors, addressFields, addressOf } from './address.ts'
import { collect, fieldErrors, mailError, type FieldErrors } from './forms.ts'
import {
  cartOf,
  type Address,
  type Cart,
  type PlacedOrder,
  type Profile,
  type Quote,
  type SavedAddress,
  type ShippingOption,
} from './shop.ts'
import type { Answer, Problem, Visit } from './visit.ts'

export type Step = 'address' | 'delivery' | 'pay'

/** What has been typed so far; texts by field name. */
export type Draft = Record<string, string>

export interface CheckoutView {
  readonly step: Step
  readonly cart: Cart
  readonly draft: Draft
  readonly signedIn: boolean
  readonly saved: readonly SavedAddress[]
  readonly options: readonly ShippingOption[]
  readonly chosen: ShippingOption | null
  readonly quote: Quote | null
  /** One per rendered form: sending it twice is one order. */
  readonly key: string
  readonly demo: boolean
}

/** What an action answers when the visitor must look again. */
export interface CheckoutFailure {
  readonly step: Step
  readonly errors: FieldErrors
  readonly values: Draft
  /** Said on top when it belongs to no field. */
  readonly notice?: string
  readonly key?: string
}

const DRAFT = 'stoa_checkout'
const PLACED = 'stoa_placed'
const PLACED_SECONDS = 3600
const KEPT = [...addressFields, 'email', 'option'] as const
/** Another request with the same key is at work: looked after again this often. */
const IN_USE_TRIES = 20
const IN_USE_PAUSE_MS = 400

function pack(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** What `pack` made; null when there is nothing, or something else. */
function unpack(text: string | undefined): unknown {
  if (text === undefined) return null
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return null
  }
}

/** Reads what was typed before. */
export function draftOf(visit: Visit): Draft {
  const kept = unpack(visit.cookies.get(DRAFT))
  if (typeof kept !== 'object' || kept === null) return {}
  return Object.fromEntries(
    KEPT.flatMap((name) => {
      const text: unknown = Reflect.get(kept, name)
      return typeof text === 'string' ? [[name, text]] : []
    }),
  )
}

/** Keeps what was typed until the browser closes. */
export function keepDraft(visit: Visit, draft: Draft): void {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (draft[name] ? [[name, draft[name]]] : [])))
  visit.cookies.set(DRAFT, pack(kept), { path: '/checkout' })
}

/** Everything the checkout shows. Goes no further than what has been answered allows. */
export async function loadCheckout(visit: Visit): Promise<CheckoutView> {
  const cart = await cartOf(visit)
  if (
    cart === null ||
    cart.items.length === 0 ||
    cart.items.some((line) => line.problem === 'unavailable' || line.problem === 'insufficient-stock')
  )
    throw redirect('/cart')
  const profile = await profileOf(visit)
  const country = visit.cookies.get('stoa_place')
  const draft: Draft = { ...(country === undefined ? {} : { country }), ...prefilled(draftOf(visit), profile) }
  const asked = visit.url.searchParams.get('step')
  let step: Step = hasAddress(draft, profile !== null) && asked !== 'address' ? 'delivery' : 'address'
  const options = step === 'address' ? [] : await optionsFor(visit, draft)
  if (step !== 'address' && options.length === 0) step = 'address'
  const chosen = options.find((option) => option.id === draft['option']) ?? null
  if (step === 'delivery' && chosen !== null && asked !== 'delivery') step = 'pay'
  const quote = step === 'pay' && chosen !== null ? await quoteFor(visit, draft, chosen) : null
  if (step === 'pay' && quote === null) step = 'delivery'
  return {
    step,
    cart,
    draft,
    signedIn: profile !== null,
    saved: profile?.addresses ?? [],
    options,
    chosen,
    quote,
    key: randomUUID(),
    demo: visit.demo,
  }
}

async function profileOf(visit: Visit): Promise<Profile | null> {
  if (!(await visit.signedIn())) return null
  const answer = await visit.ask<Profile>('GET', '/api/profile')
  return answer.ok ? answer.data : null
}

/** The default address of an account stands in until another is typed. */
function prefilled(draft: Draft, profile: Profile | null): Draft {
  const saved = profile?.addresses.find((one) => one.default) ?? profile?.addresses[0]
  if (draft['line1'] || saved === undefined) return draft['name'] || !profile?.name ? draft : { ...draft, name: profile.name }
  const { id: _id, default: _default, ...address } = saved
  return { ...draft, ...address }
}

function hasAddress(draft: Draft, signedIn: boolean): boolean {
  return Object.keys(addressErrors(draft)).length === 0 && (signedIn || mailError(draft['email']) === undefined)
}

async function optionsFor(visit: Visit, draft: Draft): Promise<readonly ShippingOption[]> {
  const answer = await visit.ask<{ options: ShippingOption[] }>('POST', '/api/shipping/calculate', {
    body: { address: addressOf(draft), cart: true },
  })
  return answer.ok ? answer.data.options : []
}

async function quoteFor(visit: Visit, draft: Draft, option: ShippingOption): Promise<Quote | null> {
  const answer = await visit.ask<Quote>('POST', '/api/checkout/quote', {
    body: { cart: true, shippingAddress: addressOf(draft), shippingOption: option.id },
  })
  return answer.ok ? answer.data : null
}

/** Step one: keeps the address and goes on, or says what is wrong with it. */
export async function takeAddress(visit: Visit, texts: Draft): Promise<CheckoutFailure> {
  const signedIn = await visit.signedIn()
  const values = { ...draftOf(visit), ...texts }
  const saved = texts['saved'] ? await savedAddress(visit, texts['saved']) : undefined
  const typed = saved ? { ...values, ...blank(), ...saved } : values
  const errors = { ...collect({ email: signedIn ? undefined : mailError(typed['email']) }), ...addressErrors(typed) }
  if (Object.keys(errors).length > 0) return { step: 'address', errors, values: typed }
  const answer = await visit.ask<{ options: ShippingOption[] }>('POST', '/api/shipping/calculate', {
    body: { address: addressOf(typed), cart: true },
  })
  if (!answer.ok) return failedAt('address', answer.problem, typed)
  if (answer.data.options.length === 0) return { step: 'address', errors: { country: 'We cannot deliver this cart there.' }, values: typed }
  const only = answer.data.options.some((option) => option.id === typed['option']) ? typed['option'] : ''
  keepDraft(visit, { ...typed, option: only ?? '' })
  throw redirect('/checkout?step=delivery')
}

function blank(): Draft {
  return Object.fromEntries(addressFields.map((name) => [name, '']))
}

async function savedAddress(visit: Visit, id: string): Promise<Address | undefined> {
  const profile = await profileOf(visit)
  const found = profile?.addresses.find((one) => one.id === id)
  if (!found) return undefined
  const { id: _id, default: _default, ...address } = found
  return address
}

/** Step two: keeps the choice and goes on. */
export async function takeOption(visit: Visit, texts: Draft): Promise<CheckoutFailure> {
  const view = await loadDraftOptions(visit)
  if (!view.options.some((option) => option.id === texts['option']))
    return { step: 'delivery', errors: { option: 'Choose how it should come.' }, values: view.draft }
  keepDraft(visit, { ...view.draft, option: texts['option'] as string })
  throw redirect('/checkout?step=pay')
}

async function loadDraftOptions(visit: Visit): Promise<{ draft: Draft; options: readonly ShippingOption[] }> {
  const draft = prefilled(draftOf(visit), await profileOf(visit))
  return { draft, options: await optionsFor(visit, draft) }
}

/** Step three: places the order. The same form sent twice is the same order; nothing is charged unless it says so. */
export async function placeOrder(visit: Visit, texts: Draft): Promise<CheckoutFailure> {
  const draft = prefilled(draftOf(visit), await profileOf(visit))
  const key = texts['key'] ?? ''
  followPlaced(visit, key)
  const method = texts['method'] ?? ''
  const payment = paymentOf(method, texts['testCard'], visit.demo)
  if (payment === null) return { step: 'pay', errors: { method: 'Choose how to pay.' }, values: texts, key }
  const signedIn = await visit.signedIn()
  const answer = await send(visit, key, {
    cart: true,
    ...(signedIn ? {} : { email: draft['email'] }),
    shippingAddress: addressOf(draft),
    shippingOption: draft['option'] ?? '',
    ...(texts['quoteId'] ? { quoteId: texts['quoteId'] } : {}),
    payment,
  })
  if (answer.ok) throw placed(visit, key, answer.data)
  return refused(answer.problem, texts, key)
}

function paymentOf(method: string, testCard: string | undefined, demo: boolean): { method: string; token?: string } | null {
  if (method === 'test-card' && demo && testCard && /^tok_[a-z0-9_]+$/.test(testCard)) return { method: 'card', token: testCard }
  // The one provider of cards is the demo's sandbox.
  return ['bank-transfer', 'cash-on-delivery', ...(demo ? ['card'] : [])].includes(method) ? { method } : null
}

async function send(visit: Visit, key: string, body: unknown): Promise<Answer<PlacedOrder>> {
  for (let tries = 1; ; tries++) {
    const answer = await visit.ask<PlacedOrder>('POST', '/api/orders', { body, headers: { 'Idempotency-Key': key } })
    if (answer.ok || answer.problem.code !== 'idempotency-key-in-use' || tries >= IN_USE_TRIES) return answer
    await new Promise((done) => setTimeout(done, IN_USE_PAUSE_MS))
  }
}

/** The way to an order's page, or first to the provider's. */
function placed(visit: Visit, key: string, order: PlacedOrder): Response {
  const token = order.viewToken === undefined ? '' : `?token=${encodeURIComponent(order.viewToken)}`
  visit.cookies.set(PLACED, pack([key, `/orders/${order.orderId}${token}`]), {
    path: '/checkout',
    maxAge: PLACED_SECONDS,
  })
  const draft = draftOf(visit)
  keepDraft(visit, { ...draft, option: '' })
  return redirect(order.payment.nextAction ? `/orders/${order.orderId}/pay${token}` : `/orders/${order.orderId}${token}`)
}

/** A form that has already become an order (Back, then sent once more) leads to that order. */
function followPlaced(visit: Visit, key: string): void {
  const placed = unpack(visit.cookies.get(PLACED))
  if (!Array.isArray(placed)) return
  const [known, path] = placed as unknown[]
  if (known === key && typeof path === 'string' && path.startsWith('/orders/')) throw redirect(path)
}

const notices: Record<string, string> = {
  'insufficient-stock': 'Some of it was sold while you were here. The cart says what is left.',
  'quote-expired': 'The total was kept for 15 minutes and has been computed anew. Please look at it once more.',
  'quote-mismatch': 'The cart has changed since the total was computed. Please look at it once more.',
  'idempotency-key-reused': 'This form had been sent before. Please look at it once more and send it again.',
  unavailable: 'The order could not be placed just now, and nothing was charged. Sending it again is safe.',
}

function refused(problem: Problem, values: Draft, key: string): CheckoutFailure {
  if (problem.code === 'cart-empty') throw redirect('/cart')
  if (problem.code === 'invalid-request') return failedAt('pay', problem, values)
  const fresh = problem.code !== 'unavailable' && problem.code !== 'idempotency-key-in-use'
  const notice = notices[problem.code] ?? notices['unavailable'] ?? ''
  return { step: 'pay', errors: {}, values, notice, key: fresh ? randomUUID() : key }
}

/** Faults the API found: those of the address lead back to it. */
function failedAt(step: Step, problem: Problem, values: Draft): CheckoutFailure {
  const errors = fieldErrors(problem)
  const inAddress = Object.keys(errors).some((name) => name === 'email' || (addressFields as string[]).includes(name))
  const notice = Object.keys(errors).length === 0 ? notices['unavailable'] : undefined
  return { step: inAddress ? 'address' : step, errors, values, ...(notice === undefined ? {} : { notice }) }
}
