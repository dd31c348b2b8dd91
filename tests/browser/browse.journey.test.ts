import { randomUUID } from 'node:crypto'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, until } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'
import { launchBrowser, newVisitor } from './browser.ts'
import * as walk from './walk.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

test('when a filter is ticked with JavaScript, goods, chips and address follow without a new page, and Back undoes it', async () => {
  const { page, faults, leave } = await newVisitor(browser, { screen: 'laptop', origin: sharedShop().origin })
  await page.goto('/c/mugs')
  await page.evaluate(() => Reflect.set(window, 'stayed', true))
  const box = page.getByRole('group', { name: 'Brand' }).getByRole('checkbox').first()
  const brand = (await box.getAttribute('value')) ?? ''
  await box.check()
  await page.waitForURL((url) => url.searchParams.get('brand') === brand)
  await page.getByRole('link', { name: `Drop filter: ${brand}` }).waitFor()
  expect(await page.evaluate(() => Reflect.get(window, 'stayed'))).toBe(true)
  expect(await page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value)).toBe(brand)
  await page.goBack()
  await page.getByRole('link', { name: `Drop filter: ${brand}` }).waitFor({ state: 'detached' })
  expect(faults).toEqual([])
  await leave()
})

test('when filters are applied without JavaScript, the address holds them and a chip takes one away', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'phone', javaScript: false, origin: sharedShop().origin })
  await page.goto('/search?q=mug')
  await page.getByText('Filter', { exact: true }).click()
  await page.getByLabel('At most').fill('30')
  await page.getByLabel('Only what is here now').check()
  await page.getByRole('button', { name: /^Show/ }).click()
  await page.waitForURL(
    (url) => url.searchParams.get('max') === '30' && url.searchParams.get('inStock') === 'true' && url.searchParams.get('q') === 'mug',
  )
  await page.getByRole('link', { name: 'Drop filter: up to €30' }).click()
  await page.waitForURL((url) => !url.searchParams.has('max') && url.searchParams.get('inStock') === 'true')
  await leave()
})

test('when a list is longer than a page, the next page shows other goods', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', javaScript: false, origin: sharedShop().origin })
  await page.goto('/search?sort=price')
  const names = () => page.getByRole('region', { name: 'Goods' }).getByRole('heading').allTextContents()
  const first = await names()
  await page.getByRole('link', { name: 'Next page' }).click()
  await page.waitForURL((url) => url.searchParams.has('cursor'))
  expect((await names()).filter((name) => first.includes(name))).toEqual([])
  await leave()
})

test('when a word is misspelt, the page offers the right one', async () => {
  const { origin } = sharedShop()
  // A shop that has just opened counts its words within some seconds; none is mended before.
  await until(
    () => ask(origin, 'GET /api/products?q=ketle'),
    ({ body }) => body.didYouMean !== undefined,
    20,
  )
  const { page, leave } = await newVisitor(browser, { screen: 'phone', javaScript: false, origin })
  const answer = await page.goto('/search?q=ketle')
  expect([answer?.status(), await page.getByRole('main').innerText()]).toEqual([200, expect.stringContaining('Did you mean kettle?')])
  await page.getByText('Did you mean').getByRole('link').click()
  await page.waitForURL((url) => /kettle/i.test(url.searchParams.get('q') ?? ''))
  expect(await page.getByRole('region', { name: 'Goods' }).getByRole('article').count()).toBeGreaterThan(0)
  await leave()
})

test('when little is found, more of its kind stands below', async () => {
  const { origin } = sharedShop()
  const { token } = await logIn(origin, 'admin@stoa.example')
  const word = `zz${randomUUID().replace(/[^a-f]/g, '')}`
  const variant = {
    sku: `ALIKE-${randomUUID().slice(0, 8)}`,
    options: {},
    // Not the cheapest one, which others open.
    price: { amount: 90_000, currency: 'EUR' },
    stock: 2,
    weightGrams: 300,
  }
  const body = { name: `Mug ${word}`, description: 'Like no other.', categories: ['Kitchen > Mugs'], tags: [], variants: [variant] }
  expect((await ask(origin, 'POST /api/products', { token, body })).status).toBe(201)
  await until(
    () => ask(origin, `GET /api/products?q=${word}`),
    ({ body: found }) => found.items.length === 1 && found.items[0].name.includes(word),
    20,
  )
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', javaScript: false, origin })
  await page.goto(`/search?q=${word}`)
  const alike = page.getByRole('region', { name: 'Of the same kind' }).getByRole('article')
  expect(await page.getByRole('region', { name: 'Goods' }).getByRole('article').count()).toBe(1 + (await alike.count()))
  expect(await alike.count()).toBeGreaterThan(1)
  expect((await alike.getByRole('heading').allTextContents()).join(' ')).not.toContain(word)
  await leave()
})

test('when a colour is chosen without JavaScript, the address names its variant and its picture comes first', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', javaScript: false, origin: sharedShop().origin })
  await walk.openSomething(page)
  const others = page
    .getByRole('navigation', { name: /colour/i })
    .getByRole('link')
    .filter({ hasNot: page.locator('[aria-current]') })
  const colour = ((await others.last().textContent()) ?? '').replace(/ \(sold out\)/, '')
  await others.last().click()
  await page.waitForURL((url) => url.searchParams.has('sku'))
  expect(
    await page
      .getByRole('list', { name: /^Pictures of/ })
      .getByRole('img')
      .first()
      .getAttribute('alt'),
  ).toContain(colour)
  await leave()
})

test('when stock changes while the page is open, it says so without a reload', async () => {
  const { origin } = sharedShop()
  const { token } = await logIn(origin, 'admin@stoa.example')
  const piece = await makeProduct(origin, token, 40)
  const { page, faults, leave } = await newVisitor(browser, { screen: 'laptop', origin })
  await page.goto(`/p/${piece.id}`)
  await page.locator('main').getByText('In stock, ready').waitFor()
  await ask(origin, `POST /api/stock/${piece.sku}/adjustments`, { token, key: `few-${piece.sku}`, body: { setTo: 3, reason: 'count' } })
  await page.locator('main').getByText('Only 3 left').waitFor()
  await ask(origin, `POST /api/stock/${piece.sku}/adjustments`, { token, key: `none-${piece.sku}`, body: { setTo: 0, reason: 'count' } })
  await page.locator('main').getByText('Sold out for now').waitFor()
  expect(await page.locator('#buy').getByRole('button', { name: 'Sold out' }).isDisabled()).toBe(true)
  expect(faults).toEqual([])
  await leave()
})

test('when something is put into the cart by mistake, undo takes it out again', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'phone', origin: sharedShop().origin })
  await walk.openSomething(page)
  await walk.putIntoCart(page)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('region', { name: 'Put into the cart' }).waitFor({ state: 'detached' })
  await page.goto('/cart')
  await page.getByRole('heading', { name: 'Nothing in it yet' }).waitFor()
  await leave()
})

test('when a page is walked by keyboard alone, something can be found, chosen and put into the cart', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', origin: sharedShop().origin })
  await page.goto('/')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Skip to the page')
  await page.keyboard.press('Enter')
  await page.getByLabel('Search the shop').first().focus()
  await page.keyboard.type('mug')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/search?q=mug')
  await page.getByRole('region', { name: 'Goods' }).getByRole('article').first().getByRole('link').focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/p\//)
  await page.getByLabel('Quantity').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'Put into the cart' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('region', { name: 'Put into the cart' }).waitFor({ state: 'detached' })
  await leave()
})

test('when somebody begins to type, words are offered that lead to goods', async () => {
  const { page, faults, leave } = await newVisitor(browser, { screen: 'laptop', origin: sharedShop().origin })
  await page.goto('/')
  await page.getByLabel('Search the shop').first().pressSequentially('ket')
  await page.locator('#suggestions option').first().waitFor({ state: 'attached' })
  const [word] = await page
    .locator('#suggestions option')
    .evaluateAll((options) => options.map((option) => option.getAttribute('value') ?? ''))
  await page.goto(`/search?q=${encodeURIComponent(word ?? '')}`)
  expect(await page.getByRole('region', { name: 'Goods' }).getByRole('article').count()).toBeGreaterThan(0)
  expect(faults).toEqual([])
  await leave()
})
