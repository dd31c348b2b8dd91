/** What search engines and people who share links read from the pages, in a real browser. */
import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, logIn } from '../support/client.ts'
import { sharedShop } from '../support/shared-shop.ts'
import { launchBrowser, newVisitor } from './browser.ts'
import * as walk from './walk.ts'

const { origin } = sharedShop()
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** What a page says of itself, as the browser understood it. */
async function readHead(page: Page) {
  const raw = await page.evaluate(() => {
    const of = (selector: string, name: string) => document.querySelector(selector)?.getAttribute(name) ?? null
    return {
      title: document.title,
      titles: document.querySelectorAll('title').length,
      description: of('meta[name=description]', 'content'),
      robots: of('meta[name=robots]', 'content'),
      canonical: of('link[rel=canonical]', 'href'),
      canonicals: document.head.querySelectorAll('link[rel=canonical]').length,
      shared: of('meta[property="og:title"]', 'content'),
      picture: of('meta[property="og:image"]', 'content'),
      data: [...document.querySelectorAll('script[type="application/ld+json"]')].map((one) => one.textContent ?? ''),
    }
  })
  const found = raw.data.map((text) => JSON.parse(text) as Record<string, unknown>)
  // Of several things a page tells of, each by its type.
  const things = found.flatMap((one) => (Array.isArray(one['@graph']) ? (one['@graph'] as Record<string, unknown>[]) : [one]))
  // biome-ignore lint/suspicious/noExplicitAny: data of any shape is looked into
  return { ...raw, data: new Map<string, any>(things.map((one) => [String(one['@type']), one])) }
}

test('when the front page, a shelf and a product are read, each tells what it is and where, and the browser finds no fault', async () => {
  const { page, faults, leave } = await newVisitor(browser, { screen: 'laptop', origin })
  await page.goto('/?from=elsewhere')
  const home = await readHead(page)
  expect(home).toMatchObject({ titles: 1, canonicals: 1, canonical: `${origin}/`, robots: null })
  const { urlTemplate } = home.data.get('WebSite').potentialAction.target
  await page.goto(urlTemplate.replace('{search_term_string}', 'kettle'))
  expect(await page.getByRole('region', { name: 'Goods' }).getByRole('article').count()).toBeGreaterThan(0)
  expect(await readHead(page)).toMatchObject({ canonical: null, robots: 'noindex' })

  await page.goto('/c/mugs')
  const shelf = await readHead(page)
  expect(shelf).toMatchObject({ titles: 1, canonical: `${origin}/c/mugs`, robots: null })
  expect(shelf.data.get('BreadcrumbList').itemListElement.at(-1)).toMatchObject({ item: `${origin}/c/mugs` })
  await page.goto('/c/mugs?inStock=true')
  expect(await readHead(page)).toMatchObject({ canonical: null, robots: 'noindex' })

  const name = await walk.openSomething(page)
  const { data, ...head } = await readHead(page)
  const path = new URL(page.url()).pathname
  expect(head).toMatchObject({ titles: 1, canonicals: 1, canonical: `${origin}${path}`, robots: null, shared: head.title })
  expect(head.description?.length).toBeGreaterThan(20)
  expect((await page.request.get(head.picture ?? '')).status()).toBe(200)
  const { body: truth } = await ask(origin, `GET /api/products/${path.split('/').at(-1)}`)
  const { amount, currency } = truth.variants[0].price
  expect(data.get('Product')).toMatchObject({ name, sku: truth.variants[0].sku, brand: { name: truth.brand } })
  expect(data.get('Product').offers[0]).toMatchObject({
    sku: truth.variants[0].sku,
    price: (amount / 100).toFixed(2),
    priceCurrency: currency,
    availability: expect.stringMatching(/^https:\/\/schema\.org\/(InStock|LimitedAvailability)$/),
  })
  expect(data.get('Product').aggregateRating === undefined).toBe(truth.rating.count === 0)
  expect(data.get('BreadcrumbList').itemListElement.at(-1)).toMatchObject({ name, item: `${origin}${path}` })

  for (const own of ['/cart', '/login', '/account']) {
    await page.goto(own)
    expect([own, await readHead(page)]).toMatchObject([own, { titles: 1, robots: 'noindex', canonical: null }])
  }
  expect(faults).toEqual([])
  await leave()
})

test('when a name is made to break out of the page, it stays a name', async () => {
  const { token } = await logIn(origin, 'admin@stoa.example')
  const name = `</script><script>window.broken = 1</script><!-- "${randomUUID()}" & ]]>`
  const sku = `T-${randomUUID().slice(0, 13)}`
  const body = {
    name,
    description: name,
    brand: '</title><b>',
    categories: ['Tests'],
    variants: [{ sku, price: { amount: 1, currency: 'EUR' } }],
  }
  const { slug } = (await ask(origin, 'POST /api/products', { token, body })).body
  const { page, faults, leave } = await newVisitor(browser, { screen: 'phone', origin })
  await page.goto(`/p/${slug}`)
  const { data, title } = await readHead(page)
  expect(data.get('Product')).toMatchObject({ name, description: name, brand: { name: '</title><b>' } })
  expect(title).toContain(name)
  expect(await page.evaluate(() => Reflect.get(window, 'broken'))).toBeUndefined()
  expect(faults).toEqual([])
  await leave()
})

test('when a robot follows robots.txt, it finds a sitemap whose pages are there, and keeps out of what is private', async () => {
  const robots = await (await fetch(`${origin}/robots.txt`)).text()
  for (const path of ['/cart', '/checkout', '/account', '/orders', '/api/']) expect(robots).toContain(`\nDisallow: ${path}\n`)
  const address = /^Sitemap: (\S+)$/m.exec(robots)?.[1] ?? ''
  const answer = await fetch(address)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8'])
  const { page, leave } = await newVisitor(browser, { screen: 'laptop', origin })
  const pages = await page.evaluate(
    (text) => {
      const map = new DOMParser().parseFromString(text, 'application/xml')
      if (map.querySelector('parsererror')) throw new Error(map.querySelector('parsererror')?.textContent ?? '')
      return [...map.querySelectorAll('url')].map((one) => ({
        address: one.querySelector('loc')?.textContent ?? '',
        changed: one.querySelector('lastmod')?.textContent ?? null,
      }))
    },
    await answer.text(),
  )
  expect(pages[0]?.address).toBe(`${origin}/`)
  const goods = pages.filter((one) => one.address.startsWith(`${origin}/p/`))
  expect(goods.length).toBeGreaterThan(100)
  expect(goods.filter((one) => !/^\d{4}-\d\d-\d\d$/.test(one.changed ?? ''))).toEqual([])
  const shelf = pages.find((one) => one.address.startsWith(`${origin}/c/`))
  for (const one of [goods[0], goods.at(-1), shelf]) expect((await fetch(one?.address ?? '')).status).toBe(200)
  await leave()
})
