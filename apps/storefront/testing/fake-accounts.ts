import type { Profile, SavedAddress } from '../app/visit/shop.ts'
import { idOf } from './fake-goods.ts'
import { problem, type FakeRoute, type FakeShop } from './fake-api.ts'

interface Account {
  profile: Profile
  password: string
}
export interface FakeAccounts {
  routes(shop: FakeShop): [RegExp, FakeRoute][]
  byToken(token: string): string | null
  get(id: string): Account | undefined
}

/** Accounts with sessions; the demo shopper is there from the start. */
export function fakeAccounts(): FakeAccounts {
  const accounts = new Map<string, Account>()
  const access = new Map<string, string>()
  const refresh = new Map<string, string>()
  const secrets = new Map<string, string>()
  let count = 0

  function open(email: string, password: string, name: string | null, verified: boolean): Account {
    const account: Account = {
      profile: {
        id: idOf(email),
        email,
        username: null,
        name,
        roles: ['customer'],
        emailVerified: verified,
        addresses: [],
        preferences: {},
      },
      password,
    }
    accounts.set(account.profile.id, account)
    return account
  }
  open('shopper@stoa.example', 'stoa-demo-2026', 'Sam Shopper', true)

  function session(account: Account): Response {
    const token = `access-${++count}`
    const again = `refresh-${count}`
    access.set(token, account.profile.id)
    refresh.set(again, account.profile.id)
    const { addresses: _addresses, preferences: _preferences, ...user } = account.profile
    return Response.json(
      { accessToken: token, tokenType: 'Bearer', expiresIn: 600, user },
      { headers: { 'Set-Cookie': `stoa_refresh=${again}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000` } },
    )
  }
  const byMail = (email: string) => [...accounts.values()].find((one) => one.profile.email === email)
  function mail(shop: FakeShop, to: string, subject: string, page: string): void {
    const secret = `secret-${++count}`
    secrets.set(secret, to)
    const link = `http://127.0.0.1/${page}?token=${secret}`
    shop.mails.unshift({
      id: idOf(secret),
      channel: 'email',
      to,
      subject,
      text: `Hello,\n\nfollow this link:\n${link}\n`,
      html: '',
      links: [link],
      at: new Date().toISOString(),
    })
  }

  const routes = (shop: FakeShop): [RegExp, FakeRoute][] => [
    [
      /^POST \/api\/register$/,
      ({ body }) => {
        if (body.username === 'taken') return problem(409, 'username-taken')
        if (/^(?:password|12345678)$/.test(body.password))
          return problem(422, 'invalid-request', {
            errors: [{ path: 'password', code: 'too-common', message: 'is among the commonest passwords' }],
          })
        if (!byMail(body.email)) open(body.email, body.password, body.name ?? null, false)
        mail(shop, body.email, 'Confirm your address', 'verify')
        return Response.json({ status: 'confirmation-sent' }, { status: 202 })
      },
    ],
    [
      /^POST \/api\/users\/verify$/,
      ({ body }) => {
        const account = byMail(secrets.get(body.token) ?? '')
        if (!account) return problem(422, 'invalid-token')
        secrets.delete(body.token)
        account.profile.emailVerified = true
        return session(account)
      },
    ],
    [
      /^POST \/api\/login$/,
      ({ body }) => {
        const account = byMail(body.email)
        return account && account.password === body.password && account.profile.emailVerified
          ? session(account)
          : problem(401, 'invalid-credentials')
      },
    ],
    [
      /^POST \/api\/token\/refresh$/,
      ({ cookies }) => {
        const account = accounts.get(refresh.get(cookies['stoa_refresh'] ?? '') ?? '')
        if (!account) return problem(401, 'invalid-session')
        refresh.delete(cookies['stoa_refresh'] as string)
        return session(account)
      },
    ],
    [
      /^POST \/api\/logout(?:-all)?$/,
      () => new Response(null, { status: 204, headers: { 'Set-Cookie': 'stoa_refresh=; Path=/; HttpOnly; Max-Age=0' } }),
    ],
    [
      /^POST \/api\/password\/forgot$/,
      ({ body }) => {
        if (byMail(body.email)) mail(shop, body.email, 'Set a new password', 'reset')
        return Response.json({ status: 'sent-if-known' }, { status: 202 })
      },
    ],
    [
      /^POST \/api\/password\/reset$/,
      ({ body }) => {
        const account = byMail(secrets.get(body.token) ?? '')
        if (!account) return problem(422, 'invalid-token')
        account.password = body.password
        return new Response(null, { status: 204 })
      },
    ],
    [
      /^POST \/api\/password\/change$/,
      ({ account, body }) => {
        const own = accounts.get(account ?? '')
        if (!own || own.password !== body.current) return problem(401, 'invalid-credentials')
        own.password = body.next
        return new Response(null, { status: 204 })
      },
    ],
    [/^GET \/api\/profile$/, ({ account }) => (account ? Response.json(accounts.get(account)?.profile) : problem(401, 'unauthenticated'))],
    [
      /^PUT \/api\/users\/update$/,
      ({ account, body }) => {
        const own = accounts.get(account ?? '')
        if (!own) return problem(401, 'unauthenticated')
        if (body.name !== undefined) own.profile.name = body.name
        if (body.username !== undefined) own.profile.username = body.username
        if (body.addresses !== undefined) {
          own.profile.addresses = (body.addresses as Partial<SavedAddress>[]).map(
            (one) => ({ default: false, ...one, id: one.id ?? idOf(`address ${++count}`) }) as SavedAddress,
          )
          const [first] = own.profile.addresses
          if (first && !own.profile.addresses.some((one) => one.default)) first.default = true
        }
        return Response.json(own.profile)
      },
    ],
    [
      /^GET \/api\/sessions$/,
      ({ account }) =>
        account
          ? Response.json({
              items: [
                {
                  id: idOf('session'),
                  device: 'Firefox on Linux',
                  createdAt: '2026-11-20T08:00:00Z',
                  lastSeenAt: '2026-11-21T09:30:00Z',
                  current: true,
                },
              ],
            })
          : problem(401, 'unauthenticated'),
    ],
  ]
  return { routes, byToken: (token) => access.get(token) ?? null, get: (id) => accounts.get(id) }
}
