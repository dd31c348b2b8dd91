/** Headers that go on from one connection to the next. */

/** Headers of one connection; they end with it (RFC 9110 §7.6.1). `expect` was answered where it arrived. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** The headers that are meant for who stands at the other end: none of the connection's own, nor those that it names. */
export function endToEnd(headers: Headers): [name: string, value: string | string[]][] {
  const named = new Set(
    [headers.connection ?? []]
      .flat()
      .join(',')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  )
  return Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !named.has(entry[0]),
  )
}
