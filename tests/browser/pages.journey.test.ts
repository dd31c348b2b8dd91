import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedShop } from '../support/shared-shop.ts'
import { findAxeFaults, keepScreenshot, launchBrowser, newVisitor, type Screen, type Theme } from './browser.ts'
import * as walk from './walk.ts'

/** JavaScript a first page may bring, compressed. */
const SCRIPT_BYTES_MAX = 90_000
const STYLE_BYTES_MAX = 40_000
const SHIFT_MAX = 0.02
/** Later than the first paint. */
const FONT_LATE_MS = 1500
const FONTS = 2

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** Pages that stand by themselves, by the name of their picture. */
const open: [name: string, path: string][] = [
  ['home', '/'],
  ['search', '/search?q=lamp'],
  ['search-misspelt', '/search?q=ketle'],
  ['search-nothing', '/search?q=zzqqx'],
  ['family', '/c/mugs'],
  ['family-filtered', '/c/mugs?inStock=true&max=40'],
  ['cart-empty', '/cart'],
  ['login', '/login'],
  ['register', '/register'],
  ['forgot', '/forgot'],
  ['reset', '/reset?token=x'],
  ['verify', '/verify?token=x'],
  ['unsubscribe', '/unsubscribe?token=x'],
  ['not-found', '/nothing-here'],
]

const looks = (['phone', 'laptop'] as const).flatMap((screen) => (['light', 'dark'] as const).map((theme) => ({ screen, theme })))

describe.each(looks)('$screen, $theme', ({ screen, theme }) => {
  test(`when axe looks at every page of a passer-by on a ${screen} in ${theme}, it finds nothing`, async () => {
    await visit(screen, theme, async (look) => {
      for (const [name, path] of open) await look(name, (page) => page.goto(path).then(() => undefined))
    })
  })

  test(`when axe looks at every page of a purchase on a ${screen} in ${theme}, it finds nothing`, async () => {
    await visit(screen, theme, async (look) => {
      await look('product', (page) => walk.openSomething(page).then(() => undefined))
      await look('product-added', walk.putIntoCart)
      await look('cart', (page) => page.goto('/cart').then(() => undefined))
      await look('checkout-1-where', (page) => page.goto('/checkout').then(() => undefined))
      await look('checkout-1-errors', async (page) => {
        await page.getByRole('button', { name: 'Go on to delivery' }).click()
        await page.getByRole('alert').waitFor()
      })
      await look('checkout-2-how', (page) => walk.answerWhereTo(page, walk.berlin, 'pages@example.com'))
      await look('checkout-3-pay', walk.answerHowItComes)
      await look('order', async (page) => {
        await walk.payBy(page, 'Cash on delivery')
        await walk.waitForHeadline(page, /Thank you/)
      })
      await look('inbox', (page) => page.goto('/inbox').then(() => undefined))
    })
  })

  test(`when axe looks at every page of an account on a ${screen} in ${theme}, it finds nothing`, async () => {
    await visit(screen, theme, async (look) => {
      await look('login-error', async (page) => {
        await page.goto('/login')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('alert').waitFor()
      })
      await look('account', (page) => walk.signIn(page))
      await look('account-orders', (page) => page.goto('/account/orders').then(() => undefined))
      await look('account-addresses', (page) => page.goto('/account/addresses?add=1').then(() => undefined))
      await look('account-sessions', (page) => page.goto('/account/sessions').then(() => undefined))
    })
  })
})

type Look = (name: string, reach: (page: Page) => Promise<void>) => Promise<void>

async function visit(screen: Screen, theme: Theme, go: (look: Look) => Promise<void>): Promise<void> {
  const { page, faults, leave } = await newVisitor(browser, { screen, theme, origin: sharedShop().origin })
  const found: string[] = []
  try {
    await go(async (name, reach) => {
      await reach(page)
      found.push(...(await findAxeFaults(page)).map((fault) => `${name}: ${fault}`))
      await keepScreenshot(page, `${name}.${screen}.${theme}`)
    })
    expect([...found, ...faults]).toEqual([])
  } finally {
    await leave()
  }
}

describe('weight', () => {
  test('when the front page is loaded for the first time, scripts and styles stay within their limits', async () => {
    const { page, leave } = await newVisitor(browser, { screen: 'laptop', origin: sharedShop().origin })
    const bytes = { script: 0, stylesheet: 0 }
    page.on('requestfinished', async (request) => {
      const kind = request.resourceType()
      if (kind === 'script' || kind === 'stylesheet') bytes[kind] += (await request.sizes()).responseBodySize
    })
    await page.goto('/', { waitUntil: 'networkidle' })
    await leave()
    expect(bytes.script).toBeGreaterThan(0)
    expect(bytes.script).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
    expect(bytes.stylesheet).toBeGreaterThan(0)
    expect(bytes.stylesheet).toBeLessThanOrEqual(STYLE_BYTES_MAX)
  })

  test.each([
    { path: '/', fonts: 'at once' },
    { path: '/c/mugs', fonts: 'at once' },
    { path: '/search?q=lamp', fonts: 'at once' },
    { path: '/', fonts: 'late' },
    { path: '/c/mugs', fonts: 'late' },
  ])('when $path loads on a phone and its fonts come $fonts, nothing shifts', async ({ path, fonts }) => {
    const { page, leave } = await newVisitor(browser, { screen: 'phone', origin: sharedShop().origin })
    let late = 0
    if (fonts === 'late')
      await page.route('**/*.woff2', async (route) => {
        late++
        await sleep(FONT_LATE_MS)
        await route.continue()
      })
    await page.addInitScript(() => {
      Reflect.set(window, 'shift', 0)
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) Reflect.set(window, 'shift', Reflect.get(window, 'shift') + Reflect.get(entry, 'value'))
      }).observe({ type: 'layout-shift', buffered: true })
    })
    await page.goto(path, { waitUntil: 'networkidle' })
    const shift: unknown = await page.evaluate(() => Reflect.get(window, 'shift'))
    await leave()
    expect(late).toBe(fonts === 'late' ? FONTS : 0)
    expect(shift).toBeLessThanOrEqual(SHIFT_MAX)
  })
})
