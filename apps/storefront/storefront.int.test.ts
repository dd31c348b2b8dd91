import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { ApiFetch } from './app/visit/visit.ts'
import { createFakeApi } from './testing/fake-api.ts'
import { problem } from './testing/fake-types.ts'
import { createStorefront } from './server.ts'
import { builtStorefront } from './testing/serve.ts'
import { hidden, newVisitor, type Visitor } from './testing/visitor.ts'

beforeAll(async () => {
  await builtStorefront()
})

const address = { country: 'DE', name: 'Greta Gast', line1: 'Säulenweg 3', postalCode: '10115', city: 'Berlin' }
const lamp = { path: '/p/thales-reading-lamp', sku: 'THALES-READING-LAMP-CHALK' }

/** The fake API, with the first answer that `instead` gives taking its place. */
function shop(instead: (path: string, method: string) => Response | null = () => null) {
  const fake = createFakeApi()
  const api: ApiFetch = async (path, init) => instead(path, init.method) ?? fake.api(path, init)
  const stock = fake.shop.products.flatMap((product) => product.variants).find((variant) => variant.sku === lamp.sku)
  if (stock) stock.available = 10
  return { ...fake, api, stock }
}

/** The structured data of a page. */
const dataIn = (html: string) => JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/.exec(html)?.[1] ?? '{}')
/** What a page says to search engines. */
const told = (html: string) => ({
  noindex: html.includes('<meta name="robots" content="noindex"/>'),
  canonical: /<link rel="canonical" href="([^"]*)"/.exec(html)?.[1],
})

async function upToPayment(visitor: Visitor) {
  await visitor.post(lamp.path, { sku: lamp.sku, quantity: '1' })
  await visitor.post('/checkout', { intent: 'address', email: 'guest@example.com', ...address })
  return visitor.post('/checkout?step=delivery', { intent: 'delivery', option: 'standard' })
}

describe('pages', () => {
  test('when a page is rendered, it holds no inline script and no inline style', async () => {
    const visitor = await newVisitor(shop().api)
    for (const path of ['/', '/search?q=lamp', '/c/lamps', lamp.path, '/cart', '/login']) {
      const { html, status } = await visitor.get(path)
      expect(status).toBe(200)
      expect(html).not.toMatch(/<script(?![^>]*\b(?:src=|type="application\/ld\+json"))|\sstyle="|\son[a-z]+="/)
    }
  })
  test('when the API cannot be reached, the page says so with 503 and the log tells why', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const visitor = await newVisitor(() => Promise.reject(new Error('no way there')))
    const page = await visitor.get('/search?q=lamp')
    expect(page.status).toBe(503)
    expect(page.html).toContain('One moment, please')
    expect(log).toHaveBeenCalled()
    log.mockRestore()
  })
  test('when a search engine comes, it finds the sitemap, and on a product what it is and costs', async () => {
    const { api } = shop((path) => (path === '/api/sitemap?part=2' ? new Response('<urlset/>') : null))
    const visitor = await newVisitor(api)
    const robots = await visitor.get('/robots.txt')
    expect(robots.headers.get('content-type')).toContain('text/plain')
    expect(robots.html).toContain('Sitemap: http://shop.test/sitemap.xml')
    const sitemap = await visitor.get('/sitemap.xml?part=2')
    expect([sitemap.headers.get('content-type'), sitemap.html]).toEqual(['application/xml; charset=utf-8', '<urlset/>'])
    const { html } = await visitor.get(lamp.path)
    expect(html).toContain(`<link rel="canonical" href="http://shop.test${lamp.path}"/>`)
    expect(dataIn(html)['@graph'][0].offers.map((one: { sku: string }) => one.sku)).toContain(lamp.sku)
  })
  test('when a page is one of many views or a visitor’s own, search engines are asked to leave it', async () => {
    const visitor = await newVisitor(shop().api)
    for (const path of ['/search', '/search?q=lamp', '/c/lamps?inStock=true', '/c/lamps?sort=price', '/cart', '/login', '/forgot'])
      expect([path, told((await visitor.get(path)).html)]).toEqual([path, { noindex: true, canonical: undefined }])
    for (const path of ['/', '/c/lamps', lamp.path])
      expect([path, told((await visitor.get(path)).html)]).toEqual([path, { noindex: false, canonical: `http://shop.test${path}` }])
    expect(told((await visitor.get(`${lamp.path}?sku=${lamp.sku}`)).html).canonical).toBe(`http://shop.test${lamp.path}`)
  })
  test('when a name would end a script, the data of the page holds it whole and nothing runs', async () => {
    const { api, shop: state } = shop()
    const product = state.products.find((one) => `/p/${one.slug}` === lamp.path)
    const name = '</script><script>alert(1)</script><!-- "quoted" & more'
    Object.assign(product ?? {}, { name, description: `${name} ${'long '.repeat(60)}` })
    const { html } = await (await newVisitor(api)).get(lamp.path)
    expect(html).not.toContain('<script>alert')
    expect(dataIn(html)['@graph'][0].name).toBe(name)
    expect(dataIn(html)['@graph'][1].itemListElement.at(-1).name).toBe(name)
  })
  test('when a link is shared, it says what it leads to', async () => {
    const { html } = await (await newVisitor(shop().api)).get(lamp.path)
    const property = (name: string) => new RegExp(`<meta property="og:${name}" content="([^"]*)"`).exec(html)?.[1]
    expect(['type', 'site_name', 'url'].map(property)).toEqual(['product', 'Stoa', `http://shop.test${lamp.path}`])
    expect(property('title')).toBe(/<title>([^<]*)<\/title>/.exec(html)?.[1])
    expect(property('description')).toMatch(/./)
    expect(property('image')).toMatch(/^http:\/\/shop\.test\//)
  })
  test('when a product is gone, the page is a 404 that offers a search', async () => {
    const page = await (await newVisitor(shop().api)).get('/p/never-was')
    expect(page.status).toBe(404)
    expect(page.html).toContain('There is nothing here')
  })
  test('when a cursor no longer fits, the list begins from the start', async () => {
    const page = await (await newVisitor(shop().api)).get('/search?cursor=stale')
    expect(page.status).toBe(200)
    expect(page.html).toContain('Next page')
  })
  test('when names hold markup, it is shown as text', async () => {
    const { api, shop: state } = shop()
    Object.assign(state.products[0] ?? {}, { name: '<img src=x onerror=alert(1)>' })
    const { html } = await (await newVisitor(api)).get('/c/lamps')
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html).not.toContain('<img src=x')
  })
  test('when the shop runs without demo, there is no inbox and no test card', async () => {
    const visitor = await newVisitor(shop().api, false)
    expect((await visitor.get('/inbox')).status).toBe(404)
    const page = await upToPayment(visitor)
    expect(page.html).toContain('Cash on delivery')
    expect(page.html).not.toContain('tok_ok')
  })
  test('when another site posts a form, nothing reaches the API', async () => {
    const { api, calls } = shop()
    const visitor = await newVisitor(api)
    const page = await visitor.post(lamp.path, { sku: lamp.sku }, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })
    expect(page.status).toBe(403)
    expect(calls).toEqual([])
  })
})

describe('cart', () => {
  test('when more is wanted than there is, the page says how many can be had', async () => {
    const visitor = await newVisitor(shop().api)
    const page = await visitor.post(lamp.path, { sku: lamp.sku, quantity: '11' })
    expect(page.status).toBe(409)
    expect(page.html).toContain('Only 10 can be had')
  })
  test('when a line falls short later, the cart says it at the line and keeps from the checkout', async () => {
    const { api, stock } = shop()
    const visitor = await newVisitor(api)
    await visitor.post(lamp.path, { sku: lamp.sku, quantity: '4' })
    if (stock) stock.available = 2
    const page = await visitor.get('/checkout')
    expect(page.path).toBe('/cart')
    expect(page.html).toContain('Only 2 left')
    expect(page.html).not.toContain('Go to checkout')
  })
})

describe('checkout between requests', () => {
  test('when the same form arrives twice, both lead to one order', async () => {
    const { api, calls } = shop()
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const form = { intent: 'pay', method: 'cash-on-delivery', key, quoteId: 'quote-1' }
    const first = await visitor.post('/checkout?step=pay', form)
    const second = await visitor.post('/checkout?step=pay', form)
    expect(first.path).toMatch(/^\/orders\//)
    expect(second.path).toBe(first.path)
    expect(calls.filter((call) => call === 'POST /api/orders')).toHaveLength(1)
  })
  test('when the first sending is still at work, the second waits for its answer', async () => {
    let busy = 2
    const { api } = shop((path, method) =>
      method === 'POST' && path === '/api/orders' && busy-- > 0 ? problem(409, 'idempotency-key-in-use') : null,
    )
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const page = await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'cash-on-delivery', key })
    expect(page.path).toMatch(/^\/orders\//)
  })
  test('when the quote has expired, the new total is shown under a new key', async () => {
    const { api } = shop((path, method) => (method === 'POST' && path === '/api/orders' ? problem(409, 'quote-expired') : null))
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const page = await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'bank-transfer', key })
    expect(page.status).toBe(422)
    expect(page.html).toContain('computed anew')
    expect(hidden(page, 'key')).not.toBe(key)
    expect(page.html).toMatch(/value="bank-transfer"[^>]*checked|checked[^>]*value="bank-transfer"/)
  })
  test('when the shop cannot place orders now, sending again keeps the key', async () => {
    const { api } = shop((path, method) => (method === 'POST' && path === '/api/orders' ? problem(503, 'unavailable') : null))
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const page = await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'cash-on-delivery', key })
    expect(page.html).toContain('nothing was charged')
    expect(hidden(page, 'key')).toBe(key)
  })
  test('when nothing can be sent to a country, it is said at the country', async () => {
    const visitor = await newVisitor(shop().api)
    await visitor.post(lamp.path, { sku: lamp.sku, quantity: '1' })
    const page = await visitor.post('/checkout', {
      intent: 'address',
      email: 'a@example.com',
      ...address,
      country: 'US',
      region: 'CA',
      postalCode: '94103',
    })
    expect(page.html).toContain('We cannot deliver this cart there.')
    expect(page.html).toMatch(/id="country"[^>]*aria-invalid="true"/)
  })
  test('when a step is asked for before its time, the first open one is shown', async () => {
    const visitor = await newVisitor(shop().api)
    await visitor.post(lamp.path, { sku: lamp.sku, quantity: '1' })
    expect((await visitor.get('/checkout?step=pay')).html).toContain('Go on to delivery')
  })
})

describe('mails that can be done without', () => {
  const link = '/unsubscribe?token=a-token'
  const pressed = (calls: string[]) => calls.filter((call) => call === 'POST /api/notifications/unsubscribe').length

  test('when the link is opened, one button is offered and nothing changes; a press ends them, and another takes it back', async () => {
    const { api, calls } = shop()
    const visitor = await newVisitor(api)
    const page = await visitor.get(link)
    expect([page.status, pressed(calls), page.headers.get('referrer-policy')]).toEqual([200, 0, 'no-referrer'])
    expect(page.html.match(/Send me no more of them/g)).toHaveLength(1)
    expect((await visitor.post(link, {})).html).toContain('We send you no more mails about the progress of orders.')
    expect((await visitor.post(link, { intent: 'undo' })).html).toContain('We send you mails about the progress of orders again.')
    expect(pressed(calls)).toBe(2)
  })
  test('when a mail program presses it, in either form and without a page of ours, it is answered without a redirect', async () => {
    const { api, calls } = shop()
    const storefront = await createStorefront({ buildDir: await builtStorefront(), api, demo: false })
    const form = new FormData()
    form.set('List-Unsubscribe', 'One-Click')
    for (const body of [new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), form, undefined])
      expect((await storefront.handle(new Request(`http://shop.test${link}`, { method: 'POST', body: body ?? null }))).status).toBe(200)
    expect(pressed(calls)).toBe(3)
  })
  test('when the link is not whole, the page says so', async () => {
    const page = await (await newVisitor(shop().api)).post('/unsubscribe?token=broken', {})
    expect([page.status, page.html.includes('This link is not whole')]).toEqual([422, true])
  })

  test('when wishes are saved on the account page, it shows them again; half of quiet hours is told at its field', async () => {
    const { api } = shop()
    const visitor = await newVisitor(api)
    await visitor.post('/login', { email: 'shopper@stoa.example', password: 'stoa-demo-2026' })
    const ticked = (html: string, name: string) => new RegExp(`<input[^>]*name="${name}"[^>]*>`).exec(html)?.[0]?.includes('checked')
    const before = await visitor.get('/account')
    expect([ticked(before.html, 'email'), ticked(before.html, 'order-progress')]).toEqual([true, true])
    const wishes = { intent: 'mails', email: 'on', 'account-news': 'on', language: 'de', timeZone: 'Asia/Tokyo' }
    const half = await visitor.post('/account', { ...wishes, quietFrom: '22:00', quietTo: '' })
    expect([half.status, half.html.includes('Say when they end')]).toEqual([422, true])
    const saved = await visitor.post('/account', { ...wishes, quietFrom: '22:00', quietTo: '07:00' })
    expect(saved.path).toBe('/account?saved=1')
    expect([ticked(saved.html, 'email'), ticked(saved.html, 'order-progress'), ticked(saved.html, 'account-news')]).toEqual([
      true,
      false,
      true,
    ])
    expect(saved.html).toMatch(/name="quietFrom"[^>]*value="22:00"/)
    expect(saved.html).toMatch(/<option value="Asia\/Tokyo" selected/)
    const refused = await visitor.post('/account', { ...wishes, quietFrom: '22:00', quietTo: '07:00', timeZone: 'Mars/Olympus' })
    expect(refused.html).toMatch(/id="timeZone"[^>]*aria-invalid="true"/)
  })
})

describe('sessions', () => {
  const login = { email: 'shopper@stoa.example', password: 'stoa-demo-2026' }

  test('when somebody signs in, the tokens are out of reach of scripts', async () => {
    const { api } = shop()
    const visitor = await newVisitor(api)
    const page = await visitor.post('/login', { ...login, next: '/account/orders' })
    expect(page.path).toBe('/account/orders')
    expect(visitor.cookies.get('stoa_access')).toMatch(/^access-/)
    expect(visitor.cookies.get('stoa_refresh')).toMatch(/^refresh-/)
    expect(page.html).not.toContain(visitor.cookies.get('stoa_access'))
  })
  test('when the access token is no longer taken, it is renewed once and the page comes all the same', async () => {
    const { api, calls } = shop()
    const visitor = await newVisitor(api)
    await visitor.post('/login', login)
    visitor.cookies.set('stoa_access', 'stale')
    calls.length = 0
    const page = await visitor.get('/account/sessions')
    expect(page.status).toBe(200)
    expect(page.html).toContain('this one')
    expect(calls.filter((call) => call === 'POST /api/token/refresh')).toHaveLength(1)
  })
  test('when the session has ended, the visitor goes on as nobody and is asked to sign in where it matters', async () => {
    const visitor = await newVisitor(shop().api)
    visitor.cookies.set('stoa_access', 'stale').set('stoa_refresh', 'ended')
    expect((await visitor.get('/')).html).toContain('Sign in')
    expect((await visitor.get('/account/orders')).path).toBe('/login?next=%2Faccount%2Forders')
    expect(visitor.cookies.has('stoa_refresh')).toBe(false)
  })
  test('when the password is wrong, the page says it without telling whether the address is known', async () => {
    const visitor = await newVisitor(shop().api)
    const known = await visitor.post('/login', { ...login, password: 'wrong' })
    const unknown = await visitor.post('/login', { email: 'nobody@example.com', password: 'wrong' })
    const said = (html: string) => /id="password-error"[^>]*>(.*?)<\/p>/.exec(html)?.[1]
    expect(said(known.html)).toBeTruthy()
    expect(said(known.html)).toBe(said(unknown.html))
  })
  test('when an order is bought again, its goods are in the cart; what is missing is said on the order’s page', async () => {
    const { api, stock } = shop()
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const mine = await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'cash-on-delivery', key })
    // While it is paid for there is nothing to buy again; the fake settles an order that was looked at.
    expect(mine.html).not.toContain('Buy again')
    expect((await visitor.get(mine.path)).html).toContain('Buy again')
    const cart = await visitor.post(mine.path, { intent: 'again' })
    expect([cart.path, cart.html.includes(lamp.sku)]).toEqual(['/cart', true])
    if (stock) stock.available = 0
    const short = await visitor.post(mine.path, { intent: 'again' })
    expect([short.path, short.status]).toEqual([mine.path, 200])
    expect(short.html).toMatch(/Nothing of it can be bought just now.*sold out just now/s)
  })
  test('when orders are looked through, the list holds what fits, and says when nothing does', async () => {
    const visitor = await newVisitor(shop().api)
    await visitor.post('/login', login)
    expect((await visitor.get('/account/orders')).html).not.toContain('Find an order')
    const key = hidden(await upToPayment(visitor), 'key')
    await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'cash-on-delivery', key })
    const hits = async (q: string) =>
      (await visitor.get(`/account/orders?q=${encodeURIComponent(q)}`)).html.match(/href="\/orders\//g)?.length ?? 0
    expect([await hits('READING'), await hits(lamp.sku.toLowerCase()), await hits('kettle'), await hits('')]).toEqual([1, 1, 0, 1])
    const { html } = await visitor.get('/account/orders?q=%22%3E%3Cb%3E')
    expect(html).toContain('No order fits')
    expect(html).not.toContain('"><b>')
  })
  test('when an order is opened without its token by a stranger, they are asked to sign in', async () => {
    const { api } = shop()
    const visitor = await newVisitor(api)
    const key = hidden(await upToPayment(visitor), 'key')
    const mine = await visitor.post('/checkout?step=pay', { intent: 'pay', method: 'cash-on-delivery', key })
    const stranger = await newVisitor(api)
    expect((await stranger.get(mine.path.split('?')[0] as string)).path).toContain('/login?next=')
    expect((await stranger.get(`${mine.path.split('?')[0]}?token=wrong`)).status).toBe(404)
  })
})
