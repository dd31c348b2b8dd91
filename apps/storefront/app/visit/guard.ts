/**
 * Whether a request that changes something was sent from another site. Browsers say so themselves by Sec-Fetch-Site; the rest is
 * told by Origin. Neither header means no browser, and then there is no visitor whose cookies could be abused.
 */
export function isForgery(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false
  const site = request.headers.get('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  const origin = request.headers.get('origin')
  if (origin === null) return false
  // What our own pages with `no-referrer` send; their forms are useless without the secret in the address.
  if (origin === 'null') return !SECRET.test(new URL(request.url).pathname)
  return !URL.canParse(origin) || new URL(origin).host !== new URL(request.url).host
}

/** Pages that say who somebody is or what they bought: no cache keeps them, not even the browser's own, and no search engine. */
export const PERSONAL = ['account', 'cart', 'checkout', 'forgot', 'inbox', 'login', 'orders', 'register', 'reset', 'unsubscribe', 'verify']
const PERSONAL_PATH = new RegExp(`^/(?:${PERSONAL.join('|')})(?:[/.]|$)`)
/** Addresses that carry a secret: it must not leak to the next site by the Referer header. */
const SECRET = /^\/(?:orders|verify|reset|unsubscribe)(?:[/.]|$)/

/** Whether a page is one visitor's own. */
export function isPersonal(pathname: string): boolean {
  return PERSONAL_PATH.test(pathname)
}

/** Headers that every answer bears. */
export function pageHeaders(headers: Headers, request: Request): Headers {
  const { pathname } = new URL(request.url)
  headers.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  )
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', SECRET.test(pathname) ? 'no-referrer' : 'strict-origin-when-cross-origin')
  headers.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()')
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  // Beside the page's own word, for what is no page: redirects and streams.
  if (isPersonal(pathname)) headers.set('X-Robots-Tag', 'noindex')
  headers.set('Vary', 'Cookie, Accept-Language')
  headers.set('Cache-Control', isPersonal(pathname) ? 'private, no-store' : 'private, no-cache')
  return headers
}
