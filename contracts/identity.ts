/** People, credentials, sessions, roles, addresses, person keys. */
import { Type } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { Address, CustomerGroup, Email, Empty, Id, Line, Moment, Name } from './shared.ts'

export const RoleName = Type.Union([
  Type.Literal('customer'),
  Type.Literal('vendor'),
  Type.Literal('admin'),
  Type.Literal('warehouse'),
  Type.Literal('pos'),
])
const Username = Type.String({ minLength: 3, maxLength: 40, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' })
const Password = Type.String({ minLength: 8, maxLength: 256 })
const Secret = Type.String({ minLength: 1, maxLength: 2000 })

export const User = object({
  id: Id,
  email: Type.String(),
  username: Type.Union([Type.String(), Type.Null()]),
  name: Type.Union([Type.String(), Type.Null()]),
  roles: Type.Array(RoleName),
  emailVerified: Type.Boolean(),
})
export const Session = object({ accessToken: Type.String(), tokenType: Type.Literal('Bearer'), expiresIn: Type.Integer(), user: User })
const SavedAddress = object({ ...Address.properties, id: Id, default: Type.Boolean() })
/** Mails that a person may do without, by what they are about. What concludes a contract or guards the account is none of them. */
export const MailKind = Type.Union([Type.Literal('order-progress'), Type.Literal('account-news')])
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' })
/** When mails that can wait do wait, by the clock of a place. May go over midnight. */
export const QuietHours = object({ from: TimeOfDay, to: TimeOfDay, timeZone: Type.String({ minLength: 1, maxLength: 64 }) })
const Preferences = object({
  language: Type.Optional(Type.String({ pattern: '^[a-z]{2}(-[A-Z]{2})?$' })),
  channels: Type.Optional(object({ email: Type.Optional(Type.Boolean()) })),
  /** Kinds of mails that are wanted; one that is not named is. */
  mails: Type.Optional(object({ 'order-progress': Type.Optional(Type.Boolean()), 'account-news': Type.Optional(Type.Boolean()) })),
  quietHours: Type.Optional(Type.Union([QuietHours, Type.Null()])),
})
/** The customer groups of an account; price lists may be for one of them. */
const Groups = Type.Array(CustomerGroup, { maxItems: 20, uniqueItems: true })
export const Profile = object({ ...User.properties, groups: Groups, addresses: Type.Array(SavedAddress), preferences: Preferences })

export const Register = route('POST /register', {
  summary: 'Opens an account; a link in a mail confirms the address. The answer is the same whether the address is known or not.',
  permission: 'public',
  class: 'login',
  aliases: ['/users/register'],
  body: object({ email: Email, password: Password, username: Type.Optional(Username), name: Type.Optional(Name) }),
  output: object({ status: Type.Literal('confirmation-sent') }),
  status: 202,
  refusals: { 'username-taken': 409, 'invalid-request': 422 },
})
export const VerifyEmail = route('POST /users/verify', {
  summary: 'Confirms an e-mail address with the token of the mail and logs in.',
  permission: 'public',
  class: 'login',
  body: object({ token: Secret }),
  output: Session,
  refusals: { 'invalid-token': 422 },
})
export const Login = route('POST /login', {
  summary: 'Logs in by e-mail or user name. The refresh token comes in the HttpOnly cookie `stoa_refresh`.',
  permission: 'public',
  class: 'login',
  aliases: ['/users/login'],
  body: object({
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 254 })),
    password: Type.String({ minLength: 1, maxLength: 256 }),
    staySignedIn: Type.Optional(Type.Boolean()),
  }),
  output: Session,
  refusals: { 'invalid-credentials': 401, 'invalid-request': 422, 'too-many-requests': 429 },
})
export const RefreshSession = route('POST /token/refresh', {
  summary: 'Trades the refresh cookie for a new session; a spent token ends its whole family.',
  permission: 'public',
  class: 'login',
  body: Empty,
  output: Session,
  refusals: { 'invalid-session': 401, forbidden: 403 },
})
export const Logout = route('POST /logout', {
  summary: 'Ends this session.',
  permission: 'public',
  class: 'login',
  body: Empty,
  output: Empty,
  status: 204,
  refusals: { forbidden: 403 },
})
export const LogoutEverywhere = route('POST /logout-all', {
  summary: 'Ends every session of the account.',
  permission: 'customer',
  class: 'login',
  body: Empty,
  output: Empty,
  status: 204,
})
export const ListSessions = route('GET /sessions', {
  summary: 'The account’s live sessions.',
  permission: 'customer',
  class: 'login',
  output: object({
    items: Type.Array(object({ id: Id, device: Type.String(), createdAt: Moment, lastSeenAt: Moment, current: Type.Boolean() })),
  }),
})
export const ForgotPassword = route('POST /password/forgot', {
  summary: 'Sends a recovery link if the address has an account; the answer does not tell.',
  permission: 'public',
  class: 'login',
  body: object({ email: Email }),
  output: object({ status: Type.Literal('sent-if-known') }),
  status: 202,
})
export const ResetPassword = route('POST /password/reset', {
  summary: 'Sets a new password with the token of the recovery mail; ends every session.',
  permission: 'public',
  class: 'login',
  body: object({ token: Secret, password: Password }),
  output: Empty,
  status: 204,
  refusals: { 'invalid-token': 422, 'invalid-request': 422 },
})
export const ChangePassword = route('POST /password/change', {
  summary: 'Changes the password; every other session ends.',
  permission: 'customer',
  class: 'login',
  body: object({ current: Type.String({ minLength: 1, maxLength: 256 }), next: Password }),
  output: Empty,
  status: 204,
  refusals: { 'invalid-credentials': 401, 'invalid-request': 422, 'too-many-requests': 429 },
})
export const GetProfile = route('GET /profile', {
  summary: 'The account’s own data.',
  permission: 'customer',
  class: 'browse',
  aliases: ['/users/profile'],
  output: Profile,
})
export const UpdateProfile = route('PUT /users/update', {
  summary:
    'Changes what is given. `addresses` replaces the address book; entries with a known `id` keep it; exactly one may be the default.',
  permission: 'customer',
  class: 'login',
  body: object({
    name: Type.Optional(Name),
    username: Type.Optional(Username),
    addresses: Type.Optional(
      Type.Array(object({ ...Address.properties, id: Type.Optional(Id), default: Type.Optional(Type.Boolean()) }), { maxItems: 50 }),
    ),
    preferences: Type.Optional(Preferences),
  }),
  output: Profile,
  refusals: { 'username-taken': 409, 'invalid-request': 422 },
})
const ManageAccounts = staff('accounts:write', 'admin')
export const SetRoles = route('PUT /users/{id}/roles', {
  summary: 'Sets the roles of an account; its sessions end, so that old tokens lose them within ten minutes.',
  permission: ManageAccounts,
  class: 'staff',
  params: object({ id: Id }),
  body: object({ roles: Type.Array(RoleName, { minItems: 1, maxItems: 5, uniqueItems: true }) }),
  output: User,
  refusals: { 'not-found': 404 },
})
export const SetGroups = route('PUT /users/{id}/groups', {
  summary: 'Sets the customer groups of an account. They count from its next access token on: within ten minutes, at once after a login.',
  permission: ManageAccounts,
  class: 'staff',
  params: object({ id: Id }),
  body: object({ groups: Groups }),
  output: object({ ...User.properties, groups: Groups }),
  refusals: { 'not-found': 404 },
})
export const RotateSigningKeys = route('POST /keys/rotate', {
  summary: 'Publishes a new signing key and signs with it once caches have it; nobody is logged out.',
  permission: staff('keys:write', 'admin'),
  class: 'staff',
  body: Empty,
  output: object({ keyId: Type.String(), signsFrom: Moment }),
  status: 201,
})
const Jwks = object({ keys: Type.Array(Type.Record(Type.String(), Type.String())) })
export const GetJwks = route('GET /.well-known/jwks.json', {
  summary: 'Public keys that access tokens are checked with (RFC 7517).',
  permission: 'public',
  class: 'browse',
  output: Jwks,
})

/** For the chassis: the keys to check access tokens with. */
export const SigningKeys = call('identity.SigningKeys', {
  summary: 'Public keys for access tokens, next one included.',
  input: Empty,
  output: Jwks,
  repeatable: true,
})
/** For the chassis: an access token lives for minutes, its login may end sooner. */
export const LiveSessions = call('identity.LiveSessions', {
  summary: 'Those of these logins that go on.',
  input: object({ sessionIds: Type.Array(Id, { minItems: 1, maxItems: 100 }) }),
  output: object({ sessionIds: Type.Array(Id) }),
  repeatable: true,
  deadlineMs: 1000,
})
/** A person's data key, for encrypting what belongs to them elsewhere. A guest gets one per order. */
export const OpenPersonKey = call('identity.OpenPersonKey', {
  summary:
    'The data key of an account, or of a new guest when no account is given; made on first use. `personId` fixes a new guest’s id, so that a retry gets the same key.',
  input: object({ personId: Id, guest: Type.Boolean() }),
  output: object({ personId: Id, key: Type.String() }),
  refusals: { 'not-found': 404 },
  repeatable: true,
})
export const ContactOf = call('identity.ContactOf', {
  summary: 'Where and in what language to write to an account.',
  input: object({ accountId: Id }),
  output: object({
    email: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    language: Type.String(),
    wantsEmail: Type.Boolean(),
    unwanted: Type.Array(MailKind),
    quietHours: Type.Union([QuietHours, Type.Null()]),
  }),
  refusals: { 'not-found': 404 },
  repeatable: true,
})
export const SetMailWish = call('identity.SetMailWish', {
  summary: 'Writes into an account’s preferences whether it wants a kind of mails.',
  input: object({ accountId: Id, kind: MailKind, wanted: Type.Boolean() }),
  output: Empty,
  refusals: { 'not-found': 404 },
  repeatable: true,
})
export const AccountByEmail = call('identity.AccountByEmail', {
  summary: 'The account that an address belongs to, for staff who look for its orders.',
  input: object({ email: Email }),
  output: object({ accountId: Id }),
  refusals: { 'not-found': 404 },
  repeatable: true,
})
export const DefaultAddress = call('identity.DefaultAddress', {
  summary: 'An account’s default address.',
  input: object({ accountId: Id }),
  output: Address,
  refusals: { 'address-missing': 422 },
  repeatable: true,
})
/** What a mail about the account itself says. Its token is derived, never stored; asked for when the mail is sent. */
export const SecurityMail = call('identity.SecurityMail', {
  summary: 'Content of a mail that identity asked for.',
  input: object({ requestId: Id }),
  output: object({
    to: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    language: Type.String(),
    token: Type.Union([Type.String(), Type.Null()]),
  }),
  refusals: { 'not-found': 404 },
  repeatable: true,
})

const topic = 'identity.events'
const account = { topic, version: 1, key: 'accountId' as const }
export const AccountRegistered = event('AccountRegistered', {
  summary: 'An account was opened; its address is not confirmed yet.',
  ...account,
  data: object({ accountId: Id }),
})
export const AccountVerified = event('AccountVerified', {
  summary: 'An account’s address was confirmed.',
  ...account,
  data: object({ accountId: Id }),
})
export const AccountChanged = event('AccountChanged', {
  summary: 'Profile, roles, groups, password or addresses of an account changed.',
  ...account,
  data: object({ accountId: Id, changed: Type.Array(Line) }),
})
export const LoggedIn = event('LoggedIn', { summary: 'Somebody logged in.', ...account, data: object({ accountId: Id, sessionId: Id }) })
export const SecurityMailRequested = event('SecurityMailRequested', {
  summary: 'A mail about the account itself must be sent; its content is had by the call SecurityMail.',
  topic,
  version: 1,
  key: 'accountId',
  data: object({
    requestId: Id,
    accountId: Id,
    kind: Type.Union([
      Type.Literal('confirm-email'),
      Type.Literal('already-registered'),
      Type.Literal('reset-password'),
      Type.Literal('password-changed'),
      Type.Literal('welcome'),
    ]),
  }),
})
