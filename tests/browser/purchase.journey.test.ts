import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sharedShop } from '../support/shared-shop.ts'
import { launchBrowser, newVisitor, type Screen } from './browser.ts'
import * as walk from './walk.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function visit(options: { screen: Screen; javaScript: boolean }, go: (page: Page) => Promise<void>): Promise<void> {
  const { page, faults, leave } = await newVisitor(browser, { ...options, origin: sharedShop().origin })
  try {
    await go(page)
    expect(faults).toEqual([])
  } finally {
    await leave()
  }
}

const ways = (['phone', 'laptop'] as const).flatMap((screen) =>
  [true, false].map((javaScript) => ({ screen, javaScript, how: `on a ${screen} ${javaScript ? 'with' : 'without'} JavaScript` })),
)

describe.each(ways)('$how', ({ screen, javaScript }) => {
  test(`when a guest pays by test card on a ${screen}, JavaScript ${javaScript}, the order page comes to confirmed by itself`, async () => {
    await visit({ screen, javaScript }, async (page) => {
      const name = await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'guest@example.com')
      await walk.answerHowItComes(page)
      await walk.payBy(page, 'Test card', 'tok_ok')
      await walk.waitForHeadline(page, /Thank you/)
      expect(new URL(page.url()).searchParams.get('token')).toBeTruthy()
      expect(await page.getByRole('region', { name: 'What you bought' }).textContent()).toContain(name)
      expect(await page.getByRole('link', { name: /^Cart/ }).first().textContent()).toContain('0')
    })
  })

  test(`when a customer orders cash on delivery on a ${screen}, JavaScript ${javaScript}, the order stands among their orders`, async () => {
    await visit({ screen, javaScript }, async (page) => {
      await walk.signIn(page)
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await page.goto('/checkout?step=address')
      await walk.answerWhereTo(page, walk.berlin)
      await walk.answerHowItComes(page)
      await walk.payBy(page, 'Cash on delivery')
      await walk.waitForHeadline(page, /Thank you/)
      const number = (await page.getByText(/^Order S-\d+/).textContent())?.replace('Order ', '') ?? ''
      await page.goto('/account/orders')
      expect(await page.getByRole('main').textContent()).toContain(number)
    })
  })
})

describe('checkout', () => {
  const screen = 'laptop'

  test('when fields are missing or wrong, each is named at its place and nothing typed is lost', async () => {
    await visit({ screen, javaScript: false }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await page.getByLabel('E-mail address').fill('not an address')
      await page.getByLabel('Country').selectOption('DE')
      await page.locator('[name=postalCode]').fill('1')
      await page.getByLabel('Street and number').fill('Säulenweg 3')
      await page.getByRole('button', { name: 'Go on to delivery' }).click()
      expect(await page.locator('#email-error').textContent()).toContain('like name@example.com')
      expect(await page.locator('#postalCode-error').textContent()).toContain('10115')
      expect(await page.locator('#name-error').textContent()).toContain('Enter the name')
      expect(await page.locator('#line1-error').count()).toBe(0)
      expect(await page.getByLabel('Street and number').inputValue()).toBe('Säulenweg 3')
      expect(await page.locator('#postalCode').getAttribute('aria-describedby')).toContain('postalCode-error')
    })
  })

  test('when the shopper goes back from the last step, everything typed before is still there', async () => {
    await visit({ screen, javaScript: false }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'back@example.com')
      await walk.answerHowItComes(page)
      await page.goto('/')
      await page.goto('/checkout?step=address')
      expect(await page.getByLabel('E-mail address').inputValue()).toBe('back@example.com')
      expect(await page.getByLabel('Full name').inputValue()).toBe(walk.berlin.name)
    })
  })

  test('when the order button is pressed twice at once, one order is made', async () => {
    await visit({ screen, javaScript: false }, async (page) => {
      await walk.signIn(page)
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await page.goto('/account/orders')
      const newest = async () => (await page.getByRole('main').getByText(/S-\d+/).allTextContents()).slice(0, 2)
      const [before] = await newest()
      await page.goto('/checkout?step=address')
      await walk.answerWhereTo(page, walk.berlin)
      await walk.answerHowItComes(page)
      await page.getByRole('radio', { name: 'Cash on delivery', exact: true }).check()
      await page.getByRole('button', { name: /^Order and pay/ }).dblclick({ noWaitAfter: true })
      // The second sending ends the first one's way to its page, so the address is watched and no single navigation.
      await vi.waitUntil(() => /\/orders\//.test(page.url()), { timeout: 30_000 })
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.goto('/account/orders')
      const [made, next] = await newest()
      expect(made).not.toBe(before)
      expect(next).toBe(before)
    })
  })

  test('when the card is declined, the order page says so and that nothing was charged', async () => {
    await visit({ screen, javaScript: true }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'declined@example.com')
      await walk.answerHowItComes(page)
      await walk.payBy(page, 'Test card', 'tok_declined')
      await walk.waitForHeadline(page, /was cancelled/)
      expect(await page.getByRole('main').textContent()).toContain('Nothing was charged')
    })
  })

  test('when paying by card on the provider’s own page without JavaScript, the shopper comes back to a confirmed order', async () => {
    await visit({ screen, javaScript: false }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'provider@example.com')
      await walk.answerHowItComes(page)
      await page.getByRole('radio', { name: 'Card', exact: true }).check()
      await page.getByRole('button', { name: /^Order and pay/ }).click()
      const pay = page.getByRole('button', { name: /^Pay / })
      await pay.waitFor()
      expect(new URL(page.url()).origin).not.toBe(sharedShop().origin)
      await pay.click()
      await page.waitForURL((url) => url.origin === sharedShop().origin && url.pathname.startsWith('/orders/'))
      await walk.waitForHeadline(page, /Thank you/)
    })
  })

  test('when a confirmed order is cancelled in its window, the page says it was', async () => {
    await visit({ screen, javaScript: true }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'changed-mind@example.com')
      await walk.answerHowItComes(page)
      await walk.payBy(page, 'Test card', 'tok_ok')
      await walk.waitForHeadline(page, /Thank you/)
      await page.getByText('Cancel this order').click()
      await page.getByRole('button', { name: 'Yes, cancel it' }).click()
      await walk.waitForHeadline(page, /was cancelled/)
    })
  })

  test('when paying by bank transfer, the order waits and tells where to send the money', async () => {
    await visit({ screen, javaScript: false }, async (page) => {
      await walk.openSomething(page)
      await walk.putIntoCart(page)
      await walk.goToCheckout(page)
      await walk.answerWhereTo(page, walk.berlin, 'transfer@example.com')
      await walk.answerHowItComes(page)
      await walk.payBy(page, 'Bank transfer')
      await walk.waitForHeadline(page, /wait for your transfer/)
      expect(await page.getByRole('region', { name: 'Please transfer' }).textContent()).toContain('IBAN')
    })
  })
})
