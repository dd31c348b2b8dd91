/** Fields whose values never reach a log, a span or an error page. */
export const REDACTED_FIELDS = [
  'password',
  'current',
  'next',
  'token',
  'accessToken',
  'refreshToken',
  'viewToken',
  'authorization',
  'cookie',
  'email',
  'phone',
  'shippingAddress',
  'billingAddress',
  'address',
  'cardNumber',
  'secret',
  'key',
]

const SHAPES: readonly [RegExp, string][] = [
  [/\b(?:\d[ -]?){13,19}\b/g, '[card]'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[jwt]'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '[email]'],
  [/([?&](?:token|code|state)=)[^&\s"]+/gi, '$1[redacted]'],
  [/\btok_\w+/g, '[card-token]'],
]

/** Removes what looks like a card number, token or e-mail address from `text`. */
export function redactText(text: string): string {
  return SHAPES.reduce((clean, [shape, instead]) => clean.replace(shape, instead), text)
}
