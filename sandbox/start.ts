import type { AddressInfo, Server } from 'node:net'
import { openBook } from './book.ts'
import type { Book } from './book.ts'
import { controlRoutes, makeFaults, makeOutage } from './control.ts'
import { closeDesk, openDesk } from './desk.ts'
import { gatewayRoutes } from './gateway-routes.ts'
import { makeHttpServer } from './http.ts'
import { inboxRoutes, makeMailServer } from './mail.ts'
import { payRoutes } from './pay-routes.ts'
import { closeWebhooks, openWebhooks, wake } from './webhooks.ts'

export interface SandboxOptions {
  /** The directory of the book. */
  data: string
  /** Bearer of the API and key of the webhooks' signatures. */
  secret: string
  /** Where the shop is reached: webhooks go there, and shoppers return there. */
  shopOrigin: string
  host?: string
  /** 0: the port of last time if it is free, else any free one. */
  httpPort?: number
  smtpPort?: number
  /** How a browser reaches this process, when not by its own host and port. */
  publicOrigin?: string
  /** With a seed, webhooks are repeated, delayed and reordered. */
  webhookChaos?: string
  timing?: Partial<SandboxTiming>
}

export interface SandboxTiming {
  /** How long `tok_slow` takes. */
  slowMs: number
  /** When `tok_late` succeeds after all. */
  lateMs: number
  /** How long a call that is never answered is kept open. */
  silenceMs: number
  /** How long `tok_webhook_first` waits for the shop's acknowledgement. */
  webhookFirstMs: number
  /** The first pause before a webhook is tried again; it doubles up to an hour. */
  retryMs: number
  /** The longest delay of a webhook under chaos. */
  chaosDelayMs: number
}

// The waits of the API's card table; silence and webhook-first fit the shop's deadline of 10 s for a call.
const TIMING: SandboxTiming = { slowMs: 5000, lateMs: 60_000, silenceMs: 30_000, webhookFirstMs: 8000, retryMs: 500, chaosDelayMs: 8000 }

export interface Sandbox {
  httpPort: number
  smtpPort: number
  origin: string
  close(): Promise<void>
}

/** Starts payment gateway and mail sink on one book. Throws: when the book is held by another process or a given port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const timing = { ...TIMING, ...options.timing }
  const host = options.host ?? '127.0.0.1'
  const book = openBook(options.data)
  let origin = ''
  const payOrigin = () => options.publicOrigin ?? origin
  const shopOrigin = options.shopOrigin.replace(/\/$/, '')
  const webhooks = openWebhooks({
    book,
    url: `${shopOrigin}/api/payments/webhooks/sandbox`,
    secret: options.secret,
    chaosSeed: options.webhookChaos,
    chaosDelayMs: timing.chaosDelayMs,
    retryMs: timing.retryMs,
  })
  const desk = openDesk({ book, webhooks, payOrigin, ...timing })
  const faults = makeFaults()
  const outage = makeOutage()
  const http = makeHttpServer({
    secret: options.secret,
    silenceMs: timing.silenceMs,
    before: (call) => outage.check(call),
    routes: [...gatewayRoutes(desk, faults, shopOrigin), ...payRoutes(desk), ...inboxRoutes(book), ...controlRoutes(desk, faults, outage)],
  })
  const mail = makeMailServer(book, () => outage.mailIsDown())
  const httpPort = await listen(book, http, 'http-port', options.httpPort ?? 0, host)
  const smtpPort = await listen(book, mail.server, 'smtp-port', options.smtpPort ?? 0, host)
  origin = `http://${host}:${httpPort}`
  wake(webhooks)
  return {
    httpPort,
    smtpPort,
    origin,
    async close() {
      closeDesk(desk)
      closeWebhooks(webhooks)
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
      await new Promise<void>((resolve) => mail.close(() => resolve()))
      book.close()
    },
  }
}

/** Listens on the wanted port; for 0 on the one of last time, so that pages and settings outlive a restart. */
async function listen(book: Book, server: Server, name: string, wanted: number, host: string): Promise<number> {
  const last = Number(book.recall(name) ?? 0)
  const candidates = wanted === 0 ? [last, 0] : [wanted]
  let failure: unknown
  for (const candidate of candidates) {
    try {
      const port = await tryToListen(server, candidate, host)
      if (port !== last) book.remember(name, String(port))
      return port
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function tryToListen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
