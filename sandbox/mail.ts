import PostalMime from 'postal-mime'
import type { Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerSession } from 'smtp-server'
import { freshId } from './book.ts'
import type { Book } from './book.ts'
import type { Route } from './http.ts'
import { cursorOf, limitOf } from './input.ts'

const MAIL_BYTES_MAX = 5_000_000
const INBOX_LIMIT_MAX = 200
const LINKS_MAX = 200

/** A mail as it came, for one of its recipients. */
interface MailRow {
  seq: number
  id: string
  recipient: string
  sender: string
  message_id: string
  raw: Uint8Array
  at: number
}

/** An SMTP server that acknowledges a message only when it is in the book: one entry for each recipient, repeats included. */
export function makeMailServer(book: Book, isDown: () => boolean): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    banner: 'sandbox mail sink',
    size: MAIL_BYTES_MAX,
    onConnect(_session, acknowledge) {
      acknowledge(isDown() ? refusal(421, 'The mail sink is down') : null)
    },
    onData(stream, session, acknowledge) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => {
        if (!stream.sizeExceeded) chunks.push(chunk)
      })
      stream.on('end', () => {
        if (stream.sizeExceeded) return acknowledge(refusal(552, 'The message is too large'))
        try {
          store(book, Buffer.concat(chunks), session)
        } catch (error) {
          process.stderr.write(`sandbox: mail not stored: ${String(error)}\n`)
          return acknowledge(refusal(451, 'The message could not be stored'))
        }
        acknowledge(null)
      })
    },
  })
  // A client that breaks off is no reason to end; what was not acknowledged is sent again.
  server.on('error', (error: Error) => process.stderr.write(`sandbox: smtp: ${error.message}\n`))
  return server
}

/** The inbox: every message that was acknowledged, newest first; with `brief` only whose it is. */
export function inboxRoutes(book: Book): Route[] {
  return [
    {
      method: 'GET',
      path: '/inbox',
      access: 'secret',
      async answer(call) {
        const limit = limitOf(call.query, INBOX_LIMIT_MAX)
        const rows = book.all<MailRow>(
          'SELECT * FROM mails WHERE (?1 IS NULL OR recipient = ?1) AND (?2 IS NULL OR seq < ?2) ORDER BY seq DESC LIMIT ?3',
          call.query.get('to')?.toLowerCase() ?? null,
          cursorOf(call.query, 'cursor'),
          limit,
        )
        const last = rows.at(-1)
        const items = call.query.has('brief') ? rows.map(envelopeOf) : await Promise.all(rows.map(present))
        return { status: 200, json: { items, nextCursor: last && rows.length === limit ? String(last.seq) : null } }
      },
    },
  ]
}

/** Kept as it came, and read when somebody looks: most mails of a load test nobody does. */
function store(book: Book, raw: Buffer, session: SMTPServerSession): void {
  const sender = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address
  const messageId = messageIdOf(raw)
  const now = Date.now()
  book.transact(() => {
    for (const { address } of session.envelope.rcptTo) {
      book.run(
        'INSERT INTO mails (id, recipient, sender, message_id, raw, at) VALUES (?, ?, ?, ?, ?, ?)',
        freshId('msg'),
        address.toLowerCase(),
        sender,
        messageId,
        raw,
        now,
      )
    }
  })
}

/** The `Message-ID` of a mail's head; empty when it has none. */
function messageIdOf(raw: Buffer): string {
  const end = raw.indexOf('\r\n\r\n')
  const head = raw.toString('latin1', 0, end < 0 ? raw.length : end)
  return /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? ''
}

function envelopeOf(row: MailRow) {
  return {
    id: row.id,
    channel: 'email',
    to: row.recipient,
    from: row.sender,
    messageId: row.message_id,
    at: new Date(row.at).toISOString(),
  }
}

/** A mail that cannot be taken apart is shown as it came: it must not close the inbox for the others. */
async function present(row: MailRow) {
  const asItCame = { headers: [], subject: '', text: Buffer.from(row.raw).toString('latin1'), html: '' }
  const mail = await PostalMime.parse(row.raw).catch(() => asItCame)
  return {
    ...envelopeOf(row),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    links: linksOf(mail),
    headers: Object.fromEntries(mail.headers.map((header) => [header.key, header.value])),
  }
}

/** The addresses a mail leads to, in order, each once: `href`s first, then addresses in the plain text. */
function linksOf(mail: Pick<Email, 'html' | 'text'>): string[] {
  const hrefs = [...(mail.html ?? '').matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map((match) =>
    decode(match[1] ?? match[2] ?? ''),
  )
  const plain = [...(mail.text ?? '').matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map((match) => match[0].replace(/[.,;:!?]+$/, ''))
  return [...new Set([...hrefs, ...plain])].filter((link) => /^(https?|mailto):/i.test(link)).slice(0, LINKS_MAX)
}

function decode(attribute: string): string {
  const named: Record<string, string> = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }
  return attribute.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(amp|quot|lt|gt|apos));/gi, (_all, hex?: string, decimal?: string, name?: string) => {
    if (name) return named[name.toLowerCase()] ?? ''
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}
