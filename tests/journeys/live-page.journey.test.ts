import { expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'

const { origin } = sharedShop()
const PATIENCE_MS = 20_000

/** Reads what the storefront's stream tells until it holds `wanted`, then hangs up. */
async function hear(path: string, wanted: string): Promise<{ type: string | null; text: string }> {
  const leave = new AbortController()
  const answer = await fetch(`${origin}${path}`, {
    headers: { accept: 'text/event-stream' },
    signal: AbortSignal.any([leave.signal, AbortSignal.timeout(PATIENCE_MS)]),
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes(wanted)) break
  }
  leave.abort()
  return { type: answer.headers.get('content-type'), text }
}

test('the page of an order hears of its states while they come', async () => {
  const admin = (await logIn(origin, 'admin@stoa.example')).token
  const { sku } = await makeProduct(origin, admin, 5)
  const { orderId, viewToken } = (await postOrder(origin, { sku })).body
  const page = `/orders/${orderId}/events?token=${viewToken}`
  const heard = await hear(page, 'CONFIRMED')
  expect(heard.type).toContain('text/event-stream')
  expect(heard.text).toContain('PENDING')
  expect(heard.text).toContain('CONFIRMED')
  const shipped = hear(page, 'SHIPPED')
  await ask(origin, `PUT /api/orders/${orderId}/status`, { token: admin, body: { status: 'SHIPPED' } })
  expect((await shipped).text).toContain('SHIPPED')
})

test('the stream of somebody else’s order is not handed on', async () => {
  const answer = await fetch(`${origin}/orders/019a0000-0000-7000-8000-000000000001/events`, { headers: { accept: 'text/event-stream' } })
  expect(answer.status).toBeGreaterThanOrEqual(400)
  await answer.body?.cancel()
})
