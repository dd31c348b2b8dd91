import { describe, expect, test } from 'vitest'
import { plainLetter, securityLetter, stockLetter, welcomeLetter, type SecurityTemplate } from './domain/account-letters.ts'
import { afterHandover, afterInquiry, GIVE_UP_SECONDS, HANDOVER_SECONDS_MAX, INQUIRY_TRUST_SECONDS } from './domain/delivery.ts'
import { render } from './domain/layout.ts'
import { formatMoney } from './domain/money.ts'
import { orderLetter, type OrderContent } from './domain/order-letters.ts'
import { isTemplate, LANGUAGES, languageFor, templates, type TemplateName } from './domain/templates.ts'

const shop = { name: 'Stoa', origin: 'https://shop.example' }
const eur = (amount: number) => ({ amount, currency: 'EUR' })
const order: OrderContent = {
  orderId: '019a0000-0000-7000-8000-000000000001',
  number: 'S-100042',
  accountId: null,
  email: 'zeno@example.org',
  viewToken: 'a/b+c',
  name: 'Zeno',
  status: 'CONFIRMED',
  cancelReason: 'customer',
  lines: [
    {
      sku: 'LAMP',
      productId: '019a0000-0000-7000-8000-000000000002',
      name: 'Lamp',
      quantity: 1,
      unitPrice: eur(1000),
      discount: eur(100),
      tax: eur(160),
      total: eur(900),
    },
  ],
  totals: { subtotal: eur(1000), discount: eur(100), shipping: eur(490), tax: eur(222), taxIncluded: false, total: eur(1612) },
  shippingAddress: { name: 'Zeno', line1: 'Painted Porch 1', city: 'Athens', postalCode: '10555', country: 'GR' },
  method: 'card',
}

describe('what follows a handover', () => {
  test.each([
    [{ kind: 'accepted' } as const, { state: 'sent' }],
    [{ kind: 'refused', why: '550' } as const, { state: 'failed', why: '550' }],
    [{ kind: 'not-sent', why: 'away' } as const, { state: 'waiting', retryInSeconds: 4, why: 'away' }],
    [{ kind: 'unknown', why: 'broke' } as const, { state: 'in-doubt', askInSeconds: undefined, why: 'broke' }],
  ])('%j after the second try: %j', (handover, step) => {
    expect(afterHandover(handover, 2, 10, false)).toEqual(step)
  })

  test('when it could not be sent for a day, it has failed', () => {
    expect(afterHandover({ kind: 'not-sent', why: 'away' }, 90, GIVE_UP_SECONDS + 1, true)).toMatchObject({ state: 'failed' })
  })

  test('when the provider says no before the try can be over, it is asked again; afterwards the message is sent again', () => {
    expect(afterInquiry('absent', 1, 10, 10, true)).toMatchObject({ state: 'in-doubt', askInSeconds: INQUIRY_TRUST_SECONDS - 10 })
    expect(afterInquiry('absent', 1, 60, INQUIRY_TRUST_SECONDS, true)).toMatchObject({ state: 'waiting' })
    expect(afterInquiry('accepted', 1, 60, 1, true)).toEqual({ state: 'sent' })
    expect(INQUIRY_TRUST_SECONDS).toBeGreaterThan(HANDOVER_SECONDS_MAX)
  })

  test('when nobody can be asked, or nobody answers for a day, the doubt stays', () => {
    expect(afterInquiry('unknown', 1, 60, 60, false)).toMatchObject({ state: 'in-doubt', askInSeconds: undefined })
    expect(afterInquiry('unknown', 3, 60, 60, true)).toMatchObject({ state: 'in-doubt', askInSeconds: 8 })
    expect(afterInquiry('unknown', 3, GIVE_UP_SECONDS + 1, 60, true)).toMatchObject({ askInSeconds: undefined })
  })
})

describe('money', () => {
  test.each([
    [eur(1299), 'en', '€12.99'],
    [eur(1299), 'de', '12,99\u00a0€'],
    [eur(-5), 'en', '-€0.05'],
    [{ amount: 1299, currency: 'JPY' }, 'en', '¥1,299'],
    [{ amount: 1299, currency: 'KWD' }, 'en', 'KWD\u00a01.299'],
    [eur(9_000_000_000_000), 'en', '€90,000,000,000.00'],
  ])('%j in %s is %s', (amount, language, text) => {
    expect(formatMoney(amount, language)).toBe(text)
  })
})

describe('letters', () => {
  const orderTemplates = Object.keys(templates).filter((name) => templates[name as TemplateName].source === 'order') as Parameters<
    typeof orderLetter
  >[0][]
  const security: SecurityTemplate[] = ['confirm-email', 'already-registered', 'reset-password', 'password-changed']

  test.each(LANGUAGES.flatMap((language) => orderTemplates.map((template) => [template, language] as const)))(
    '%s in %s holds the number and the link of the order',
    (template, language) => {
      const { subject, text, html } = render(orderLetter(template, order, {}, language, shop), shop, language)
      expect(subject).toContain('S-100042')
      for (const body of [text, html])
        expect(body).toContain('https://shop.example/orders/019a0000-0000-7000-8000-000000000001?token=a%2Fb%2Bc')
      expect(text).not.toMatch(/undefined|null|NaN|\[object/)
    },
  )

  test.each(LANGUAGES.flatMap((language) => security.map((template) => [template, language] as const)))(
    '%s in %s says everything',
    (template, language) => {
      const { text, html } = render(securityLetter(template, { name: 'Zeno', token: 'tok' }, language, shop), shop, language)
      expect(text).toContain('https://shop.example/')
      expect(html).toContain(`lang="${language}"`)
      expect(text).not.toMatch(/undefined|null|\[object/)
    },
  )

  test('goods, discount, shipping, tax and total stand in the order in which they add up', () => {
    const { text } = render(orderLetter('order-confirmed', order, {}, 'en', shop), shop, 'en')
    const rows = ['1 × Lamp  €10.00', 'Discount  -€1.00', 'Shipping  €4.90', 'Tax  €2.22', 'Total  €16.12']
    const places = rows.map((row) => text.indexOf(row))
    expect(places.every((place, index) => place > (places[index - 1] ?? -1))).toBe(true)
  })

  test('the languages have words of their own', () => {
    for (const template of orderTemplates)
      expect(orderLetter(template, order, {}, 'de', shop).title).not.toBe(orderLetter(template, order, {}, 'en', shop).title)
    expect(welcomeLetter(null, 'de', shop).subject).toBe('Willkommen bei Stoa')
    expect(stockLetter({ sku: 'LAMP', available: 1, threshold: 5 }).subject).toContain('LAMP')
  })

  test('when text holds markup or a line break in the subject, it is shown and not obeyed', () => {
    const { subject, html } = render(
      plainLetter('A\r\nBcc: all@example.org', '<script>x</script>\n\n"&\''),
      { name: '<Shop>', origin: 'https://x.example/"><b>' },
      'en',
    )
    expect(subject).toBe('A Bcc: all@example.org')
    expect(html).not.toMatch(/<script|<Shop|"><b>/)
    expect(html).toContain('&lt;script&gt;x&lt;/script&gt;')
  })
})

describe('templates', () => {
  test('only those of the list exist', () => {
    expect(isTemplate('order-placed')).toBe(true)
    for (const name of ['', 'nonsense', 'toString', '__proto__']) expect(isTemplate(name)).toBe(false)
  })

  test.each([
    [undefined, 'en'],
    ['de-AT', 'de'],
    ['fr', 'en'],
  ])('for the preference %s it is %s', (preference, language) => {
    expect(languageFor(preference)).toBe(language)
  })
})
