/** A light HTTP client over kept connections: it must cost less than what it measures. */
import * as http from 'node:http'
import * as https from 'node:https'
import { randomUUID } from 'node:crypto'

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Client {
  /** Sends: `client.send('GET /api/products')`. */
  send(door: string, sent?: Sent): Promise<Reply>
  /** Asks for a stream of events, which is heard as it comes. */
  listen(path: string, heard: (stream: http.IncomingMessage) => void, timeoutMs: number): http.ClientRequest
  close(): void
}

const TIMEOUT_MS = 30_000

/** `ca`: the authority that signed for a shop with TLS. */
export function createClient(origin: string, ca?: string): Client {
  const { hostname, port, protocol } = new URL(origin)
  const kept = { keepAlive: true, maxSockets: 512, scheduling: 'lifo' } as const
  const agent = protocol === 'https:' ? new https.Agent({ ...kept, ...(ca === undefined ? {} : { ca }) }) : new http.Agent(kept)
  const { request } = protocol === 'https:' ? https : http
  return {
    send: (door, sent = {}) =>
      new Promise((done, fail) => {
        const [method, path] = door.split(' ') as [string, string]
        const payload = sent.body === undefined ? undefined : JSON.stringify(sent.body)
        const outgoing = request(
          {
            hostname,
            port,
            path,
            method,
            agent,
            timeout: TIMEOUT_MS,
            headers: {
              accept: 'application/json',
              ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
              ...sent.headers,
            },
          },
          (incoming) => {
            const chunks: Buffer[] = []
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
            incoming.once('error', fail)
            incoming.once('end', () =>
              done({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString() }),
            )
          },
        )
        outgoing.once('error', fail)
        outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')))
        outgoing.end(payload)
      }),
    listen: (path, heard, timeout) =>
      request({ hostname, port, path, agent, timeout, headers: { accept: 'text/event-stream' } }, heard).end(),
    close: () => agent.destroy(),
  }
}

/** Body and headers of a guest's order of one unit. */
export function guestOrder(sku: string): Sent {
  return {
    headers: { 'idempotency-key': randomUUID() },
    body: {
      items: [{ sku, quantity: 1 }],
      email: `bench-${randomUUID().slice(0, 8)}@example.com`,
      shippingAddress: { name: 'Ada Byron', line1: 'Lindenweg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
      shippingOption: 'standard',
      payment: { method: 'card', token: 'tok_ok' },
    },
  }
}
