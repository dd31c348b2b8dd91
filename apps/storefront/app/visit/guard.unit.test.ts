import { describe, expect, test } from 'vitest'
import { isForgery, pageHeaders } from './guard.ts'
import { localPath } from './shop.ts'

const post = (path: string, headers: Record<string, string>) =>
  new Request(`https://shop.example${path}`, { method: 'POST', headers, body: 'x=1' })

describe('isForgery', () => {
  test.each([
    ['another site sends a form', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, true],
    ['a sister site sends a form', { 'sec-fetch-site': 'same-site', origin: 'https://blog.shop.example' }, true],
    ['an old browser says another origin', { origin: 'https://evil.example' }, true],
    ['an origin is nonsense', { origin: 'nonsense' }, true],
    ['an origin is hidden', { origin: 'null' }, true],
    ['our own page sends a form', { 'sec-fetch-site': 'same-origin', origin: 'https://shop.example' }, false],
    ['an old browser says our own origin', { origin: 'https://shop.example' }, false],
    ['a program without origin asks', {}, false],
  ])('when %s, it is told from our own', (_case, headers: Record<string, string>, forged) => {
    expect(isForgery(post('/cart', headers))).toBe(forged)
  })
  test('when a page with no-referrer sends its form, the hidden origin is ours', () => {
    expect(isForgery(post('/orders/1?token=x', { origin: 'null' }))).toBe(false)
  })
  test('when a page is only read, nothing is forged', () => {
    expect(isForgery(new Request('https://shop.example/', { headers: { 'sec-fetch-site': 'cross-site' } }))).toBe(false)
  })
})

describe('pageHeaders', () => {
  const headersOf = (path: string) => pageHeaders(new Headers(), new Request(`https://shop.example${path}`))
  test.each(['/cart', '/checkout?step=pay', '/orders/1?token=x', '/account/orders', '/login'])(
    'when %s is answered, no cache may keep it',
    (path) => {
      expect(headersOf(path).get('cache-control')).toBe('private, no-store')
      expect(headersOf(path).get('x-robots-tag')).toBe('noindex')
    },
  )
  test.each(['/', '/p/red-mug', '/c/carts'])('when %s is answered, search engines may keep it', (path) => {
    expect(headersOf(path).get('x-robots-tag')).toBeNull()
  })
  test('when an address carries a secret, it is not handed to the next site', () => {
    expect(headersOf('/orders/1?token=x').get('referrer-policy')).toBe('no-referrer')
    expect(headersOf('/reset?token=x').get('referrer-policy')).toBe('no-referrer')
    expect(headersOf('/unsubscribe?token=x').get('referrer-policy')).toBe('no-referrer')
  })
  test('when any page is answered, scripts and styles come from here alone and inline ones not at all', () => {
    const policy = headersOf('/').get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("style-src 'self';")
    expect(policy).not.toContain('unsafe')
  })
})

test.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/a\nb', ''])(
  'when the way on is %j, it is not followed',
  (next) => {
    expect(localPath(next, '/account')).toBe('/account')
  },
)
test('when the way on is a path of ours, it is followed', () => {
  expect(localPath('/checkout?step=pay', '/account')).toBe('/checkout?step=pay')
})
