/** What shoppers do, by what they see: roles and names, never classes. */
import type { Page } from 'playwright-core'

export interface Place {
  readonly name: string
  readonly line1: string
  readonly postalCode: string
  readonly city: string
  readonly country: string
}

export const berlin: Place = { name: 'Greta Gast', line1: 'Säulenweg 3', postalCode: '10115', city: 'Berlin', country: 'DE' }

/** Opens the cheapest mug in stock and returns its name. Other tests' goods stand in families of their own. */
export async function openSomething(page: Page): Promise<string> {
  await page.goto('/c/mugs?inStock=true&sort=price')
  await page.getByRole('region', { name: 'Goods' }).getByRole('article').first().getByRole('link').click()
  await page.waitForURL(/\/p\//)
  return (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
}

/** Puts what is in sight into the cart and waits to be told. On the phone the button is in the bar as well. */
export async function putIntoCart(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Put into the cart' }).first().click()
  await page.getByRole('region', { name: 'Put into the cart' }).waitFor()
}

/** From the confirmation to the checkout. */
export async function goToCheckout(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'See the cart' }).click()
  await page.waitForURL('**/cart')
  await page.getByRole('link', { name: 'Go to checkout' }).click()
  await page.waitForURL('**/checkout*')
}

/** Step one, as a guest when `email` is given. */
export async function answerWhereTo(page: Page, place: Place, email?: string): Promise<void> {
  if (email !== undefined) await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Country').selectOption(place.country)
  await page.getByLabel('Full name').fill(place.name)
  await page.getByLabel('Street and number').fill(place.line1)
  await page.locator('[name=postalCode]').fill(place.postalCode)
  await page.locator('[name=city]').fill(place.city)
  await page.getByRole('button', { name: 'Go on to delivery' }).click()
  await page.waitForURL('**step=delivery')
}

/** Step two: the way that is offered first. */
export async function answerHowItComes(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go on to payment' }).click()
  await page.waitForURL('**step=pay')
}

/** Step three: pays and waits for the order's page. */
export async function payBy(page: Page, method: 'Test card' | 'Cash on delivery' | 'Bank transfer', testCard?: string): Promise<void> {
  await page.getByRole('radio', { name: method, exact: true }).check()
  if (testCard !== undefined) await page.getByLabel('How the test card behaves').selectOption(testCard)
  await page.getByRole('button', { name: /^Order and pay/ }).click()
  await page.waitForURL(/\/orders\//)
}

/** Waits until the headline of the order says `title`. Without JavaScript the page loads itself anew. */
export async function waitForHeadline(page: Page, title: RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor({ timeout: 30_000 })
}

/** Signs in as the demo's shopper. */
export async function signIn(page: Page, next = '/account'): Promise<void> {
  await page.goto(`/login?next=${encodeURIComponent(next)}`)
  await page.getByLabel('E-mail address or user name').fill('shopper@stoa.example')
  await page.getByLabel('Password', { exact: true }).fill('stoa-demo-2026')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => url.pathname === next)
}
