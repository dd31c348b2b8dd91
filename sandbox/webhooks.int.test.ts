import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Sandbox } from './start.ts'
import { gatewayClient, startForTest, startShopStub, temporaryDirectory } from './testing.ts'
import type { ShopStub } from './testing.ts'

const directories: { remove(): void }[] = []
let shop: ShopStub
let sandbox: Sandbox

beforeAll(async () => {
  shop = await startShopStub()
})

afterEach(async () => {
  await sandbox.close()
  shop.status = 204
})

afterAll(async () => {
  await shop.close()
  for (const directory of directories) directory.remove()
})

function newDirectory(): string {
  const directory = temporaryDirectory()
  directories.push(directory)
  return directory.path
}

const statesOf = (id: string) => shop.notices.filter((notice) => notice.data.charge.id === id).map((notice) => notice.data.charge.state)

it('a shop that fails gets the webhook again until it acknowledges, and then no more', async () => {
  sandbox = await startForTest(newDirectory(), shop.origin)
  const gateway = gatewayClient(sandbox.origin)
  shop.status = 503
  const { body } = await gateway.authorize('tok_ok')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(statesOf(body.id)).toEqual([])
  shop.status = 204
  await shop.until(() => statesOf(body.id).length > 0)
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(statesOf(body.id)).toEqual(['authorized'])
  const state = await gateway.call<{ webhooks: unknown }>('GET', '/control/state')
  expect(state.body.webhooks).toEqual({ pending: 0, delivered: 1, givenUp: 0 })
})

it('what the shop missed while the sandbox was down too is sent after its restart', async () => {
  const data = newDirectory()
  const closedShop = await startShopStub()
  const port = Number(new URL(closedShop.origin).port)
  await closedShop.close()
  sandbox = await startForTest(data, closedShop.origin)
  const { body } = await gatewayClient(sandbox.origin).authorize('tok_ok')
  await sandbox.close()
  const reopened = await startShopStub(port)
  sandbox = await startForTest(data, reopened.origin)
  await reopened.until((notices) => notices.some((notice) => notice.data.charge.id === body.id))
  await reopened.close()
})

it('a late success survives a restart and comes by itself', async () => {
  const data = newDirectory()
  sandbox = await startForTest(data, shop.origin, { timing: { lateMs: 1500 } })
  const { body } = await gatewayClient(sandbox.origin).authorize('tok_late')
  expect(body.state).toBe('failed')
  await sandbox.close()
  sandbox = await startForTest(data, shop.origin)
  await shop.until(() => statesOf(body.id).includes('authorized'))
  expect((await gatewayClient(sandbox.origin).charge(body.id)).body.state).toBe('authorized')
})

it('under chaos every notice comes at least once, some repeated and some out of order', async () => {
  sandbox = await startForTest(newDirectory(), shop.origin, { webhookChaos: 'seven' })
  const gateway = gatewayClient(sandbox.origin)
  const before = shop.notices.length
  const ids: string[] = []
  for (let n = 0; n < 20; n++) ids.push((await gateway.authorize('tok_ok')).body.id)
  await shop.until(() => ids.every((id) => statesOf(id).length > 0))
  await new Promise((resolve) => setTimeout(resolve, 400))
  const heard = shop.notices.slice(before).map((notice) => notice.data.charge.id)
  expect(heard.length).toBeGreaterThan(ids.length)
  expect([...new Set(heard)]).not.toEqual(ids)
  expect([...new Set(heard)].sort()).toEqual(ids.toSorted())
})

it('paused webhooks wait, and hurried ones come at once', async () => {
  sandbox = await startForTest(newDirectory(), shop.origin)
  const gateway = gatewayClient(sandbox.origin)
  await gateway.control('webhooks', { paused: true })
  const { body } = await gateway.authorize('tok_ok')
  await gateway.capture(body.id, 1299)
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect(statesOf(body.id)).toEqual([])
  await gateway.control('webhooks', { paused: false, hurry: true })
  await shop.until(() => statesOf(body.id).length === 2)
  expect(statesOf(body.id).toSorted()).toEqual(['authorized', 'captured'])
})
