interface CookieOptions {
  /** Seconds; a session cookie without. */
  readonly maxAge?: number
  readonly path: string
}

/** `name=value` as a Cookie header holds it. */
export function cookieText(name: string, value: string): string {
  return `${name}=${value}`
}

/** The cookies of one request, as they are after what has been set since. */
export class CookieJar {
  readonly #values = new Map<string, string>()
  readonly #set = new Map<string, string>()
  readonly #secure: boolean

  constructor(header: string, secure: boolean) {
    this.#secure = secure
    for (const pair of header.split(';')) {
      const at = pair.indexOf('=')
      if (at > 0) this.#values.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  /** Sets a cookie of the storefront's own: HttpOnly, SameSite=Lax, Secure where the visit is. */
  set(name: string, value: string, options: CookieOptions): void {
    this.#values.set(name, value)
    const age = options.maxAge === undefined ? '' : `; Max-Age=${options.maxAge}`
    this.#set.set(
      `${name} ${options.path}`,
      `${name}=${value}; Path=${options.path}; HttpOnly; SameSite=Lax${age}${this.#secure ? '; Secure' : ''}`,
    )
  }

  /** Takes a cookie away, if the visitor has it. */
  drop(name: string, path = '/'): void {
    if (!this.#values.has(name)) return
    this.set(name, '', { maxAge: 0, path })
    this.#values.delete(name)
  }

  /** Hands on a Set-Cookie line of the API as it is, and believes it. */
  pass(line: string): void {
    const pair = line.split(';', 1)[0] as string
    const at = pair.indexOf('=')
    if (at <= 0) return
    const name = pair.slice(0, at).trim()
    const value = pair.slice(at + 1).trim()
    if (value === '' || /;\s*max-age=0\b/i.test(line)) this.#values.delete(name)
    else this.#values.set(name, value)
    this.#set.set(`${name} ${/;\s*path=([^;]+)/i.exec(line)?.[1]?.trim() ?? '/'}`, line)
  }

  lines(): readonly string[] {
    return [...this.#set.values()]
  }
}
