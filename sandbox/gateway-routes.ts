import { chargeById } from './charges.ts'
import type { Charge } from './charges.ts'
import type { Faults } from './control.ts'
import { present } from './desk.ts'
import type { Desk } from './desk.ts'
import { authorize, capture, closeKey, createSession, refund, voidHold } from './gateway.ts'
import type { Answer, Call, Route } from './http.ts'
import { bodyOf, checkedKey, cursorOf, invalid, keyOf, limitOf, metadataOf, moneyOf, text, urlOf } from './input.ts'

const LIST_LIMIT_MAX = 500

/** The gateway's API, for holders of the secret. */
export function gatewayRoutes(desk: Desk, faults: Faults, shopOrigin: string): Route[] {
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
      return faults.around('authorize', async () => charged(await authorize(desk, wanted, returnUrl)))
    }),
    post('/gateway/charges/:id/capture', async (call) => {
      const key = keyOf(call)
      const amountMinor = amountFor(desk, call)
      return faults.around('capture', () => charged(capture(desk, call.params.id ?? '', amountMinor, key)))
    }),
    post('/gateway/charges/:id/void', async (call) => {
      const key = keyOf(call)
      bodyOf(call, [])
      return faults.around('void', () => charged(voidHold(desk, call.params.id ?? '', key)))
    }),
    post('/gateway/charges/:id/refund', async (call) => {
      const key = keyOf(call)
      const amountMinor = amountFor(desk, call)
      return faults.around('refund', () => charged(refund(desk, call.params.id ?? '', amountMinor, key)))
    }),
    post('/gateway/keys/:key/close', async (call) =>
      faults.around('close', () => ({ status: 200, json: closeKey(desk, call.params.key ?? '') })),
    ),
    post('/gateway/sessions', async (call) => {
      const body = bodyOf(call, ['orderId', 'amount', 'returnUrl', 'idempotencyKey'])
      const wanted = { ...orderAndAmount(body, checkedKey(body.idempotencyKey)), token: 'hosted-page', metadata: {} }
      return faults.around('session', () => {
        const session = createSession(desk, wanted, urlOf(body, 'returnUrl'))
        return { status: 200, json: { id: session.id, url: `${desk.payOrigin()}/pay/${session.id}` } }
      })
    }),
    get('/gateway/charges/:id', async (call) =>
      faults.around('inquire', () => ({ status: 200, json: present(desk, chargeById(desk.book, call.params.id ?? '')) })),
    ),
    get('/gateway/charges', async (call) => faults.around('inquire', () => ({ status: 200, json: listCharges(desk, call.query) }))),
  ]
}

/** The book: newest first with `before`, or with `after` every change since, oldest change first. */
function listCharges(desk: Desk, query: URLSearchParams) {
  const limit = limitOf(query, LIST_LIMIT_MAX)
  const after = cursorOf(query, 'after')
  const before = cursorOf(query, 'before')
  const clauses = [
    `(?1 IS NULL OR order_id = ?1)`,
    `(?2 IS NULL OR key = ?2)`,
    after === null ? '(?3 IS NULL OR seq < ?3)' : 'revision > ?3',
    query.get('settled') === 'true' ? `state <> 'requires-action'` : 'true',
  ]
  const charges = desk.book.all<Charge>(
    `SELECT * FROM charges WHERE ${clauses.join(' AND ')} ORDER BY ${after === null ? 'seq DESC' : 'revision'} LIMIT ?4`,
    query.get('orderId'),
    query.get('idempotencyKey'),
    after ?? before,
    limit,
  )
  const last = charges.at(-1)
  const nextCursor = last === undefined || charges.length < limit ? null : String(after === null ? last.seq : last.revision)
  return { items: charges.map((charge) => present(desk, charge)), nextCursor }
}

function orderAndAmount(body: Record<string, unknown>, key: string) {
  const { amountMinor, currency } = moneyOf(body)
  return { key, orderId: text(body, 'orderId', 100), currency, amountMinor }
}

function amountFor(desk: Desk, call: Call): number {
  const { amountMinor, currency } = moneyOf(bodyOf(call, ['amount']))
  const charge = chargeById(desk.book, call.params.id ?? '')
  if (charge.currency !== currency) throw invalid(`The charge is in ${charge.currency}.`)
  return amountMinor
}
