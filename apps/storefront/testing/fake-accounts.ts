import type { Profile, SavedAddress } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { type FakeRequest, type FakeRoute, type FakeShop, problem } from './fake-types.ts'

interface Account {
  profile: Profile
  password: string
}

/** Accounts with sessions and the secrets of mails; the demo shopper is there from the start. */
export class AccountBook {
  readonly #accounts = new Map<string, Account>()
  readonly #access = new Map<string, string>()
  readonly #refresh = new Map<string, string>()
  readonly #secrets = new Map<string, string>()
  #count = 0

  constructor() {
    this.open('shopper@stoa.example', 'stoa-demo-2026', 'Sam Shopper').profile.emailVerified = true
  }

  open(email: string, password: string, name: string | null): Account {
    const account: Account = {
      profile: {
        id: idOf(email),
        email,
        username: null,
        name,
        roles: ['customer'],
        emailVerified: false,
        groups: [],
        addresses: [],
        preferences: {},
      },
      password,
    }
    this.#accounts.set(account.profile.id, account)
    return account
  }

  byMail(email: string): Account | undefined {
    return [...this.#accounts.values()].find((one) => one.profile.email === email)
  }

  /** The account a secret of a mail belongs to; a secret works once. */
  bySecret(secret: string): Account | undefined {
    const email = this.#secrets.get(secret)
    this.#secrets.delete(secret)
    return email === undefined ? undefined : this.byMail(email)
  }

  byToken(token: string): string | null {
    return this.#access.get(token) ?? null
  }

  byRefresh(token: string | undefined): Account | undefined {
    const id = this.#refresh.get(token ?? '')
    this.#refresh.delete(token ?? '')
    return this.#accounts.get(id ?? '')
  }

  of(request: FakeRequest): Account | undefined {
    return this.#accounts.get(request.account ?? '')
  }

  session(account: Account): Response {
    const token = `access-${++this.#count}`
    const again = `refresh-${this.#count}`
    this.#access.set(token, account.profile.id)
    this.#refresh.set(again, account.profile.id)
    const { addresses: _addresses, preferences: _preferences, ...user } = account.profile
    return Response.json(
      { accessToken: token, tokenType: 'Bearer', expiresIn: 600, user },
      { headers: { 'Set-Cookie': `stoa_refresh=${again}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000` } },
    )
  }

  /** Writes a mail with a link to `page`. */
  mail(shop: FakeShop, to: string, subject: string, page: string): void {
    const secret = `secret-${++this.#count}`
    this.#secrets.set(secret, to)
    const link = `http://127.0.0.1/${page}?token=${secret}`
    const text = `Hello,\n\nfollow this link:\n${link}\n`
    shop.mails.unshift({ id: idOf(secret), channel: 'email', to, subject, text, html: '', links: [link], at: new Date().toISOString() })
  }

  newAddressId(): string {
    return idOf(`address ${++this.#count}`)
  }
}

export function accountRoutes(shop: FakeShop): FakeRoute[] {
  return [...doorRoutes(shop), ...passwordRoutes(shop), ...profileRoutes(shop)]
}

function doorRoutes(shop: FakeShop): FakeRoute[] {
  const { accounts } = shop
  return [
    [/^POST \/api\/register$/, ({ body }) => register(shop, body)],
    [
      /^POST \/api\/users\/verify$/,
      ({ body }) => {
        const account = accounts.bySecret(body.token)
        if (!account) return problem(422, 'invalid-token')
        account.profile.emailVerified = true
        return accounts.session(account)
      },
    ],
    [
      /^POST \/api\/login$/,
      ({ body }) => {
        const account = accounts.byMail(body.email)
        const right = account !== undefined && account.password === body.password && account.profile.emailVerified
        return right ? accounts.session(account) : problem(401, 'invalid-credentials')
      },
    ],
    [
      /^POST \/api\/token\/refresh$/,
      ({ cookies }) => {
        const account = accounts.byRefresh(cookies['stoa_refresh'])
        return account ? accounts.session(account) : problem(401, 'invalid-session')
      },
    ],
    [
      /^POST \/api\/logout(?:-all)?$/,
      () => new Response(null, { status: 204, headers: { 'Set-Cookie': 'stoa_refresh=; Path=/; HttpOnly; Max-Age=0' } }),
    ],
  ]
}

function register(shop: FakeShop, body: FakeRequest['body']): Response {
  if (body.username === 'taken') return problem(409, 'username-taken')
  if (/^(?:password|12345678)$/.test(body.password)) {
    return problem(422, 'invalid-request', {
      errors: [{ path: 'password', code: 'too-common', message: 'is among the commonest passwords' }],
    })
  }
  if (!shop.accounts.byMail(body.email)) shop.accounts.open(body.email, body.password, body.name ?? null)
  shop.accounts.mail(shop, body.email, 'Confirm your address', 'verify')
  return Response.json({ status: 'confirmation-sent' }, { status: 202 })
}

function passwordRoutes(shop: FakeShop): FakeRoute[] {
  const { accounts } = shop
  const done = () => new Response(null, { status: 204 })
  return [
    [
      /^POST \/api\/password\/forgot$/,
      ({ body }) => {
        if (accounts.byMail(body.email)) accounts.mail(shop, body.email, 'Set a new password', 'reset')
        return Response.json({ status: 'sent-if-known' }, { status: 202 })
      },
    ],
    [
      /^POST \/api\/password\/reset$/,
      ({ body }) => {
        const account = accounts.bySecret(body.token)
        if (!account) return problem(422, 'invalid-token')
        account.password = body.password
        return done()
      },
    ],
    [
      /^POST \/api\/password\/change$/,
      (request) => {
        const own = accounts.of(request)
        if (own?.password !== request.body.current) return problem(401, 'invalid-credentials')
        if (own) own.password = request.body.next
        return done()
      },
    ],
  ]
}

function profileRoutes({ accounts }: FakeShop): FakeRoute[] {
  const session = { device: 'Firefox on Linux', createdAt: '2026-11-20T08:00:00Z', lastSeenAt: '2026-11-21T09:30:00Z', current: true }
  return [
    [
      /^GET \/api\/profile$/,
      (request) => {
        const own = accounts.of(request)
        return own ? Response.json(own.profile) : problem(401, 'unauthenticated')
      },
    ],
    [
      /^PUT \/api\/users\/update$/,
      (request) => {
        const own = accounts.of(request)
        if (!own) return problem(401, 'unauthenticated')
        const { name, username, addresses, preferences } = request.body
        if (name !== undefined) own.profile.name = name
        if (username !== undefined) own.profile.username = username
        if (addresses !== undefined) own.profile.addresses = bookOf(addresses, accounts)
        if (preferences?.quietHours?.timeZone === 'Mars/Olympus')
          return problem(422, 'invalid-request', {
            errors: [{ path: 'preferences.quietHours.timeZone', code: 'not-allowed', message: 'no' }],
          })
        if (preferences !== undefined) own.profile.preferences = preferences
        return Response.json(own.profile)
      },
    ],
    [
      /^POST \/api\/notifications\/unsubscribe$/,
      ({ body }) =>
        body.token === 'a-token' ? Response.json({ kind: 'order-progress', wanted: body.wanted }) : problem(422, 'invalid-token'),
    ],
    [
      /^GET \/api\/sessions$/,
      (request) =>
        accounts.of(request) ? Response.json({ items: [{ id: idOf('session'), ...session }] }) : problem(401, 'unauthenticated'),
    ],
  ]
}

function bookOf(given: Partial<SavedAddress>[], accounts: AccountBook): SavedAddress[] {
  const book = given.map((one) => ({ default: false, ...one, id: one.id ?? accounts.newAddressId() }) as SavedAddress)
  const [first] = book
  if (first && !book.some((one) => one.default)) first.default = true
  return book
}
