import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn, makeProduct, postOrder, until } from '../support/client.ts'
import { newPerson, type Person } from '../support/people.ts'
import { sharedShop } from '../support/shared-shop.ts'
import { findAxeFaults, keepScreenshot, launchBrowser, newVisitor, type Screen, type Theme } from './browser.ts'

const { origin } = sharedShop()
let browser: Browser
let person: Person
let admin: string
let sold: { id: string; sku: string }
let scarce: { id: string; sku: string }
const orders: { orderId: string; number: string }[] = []
beforeAll(async () => {
  browser = await launchBrowser()
  admin = (await logIn(origin, 'admin@stoa.example')).token
  person = await newPerson(origin)
  sold = await makeProduct(origin, admin, 100)
  scarce = await makeProduct(origin, admin, 2)
  for (const { sku } of [sold, scarce]) {
    const { body } = await postOrder(origin, { sku, quantity: 2, token: person.token, method: 'cash-on-delivery' })
    await until(
      () => ask(origin, `GET /api/orders/${body.orderId}`, { token: person.token }),
      (answer) => answer.body.status === 'CONFIRMED',
      20,
    )
    orders.push(body)
  }
})
afterAll(() => browser.close())

async function signIn(page: Page): Promise<void> {
  await page.goto('/login?next=/account/orders')
  await page.getByLabel('E-mail address or user name').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/account/orders')
}

const looks = [
  { screen: 'phone', theme: 'light', javaScript: true },
  { screen: 'phone', theme: 'light', javaScript: false },
  { screen: 'laptop', theme: 'dark', javaScript: true },
] as const satisfies readonly { screen: Screen; theme: Theme; javaScript: boolean }[]

test.each(looks)(
  'when an order is looked for on a $screen in $theme, JavaScript $javaScript, it is found and bought again',
  async (look) => {
    const { page, faults, leave } = await newVisitor(browser, { ...look, origin })
    const wrong: string[] = []
    /** Axe and the camera run scripts of their own. */
    const inspect = async (name: string) => {
      if (!look.javaScript) return
      wrong.push(...(await findAxeFaults(page)).map((fault) => `${name}: ${fault}`))
      await keepScreenshot(page, `${name}.${look.screen}.${look.theme}`)
    }
    await signIn(page)
    const find = async (words: string) => {
      await page.getByLabel('Find an order').fill(words)
      await page.getByRole('button', { name: 'Search your orders' }).click()
      await page.waitForURL((url) => url.searchParams.get('q') === words)
      return page.locator('main a[href^="/orders/"]').count()
    }
    expect([await find('no such thing'), await find(orders[1]?.number ?? ''), await find(sold.sku.toLowerCase())]).toEqual([0, 1, 1])
    await inspect('account-orders-found')
    await page.locator('main a[href^="/orders/"]').click()
    await page.waitForURL(/\/orders\/[^?]+$/)
    await inspect('order-again')
    await page.getByRole('button', { name: 'Buy again' }).click()
    await page.waitForURL('**/cart')
    const line = page.getByRole('list', { name: 'In your cart' }).getByRole('listitem')
    expect(await line.count()).toBe(1)
    expect(await line.textContent()).toContain(sold.sku)

    await page.goto(`/orders/${orders[1]?.orderId}`)
    await page.getByRole('button', { name: 'Buy again' }).click()
    await page.getByRole('heading', { name: 'Nothing of it can be bought just now' }).waitFor()
    expect(await page.getByRole('main').textContent()).toContain('sold out just now')
    await inspect('order-again-missing')
    expect([...wrong, ...faults]).toEqual([])
    await leave()
  },
)
