import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Sandbox } from './start.ts'
import { gatewayClient, startForTest, startShopStub, temporaryDirectory } from './testing.ts'
import type { ShopStub } from './testing.ts'

const directory = temporaryDirectory()
let shop: ShopStub
let sandbox: Sandbox
let gateway: ReturnType<typeof gatewayClient>

beforeAll(async () => {
  shop = await startShopStub()
  sandbox = await startForTest(directory.path, shop.origin)
  gateway = gatewayClient(sandbox.origin)
})

afterAll(async () => {
  await sandbox.close()
  await shop.close()
  directory.remove()
})

async function openPage() {
  const key = randomUUID()
  const orderId = `order-${key}`
  const returnUrl = `${shop.origin}/orders/${orderId}?token=a&b=c`
  const body = { orderId, amount: { amount: 4200, currency: 'EUR' }, returnUrl, idempotencyKey: key }
  const session = await gateway.call<{ id: string; url: string }>('POST', '/gateway/sessions', body)
  return { key, orderId, returnUrl, body, ...session.body }
}

const submit = (url: string, form: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

it('the hosted page names the amount, needs no script, and a chosen card is charged under the key of the session', async () => {
  const page = await openPage()
  const response = await fetch(page.url)
  const html = await response.text()
  expect(html).toContain('€42.00')
  expect(html).not.toContain('<script')
  expect(response.headers.get('content-security-policy')).toContain(`form-action 'self' ${shop.origin}`)
  const paid = await submit(page.url, { card: 'tok_ok' })
  expect([paid.status, paid.headers.get('location')]).toEqual([303, page.returnUrl])
  const charges = (await gateway.list(`orderId=${page.orderId}`)).body.items
  expect(charges).toMatchObject([{ state: 'authorized', amount: { amount: 4200 }, idempotencyKey: page.key }])
  await shop.until((notices) => notices.some((notice) => notice.data.charge.orderId === page.orderId))
})

it('a double click on the hosted page charges once', async () => {
  const page = await openPage()
  const answers = await Promise.all([submit(page.url, { card: 'tok_slow' }), submit(page.url, { card: 'tok_slow' })])
  expect(answers.map((answer) => answer.status)).toEqual([303, 303])
  await submit(page.url, { card: 'tok_ok' })
  expect((await gateway.list(`orderId=${page.orderId}`)).body.items).toHaveLength(1)
})

it('a hosted page without a choice or with an unknown card says so and charges nothing', async () => {
  const page = await openPage()
  const answer = await submit(page.url, { card: 'tok_imaginary' })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('role="alert"')
  expect((await gateway.list(`orderId=${page.orderId}`)).body.items).toEqual([])
})

it('the same key gives the same page, and another order under it is refused', async () => {
  const page = await openPage()
  const again = await gateway.call<{ id: string }>('POST', '/gateway/sessions', page.body)
  expect(again.body.id).toBe(page.id)
  const other = await gateway.call('POST', '/gateway/sessions', { ...page.body, orderId: 'another' })
  expect(other.status).toBe(422)
})

it('a page whose key the shop has closed takes no card any more', async () => {
  const page = await openPage()
  expect((await gateway.close(page.key)).body.closed).toBe(true)
  expect(await (await fetch(page.url)).text()).toContain('cancelled')
  expect((await submit(page.url, { card: 'tok_ok' })).status).toBe(409)
  expect((await gateway.list(`orderId=${page.orderId}`)).body.items).toEqual([])
})

it.each([
  ['confirm', 'authorized'],
  ['fail', 'declined'],
])('the 3-D Secure answer "%s" leaves the charge %s and leads back to the shop', async (decision, state) => {
  const page = await openPage()
  const chosen = await submit(page.url, { card: 'tok_3ds' })
  expect(chosen.headers.get('location')).toBe(`/pay/${page.id}`)
  expect(await (await fetch(page.url)).text()).toContain('Is it you?')
  const answered = await submit(page.url, { decision })
  expect(answered.headers.get('location')).toBe(page.returnUrl)
  expect((await gateway.list(`orderId=${page.orderId}`)).body.items).toMatchObject([{ state }])
})

it('a card that asks for 3-D Secure by token has the step on the same kind of page', async () => {
  const key = randomUUID()
  const order = { orderId: `order-${key}`, amount: { amount: 100, currency: 'EUR' }, token: 'tok_3ds', returnUrl: `${shop.origin}/back` }
  const { body } = await gateway.call<{ actionUrl: string; id: string }>('POST', '/gateway/authorizations', order, key)
  const answered = await submit(body.actionUrl, { decision: 'confirm' })
  expect([answered.status, answered.headers.get('location')]).toEqual([303, `${shop.origin}/back`])
  expect((await gateway.charge(body.id)).body.state).toBe('authorized')
})
