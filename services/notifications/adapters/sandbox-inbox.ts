/** The sandbox's mail sink keeps a book of what it accepted, so it can be asked. */
import { request } from 'undici'
import type { Inquiry } from '../domain/delivery.ts'

/** Whose a mail is. */
interface Envelope {
  readonly id: string
  readonly channel: string
  readonly to: string
  readonly messageId: string
  readonly at: string
}

export interface SandboxMail extends Envelope {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: string[]
}

interface Inbox<Mail> {
  readonly items: Mail[]
  readonly nextCursor: string | null
}

export interface Sandbox {
  readonly url: string
  readonly secret: string
}

const ANSWER_MS_MAX = 5000
const PAGE = 200
/** Without what the mails say. */
const BRIEF = { brief: '1' }
/** How far back the check for repeats looks. */
const REPEAT_PAGES_MAX = 25

interface Query {
  readonly to?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of the inbox, newest first. Throws: when the sandbox does not answer. `bad-cursor` when it does not know the cursor. */
export function readInbox(sandbox: Sandbox, query: Query): Promise<Inbox<SandboxMail> | 'bad-cursor'> {
  return read<SandboxMail>(sandbox, query, {})
}

async function read<Mail>(sandbox: Sandbox, query: Query, more: Readonly<Record<string, string>>): Promise<Inbox<Mail> | 'bad-cursor'> {
  const parameters = new URLSearchParams({ limit: String(query.limit), ...more })
  if (query.to !== undefined) parameters.set('to', query.to)
  if (query.cursor !== undefined) parameters.set('cursor', query.cursor)
  const { statusCode, body } = await request(`${sandbox.url}/inbox?${parameters}`, {
    headers: { authorization: `Bearer ${sandbox.secret}` },
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  })
  const answer = (await body.json()) as Inbox<Mail>
  if (statusCode === 422) return 'bad-cursor'
  if (statusCode !== 200) throw new Error(`the sandbox answered ${statusCode}`)
  return answer
}

/** Whether the sink holds a message. It is absent only if the whole inbox of the address was seen. */
export async function inquire(sandbox: Sandbox, messageId: string, to: string): Promise<Inquiry> {
  let cursor: string | undefined
  for (let page = 0; page < REPEAT_PAGES_MAX; page++) {
    const inbox = await read<Envelope>(sandbox, { to, limit: PAGE, cursor }, BRIEF).catch(() => undefined)
    if (inbox === undefined || inbox === 'bad-cursor') return 'unknown'
    if (inbox.items.some((mail) => mail.messageId === messageId)) return 'accepted'
    if (inbox.nextCursor === null) return 'absent'
    cursor = inbox.nextCursor
  }
  return 'unknown'
}

/** Messages that the sink accepted more than once, among the latest. */
export async function findRepeats(sandbox: Sandbox): Promise<{ examined: number; repeated: string[] }> {
  const copies = new Map<string, number>()
  let cursor: string | undefined
  for (let page = 0; page < REPEAT_PAGES_MAX; page++) {
    const inbox = await read<Envelope>(sandbox, { limit: PAGE, cursor }, BRIEF)
    if (inbox === 'bad-cursor') break
    for (const mail of inbox.items) copies.set(`${mail.messageId} ${mail.to}`, (copies.get(`${mail.messageId} ${mail.to}`) ?? 0) + 1)
    if (inbox.nextCursor === null) break
    cursor = inbox.nextCursor
  }
  const repeated = [...copies].filter(([, count]) => count > 1).map(([which, count]) => `${which.split(' ')[0]} (${count} times)`)
  return { examined: copies.size, repeated }
}
