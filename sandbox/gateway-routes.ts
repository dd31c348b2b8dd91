import type { Book } from './book.ts'
import { chargeById } from './charges.ts'
import type { Charge } from './charges.ts'
import type { Faults } from './control.ts'
import type { Gateway } from './gateway.ts'
import type { Answer, Call, Route } from './http.ts'
import { bodyOf, checkedKey, cursorOf, invalid, keyOf, limitOf, metadataOf, moneyOf, text, urlOf } from './input.ts'

const LIST_LIMIT_MAX = 500

/** The gateway's API, for holders of the secret. */
export function gatewayRoutes(book: Book, gateway: Gateway, faults: Faults, payOrigin: () => string, shopOrigin: string): Route[] {
  const charged = (result: { charge: unknown; replayed: boolean }): Answer => ({
    status: 200,
    headers: result.replayed ? { 'idempotent-replayed': 'true' } : {},
    json: result.charge,
  })
  const post = (path: string, answer: Route['answer']): Route => ({ method: 'POST', path, access: 'secret', answer })
  const get = (path: string, answer: Route['answer']): Route => ({ method: 'GET', path, access: 'secret', answer })

  return [
    post('/gateway/authorizations', async (call) => {
      const key = keyOf(call)
      const body = bodyOf(call, ['orderId', 'amount', 'token', 'metadata', 'returnUrl'])
      const wanted = { ...orderAndAmount(body, key), token: text(body, 'token', 200), metadata: metadataOf(body) }
      const returnUrl = body.returnUrl === undefined ? `${shopOrigin}/orders/${wanted.orderId}` : urlOf(body, 'returnUrl')
      return await faults.around('authorize', async () => charged(await gateway.authorize(wanted, returnUrl)))
    }),
    post('/gateway/charges/:id/capture', async (call) => {
      const key = keyOf(call)
      const amountMinor = amountFor(book, call)
      return await faults.around('capture', () => charged(gateway.capture(call.params.id ?? '', amountMinor, key)))
    }),
    post('/gateway/charges/:id/void', async (call) => {
      const key = keyOf(call)
      bodyOf(call, [])
      return await faults.around('void', () => charged(gateway.void(call.params.id ?? '', key)))
    }),
    post('/gateway/charges/:id/refund', async (call) => {
      const key = keyOf(call)
      const amountMinor = amountFor(book, call)
      return await faults.around('refund', () => charged(gateway.refund(call.params.id ?? '', amountMinor, key)))
    }),
    post(
      '/gateway/keys/:key/close',
      async (call) => await faults.around('close', () => ({ status: 200, json: gateway.closeKey(call.params.key ?? '') })),
    ),
    post('/gateway/sessions', async (call) => {
      const body = bodyOf(call, ['orderId', 'amount', 'returnUrl', 'idempotencyKey'])
      const wanted = { ...orderAndAmount(body, checkedKey(body.idempotencyKey)), token: 'hosted-page', metadata: {} }
      return await faults.around('session', () => {
        const session = gateway.createSession(wanted, urlOf(body, 'returnUrl'))
        return { status: 200, json: { id: session.id, url: `${payOrigin()}/pay/${session.id}` } }
      })
    }),
    get(
      '/gateway/charges/:id',
      async (call) =>
        await faults.around('inquire', () => ({ status: 200, json: gateway.present(chargeById(book, call.params.id ?? '')) })),
    ),
    get(
      '/gateway/charges',
      async (call) => await faults.around('inquire', () => ({ status: 200, json: listCharges(book, gateway, call.query) })),
    ),
  ]
}

/** The book: newest first with `before`, or with `after` every change since, oldest change first. */
function listCharges(book: Book, gateway: Gateway, query: URLSearchParams) {
  const limit = limitOf(query, LIST_LIMIT_MAX)
  const after = cursorOf(query, 'after')
  const before = cursorOf(query, 'before')
  const clauses = [
    `(?1 IS NULL OR order_id = ?1)`,
    `(?2 IS NULL OR key = ?2)`,
    after === null ? '(?3 IS NULL OR seq < ?3)' : 'revision > ?3',
    query.get('settled') === 'true' ? `state <> 'requires-action'` : 'true',
  ]
  const charges = book.all<Charge>(
    `SELECT * FROM charges WHERE ${clauses.join(' AND ')} ORDER BY ${after === null ? 'seq DESC' : 'revision'} LIMIT ?4`,
    query.get('orderId'),
    query.get('idempotencyKey'),
    after ?? before,
    limit,
  )
  const last = charges.at(-1)
  const nextCursor = last === undefined || charges.length < limit ? null : String(after === null ? last.seq : last.revision)
  return { items: charges.map(gateway.present), nextCursor }
}

function orderAndAmount(body: Record<string, unknown>, key: string) {
  const { amountMinor, currency } = moneyOf(body)
  return { key, orderId: text(body, 'orderId', 100), currency, amountMinor }
}

function amountFor(book: Book, call: Call): number {
  const { amountMinor, currency } = moneyOf(bodyOf(call, ['amount']))
  const charge = chargeById(book, call.params.id ?? '')
  if (charge.currency !== currency) throw invalid(`The charge is in ${charge.currency}.`)
  return amountMinor
}
