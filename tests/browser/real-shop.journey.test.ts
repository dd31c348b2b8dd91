/** A shop that is no demo: nothing in it at first, nothing of the sandbox. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder, untilStatus } from '../support/client.ts'
import { doctor, startShop, type Shop } from '../support/shop.ts'
import { findAxeFaults, keepScreenshot, launchBrowser, newVisitor } from './browser.ts'
import * as walk from './walk.ts'

const BOSS = { email: 'boss@shop.example', password: 'nine tall columns 7' }

let browser: Browser
let shop: Shop
beforeAll(async () => {
  const env = { STOA_DEMO: 'off', STOA_ADMIN_EMAIL: BOSS.email, STOA_ADMIN_PASSWORD: BOSS.password }
  ;[browser, shop] = await Promise.all([launchBrowser(), startShop({ env })])
})
afterAll(async () => {
  await browser.close()
  await shop.stop()
})

test('when nothing is in it yet, its pages say so and are whole', async () => {
  const { page, faults, leave } = await newVisitor(browser, { screen: 'laptop', origin: shop.origin })
  for (const [path, says] of [
    ['/', 'The goods are on their way.'],
    ['/search', 'Nothing stands here yet.'],
    ['/cart', 'Nothing in it yet'],
  ] as const) {
    await page.goto(path)
    await page.getByText(says).first().waitFor()
    expect([path, await findAxeFaults(page)]).toEqual([path, []])
    await keepScreenshot(page, `real-shop${path === '/' ? '-home' : path.replaceAll('/', '-')}-empty`)
  }
  expect(faults).toEqual([])
  await leave()
})

test('when a guest buys without a card, the order is confirmed, and no card is offered', async () => {
  const { token } = await logIn(shop.origin, BOSS.email, BOSS.password)
  const { id } = await makeProduct(shop.origin, token, 5)
  const { slug } = (await ask(shop.origin, `GET /api/products/${id}`)).body
  const { page, faults, leave } = await newVisitor(browser, { screen: 'phone', javaScript: false, origin: shop.origin })
  await page.goto(`/p/${slug}`)
  await page.getByRole('button', { name: 'Put into the cart' }).first().click()
  await page.goto('/checkout')
  await walk.answerWhereTo(page, walk.berlin, 'guest@example.com')
  await walk.answerHowItComes(page)
  expect(await page.getByRole('radio').count()).toBe(2)
  expect(await page.getByRole('radio', { name: /card/i }).count()).toBe(0)
  await keepScreenshot(page, 'real-shop-payment')
  await walk.payBy(page, 'Cash on delivery')
  await walk.waitForHeadline(page, /Thank you/)
  expect(faults).toEqual([])
  await leave()
})

test('when a card is sent all the same, it is refused by name; nothing of the sandbox is there; the books are right', async () => {
  const { token } = await logIn(shop.origin, BOSS.email, BOSS.password)
  const { sku } = await makeProduct(shop.origin, token, 5)
  const refused = await postOrder(shop.origin, { sku, method: 'card' })
  expect([refused.status, refused.body.errors]).toMatchObject([422, [{ path: 'payment.method', code: 'not-offered' }]])
  const { body } = await postOrder(shop.origin, { sku, method: 'cash-on-delivery' })
  await untilStatus(shop.origin, body.orderId, body.viewToken, ['CONFIRMED'], 30)
  for (const door of ['GET /api/sandbox/inbox', 'GET /api/sandbox/gateway/charges', 'GET /inbox'])
    expect([door, (await ask(shop.origin, door, { token })).status]).toEqual([door, 404])
  expect((await doctor(shop.dataDir)).checks.filter((one) => !one.ok)).toEqual([])
})
