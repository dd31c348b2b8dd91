/** How addresses and user names are compared, and what is told of a device. */

/** The form in which an e-mail address is looked up: case and outer blanks do not count. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase()
}

/** The form in which a user name is unique: case does not count. */
export function foldUsername(username: string): string {
  return username.trim().normalize('NFKC').toLowerCase()
}

/** Who wants to log in: an address, or a user name (which never holds an `@`). */
export type Identifier = { readonly kind: 'email'; readonly value: string } | { readonly kind: 'username'; readonly value: string }

/** Reads `email` and `username` of a login. Undefined when neither is given. */
export function identifierOf(given: { email?: string; username?: string }): Identifier | undefined {
  const text = given.email ?? given.username
  if (text === undefined) return undefined
  return text.includes('@') ? { kind: 'email', value: normaliseEmail(text) } : { kind: 'username', value: foldUsername(text) }
}

const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
]

/** A device as its owner would name it, from a `User-Agent` header. */
export function describeDevice(userAgent: string | undefined): string {
  const named = (table: readonly (readonly [RegExp, string])[]) => table.find(([shape]) => shape.test(userAgent ?? ''))?.[1]
  const [browser, system] = [named(browsers), named(systems)]
  if (browser && system) return `${browser} on ${system}`
  return browser ?? system ?? 'Unknown device'
}

/** The network a client's address lies in: /24 of IPv4, /48 of IPv6. A phone that changes its last digits stays the same client. */
export function addressPrefix(address: string): string {
  const plain = address.replace(/^::ffff:/i, '')
  if (plain.includes('.')) return plain.split('.').slice(0, 3).join('.')
  const [head = '', tail] = plain.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
  return [...front, ...middle, ...back]
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')
}

/** Languages that mails are written in, the shop's own first. */
export const LANGUAGES = ['en', 'de'] as const

/** The first language of an `Accept-Language` header that the shop writes in. */
export function preferredLanguage(header: string | undefined): string {
  const wanted = (header ?? '')
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const quality = Number(parameters.find((one) => one.trim().startsWith('q='))?.split('=')[1] ?? 1)
      return { language: tag.slice(0, 2), quality: Number.isFinite(quality) ? quality : 0 }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  return wanted.find(({ language }) => (LANGUAGES as readonly string[]).includes(language))?.language ?? LANGUAGES[0]
}
