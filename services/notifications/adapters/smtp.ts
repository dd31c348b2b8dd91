/**
 * SMTP with kept connections. nodemailer's own pool puts a message back in its queue when a connection breaks, also after the message
 * had been transmitted; here a broken connection is told as what it is, so that a message is never handed over twice.
 */
import { Readable } from 'node:stream'
import MailComposer from 'nodemailer/lib/mail-composer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Handover } from '../domain/delivery.ts'
import { TRY_SECONDS_MAX, type MailTransport, type OutgoingMail } from './mail-transport.ts'

const CONNECT_MS_MAX = 5000
const REPLY_MS_MAX = 10_000
/** The body is not begun later than this after the handover began: what was frozen meanwhile gives up instead of sending late. */
const BODY_BEGINS_MS_MAX = 10_000
const IDLE_MS_MAX = 5000
const IDLE_CONNECTIONS_MAX = 8

interface Kept {
  readonly connection: SMTPConnection
  readonly idle: NodeJS.Timeout
}

/** A transport to `url`, e.g. `smtp://user:password@host:587`; `smtps:` for TLS from the start. */
export function smtpTransport(url: string): MailTransport {
  const kept: Kept[] = []
  const keep = (connection: SMTPConnection) => {
    if (kept.length >= IDLE_CONNECTIONS_MAX) return connection.quit()
    const idle = setTimeout(() => {
      forget(kept, connection)
      connection.quit()
    }, IDLE_MS_MAX)
    kept.push({ connection, idle: idle.unref() })
  }
  const take = (): SMTPConnection | undefined => {
    for (let one = kept.pop(); one; one = kept.pop()) {
      clearTimeout(one.idle)
      if (!one.connection.destroyed) return one.connection
    }
    return undefined
  }
  return {
    async send(mail) {
      let raw: Buffer
      try {
        raw = await compose(mail)
      } catch (error) {
        return { kind: 'refused', why: `the mail could not be written: ${textOf(error)}` }
      }
      const old = take()
      // The server may have closed a kept connection without a word: then nothing was sent, and a new one is tried.
      const first = old ? await transmit(old, mail, raw, keep) : undefined
      if (first && first.kind !== 'not-sent') return first
      try {
        return await transmit(await connect(url), mail, raw, keep)
      } catch (error) {
        return { kind: 'not-sent', why: textOf(error) }
      }
    },
    close() {
      for (const { connection, idle } of kept.splice(0)) {
        clearTimeout(idle)
        connection.close()
      }
    },
  }
}

function forget(kept: Kept[], connection: SMTPConnection): void {
  const index = kept.findIndex((one) => one.connection === connection)
  if (index >= 0) kept.splice(index, 1)
}

function compose(mail: OutgoingMail): Promise<Buffer> {
  const { from, to, subject, text, html, messageId, date, unsubscribeUrl } = mail
  const wayOut =
    unsubscribeUrl === null ? {} : { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  const composer = new MailComposer({
    from,
    to,
    subject,
    text,
    html,
    messageId,
    date,
    headers: { 'Auto-Submitted': 'auto-generated', ...wayOut },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return new Promise((resolve, reject) => {
    composer.compile().build((error, message) => (error || !message ? reject(error ?? new Error('nothing was written')) : resolve(message)))
  })
}

async function connect(url: string): Promise<SMTPConnection> {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const connection = new SMTPConnection({
    host: hostname,
    secure,
    ...(port === '' ? {} : { port: Number(port) }),
    connectionTimeout: CONNECT_MS_MAX,
    greetingTimeout: CONNECT_MS_MAX,
    dnsTimeout: CONNECT_MS_MAX,
    socketTimeout: REPLY_MS_MAX,
    socketCloseTimeout: 0,
  })
  await settled((done) => {
    connection.once('error', done)
    connection.connect(done)
  })
  connection.removeAllListeners('error')
  // A broken idle connection is replaced at its next use.
  connection.on('error', () => {})
  if (username !== '') {
    const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    await settled((done) => connection.login({ credentials: auth }, done)).catch((error: unknown) => {
      connection.close()
      throw error
    })
  }
  return connection
}

/** Hands the message over on an open connection, which is kept if it can be used again. */
function transmit(
  connection: SMTPConnection,
  mail: OutgoingMail,
  raw: Buffer,
  keep: (connection: SMTPConnection) => void,
): Promise<Handover> {
  const begun = performance.now()
  let bodyBegun = false
  // Read only after the server has asked for the body: until then it is certain that nothing was accepted.
  const body = new Readable({
    read() {
      if (performance.now() - begun > BODY_BEGINS_MS_MAX) return void this.destroy(new Error('too late to begin'))
      bodyBegun = true
      this.push(raw)
      this.push(null)
    },
  })
  return new Promise((resolve) => {
    const deadline = setTimeout(() => {
      connection.close()
      resolve(bodyBegun ? { kind: 'unknown', why: 'no answer in time' } : { kind: 'not-sent', why: 'no answer in time' })
    }, TRY_SECONDS_MAX * 1000)
    connection.send({ from: mail.from.address, to: [mail.to], size: raw.length }, body, (error) => {
      clearTimeout(deadline)
      body.on('error', () => {})
      body.destroy()
      if (!error) {
        keep(connection)
        return resolve({ kind: 'accepted' })
      }
      connection.close()
      resolve(judge(error, bodyBegun))
    })
  })
}

/** A reply to the envelope or to the body is an answer; a connection that broke after the body is none. */
function judge(error: Error & { code?: string; responseCode?: number | false }, bodyBegun: boolean): Handover {
  const why = textOf(error)
  const replied = typeof error.responseCode === 'number' ? error.responseCode : 0
  const answered = replied > 0 && (!bodyBegun || error.code === 'EMESSAGE')
  if (answered) return replied >= 500 ? { kind: 'refused', why } : { kind: 'not-sent', why }
  if (bodyBegun) return { kind: 'unknown', why }
  // An address that cannot even be put into an envelope will not get better.
  return error.code === 'EENVELOPE' ? { kind: 'refused', why } : { kind: 'not-sent', why }
}

function settled(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => begin((error) => (error ? reject(error) : resolve())))
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300)
}
