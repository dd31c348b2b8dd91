import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedShop } from '../support/shared-shop.ts'
import { launchBrowser, newVisitor } from './browser.ts'
import * as walk from './walk.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const MAIL_TRIES = 40
const MAIL_PAUSE_MS = 500

/** Opens the newest mail to `to` whose subject fits, and follows its link to `path`. */
async function followMail(page: Page, to: string, path: string): Promise<void> {
  const link = page.locator(`main a[href*="${path}?token="]`).first()
  for (let tries = 0; tries < MAIL_TRIES; tries++) {
    await page.goto(`/inbox?to=${encodeURIComponent(to)}`)
    if ((await link.count()) > 0) {
      await page.goto(new URL((await link.getAttribute('href')) ?? '', page.url()).href)
      return
    }
    await page.waitForTimeout(MAIL_PAUSE_MS)
  }
  throw new Error(`no mail to ${to} leads to ${path}`)
}

test('when somebody opens an account, follows the mail, forgets the password and sets another, the new one signs in', async () => {
  const { page, faults, leave } = await newVisitor(browser, { screen: 'phone', javaScript: false, origin: sharedShop().origin })
  const email = `journey-${Date.now()}@example.com`
  await page.goto('/register')
  await page.getByLabel('Name', { exact: false }).first().fill('Nora Neu')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill('password')
  await page.getByRole('button', { name: 'Open the account' }).click()
  expect(await page.locator('#password-error').textContent()).toContain('commonest')
  expect(await page.getByLabel('E-mail address').inputValue()).toBe(email)
  await page.getByLabel('Password', { exact: true }).fill('a row of columns')
  await page.getByRole('button', { name: 'Open the account' }).click()
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()

  await followMail(page, email, '/verify')
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await page.waitForURL('**/account?welcome=1')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Nora')

  await page.getByRole('button', { name: 'Sign out' }).locator('visible=true').click()
  await page.goto('/forgot')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByRole('button', { name: 'Send me the link' }).click()
  await followMail(page, email, '/reset')
  await page.getByLabel('New password').fill('another row of columns')
  await page.getByRole('button', { name: 'Set the password' }).click()
  await page.waitForURL('**/login?reset=1')
  await page.getByLabel('E-mail address or user name').fill(email)
  await page.getByLabel('Password', { exact: true }).fill('another row of columns')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/account')
  expect(faults).toEqual([])
  await leave()
})

test('when the access token has run out but the session lives, the next page renews it unseen', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', origin: sharedShop().origin })
  await walk.signIn(page)
  await page.context().clearCookies({ name: 'stoa_access' })
  await page.goto('/account/sessions')
  await page.getByText('this one').waitFor()
  expect((await page.context().cookies()).map((cookie) => cookie.name)).toContain('stoa_access')
  await leave()
})

test('when a guest signs in, what was in the cart comes along', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', javaScript: false, origin: sharedShop().origin })
  const name = await walk.openSomething(page)
  await walk.putIntoCart(page)
  await walk.signIn(page, '/cart')
  const line = page.getByRole('list', { name: 'In your cart' })
  expect(await line.textContent()).toContain(name)
  await line.getByRole('button', { name: `Take out ${name}` }).click()
  await page.getByRole('heading', { name: 'Nothing in it yet' }).waitFor()
  await leave()
})

test('when an address is added, it stands in the book and is offered at checkout', async () => {
  const { page, leave } = await newVisitor(browser, { screen: 'phone', javaScript: false, origin: sharedShop().origin })
  await walk.signIn(page, '/account/addresses')
  await page.goto('/account/addresses?add=1')
  const street = `Stadtweg ${Date.now() % 100_000}`
  await page.getByLabel('Country').selectOption('AT')
  await page.getByLabel('Full name').fill('Sam Shopper')
  await page.getByLabel('Street and number').fill(street)
  await page.locator('[name=postalCode]').fill('1010')
  await page.locator('[name=city]').fill('Wien')
  await page.getByRole('button', { name: 'Save the address' }).click()
  await page.waitForURL('**/account/addresses?saved=1')
  await walk.openSomething(page)
  await walk.putIntoCart(page)
  await page.goto('/checkout?step=address')
  await page.getByRole('radio', { name: new RegExp(street) }).check()
  await page.getByRole('button', { name: 'Go on to delivery' }).click()
  await page.waitForURL('**step=delivery')
  expect(await page.getByRole('main').textContent()).toContain(street)
  await page.goto('/account/addresses')
  await page.getByRole('button', { name: new RegExp(`^Remove.*${street}`) }).click()
  await page.waitForURL('**/account/addresses?saved=1')
  expect(await page.getByRole('main').textContent()).not.toContain(street)
  await leave()
})
