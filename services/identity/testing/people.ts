/** People for tests of this room: registered through its doors, confirmed by the token their mail would hold. */
import { isRefusal } from '@stoa/chassis/contract.ts'
import { openRoom, type Room, type RoomOptions } from '@stoa/chassis/testing/room.ts'
import { SecurityMail, SecurityMailRequested } from '@stoa/contracts/identity.ts'
import identity from '../service.ts'

export const PASSWORD = 'a quiet colonnade'

/** The columns of deadlines that `advance` moves. */
const deadlines = {
  identity: [
    'usernames.held_until',
    'security_requests.created_at',
    'security_requests.expires_at',
    'sessions.created_at',
    'sessions.last_seen_at',
    'sessions.expires_at',
    'refresh_tokens.issued_at',
    'refresh_tokens.spent_at',
    'signing_keys.published_at',
    'signing_keys.signs_from',
    'key_encryption_keys.created_at',
    'accounts.created_at',
  ],
}

/** Identity alone, with the demo's accounts off unless told. */
export async function openIdentity(options: Partial<RoomOptions> = {}): Promise<Room> {
  return openRoom({ services: [identity], deadlines, ...options })
}

let counter = 0

/** An address nobody has used in this process. */
export function freshEmail(): string {
  counter++
  return `person-${counter}@example.org`
}

/** The mails asked for so far, oldest first, each with what it would say. */
export async function mailsTo(
  room: Room,
  email: string,
): Promise<{ kind: string; token: string | null; requestId: string; language: string; name: string | null }[]> {
  await room.settled()
  const mails = []
  for (const { requestId, kind } of await room.events(SecurityMailRequested)) {
    const mail = await room.call(SecurityMail, { requestId })
    if (!isRefusal(mail) && mail.to === email) mails.push({ kind, token: mail.token, requestId, language: mail.language, name: mail.name })
  }
  return mails
}

/** The token of the latest mail of a kind. Throws: when there is none. */
export async function tokenOf(room: Room, email: string, kind: 'confirm-email' | 'reset-password'): Promise<string> {
  const token = (await mailsTo(room, email)).findLast((mail) => mail.kind === kind)?.token
  if (!token) throw new Error(`no ${kind} to ${email}`)
  return token
}

/** A tampered copy of a token: its last character is another one. */
export function tampered(token: string): string {
  return `${token.slice(0, -1)}${token.endsWith('A') ? 'E' : 'A'}`
}

export interface Person {
  readonly email: string
  readonly id: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** Registers and confirms somebody. */
export async function newPerson(room: Room, given: { email?: string; username?: string; name?: string } = {}): Promise<Person> {
  const email = given.email ?? freshEmail()
  const registered = await room.request('POST /api/register', { body: { email, password: PASSWORD, ...given } })
  if (registered.status !== 202) throw new Error(`registering ${email}: ${registered.status} ${JSON.stringify(registered.body)}`)
  const verified = await room.request('POST /api/users/verify', { body: { token: await tokenOf(room, email, 'confirm-email') } })
  return { email, id: verified.body.user.id, accessToken: verified.body.accessToken, refreshToken: refreshTokenOf(verified) }
}

/** The refresh token that an answer sets. */
export function refreshTokenOf(answer: { cookies: readonly { name: string; value: string }[] }): string {
  return answer.cookies.find((cookie) => cookie.name === 'stoa_refresh')?.value ?? ''
}

export function bearer(person: { accessToken: string }): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${person.accessToken}` } }
}
