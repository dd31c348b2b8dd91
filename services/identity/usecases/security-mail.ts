/** Mails about the account itself: asked for by an event, their tokens derived when they are sent. */
import { SecurityMailRequested } from '@stoa/contracts/identity.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { LIFETIME_SECONDS, type Binding, type Purpose } from '../domain/tokens.ts'
import { insertSecurityRequest, type MailKind, type NewSecurityRequest, type SecurityRequest } from '../store/requests.ts'
import type { AccountRow } from '../store/accounts.ts'

/** Mails of one kind to one account within an hour. More would be somebody flooding a mailbox. */
const HOURLY_MAX = 10
/** How long a mail without a link may wait to be sent. */
const NOTICE_SECONDS = 48 * 3600

/** Asks for a mail, unless the account had too many of its kind. Call it with the account's row locked or just made. */
export async function requestMail(tx: Tx, request: Omit<NewSecurityRequest, 'lifetimeSeconds'>): Promise<void> {
  const lifetimeSeconds = purposeOf(request.kind) ? LIFETIME_SECONDS[request.kind as Purpose] : NOTICE_SECONDS
  if (!(await insertSecurityRequest(tx, { ...request, lifetimeSeconds }, HOURLY_MAX))) return
  tx.publish(SecurityMailRequested, { requestId: request.id, accountId: request.accountId, kind: request.kind })
}

/** What the link of a mail is for, if it has one. */
export function purposeOf(kind: MailKind): Purpose | undefined {
  return kind === 'confirm-email' || kind === 'reset-password' ? kind : undefined
}

export function bindingOf(purpose: Purpose, request: SecurityRequest, account: AccountRow): Binding {
  return { purpose, requestId: request.id, accountId: account.id, emailIndex: account.emailIndex, passwordVersion: account.passwordVersion }
}
