/** A light HTTP client over kept connections: it must cost less than what it measures. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http'
import { randomUUID } from 'node:crypto'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Sent {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Client {
  /** Sends: `client.send('GET /api/products')`. */
  send(door: string, sent?: Sent): Promise<Reply>
  close(): void
}

const TIMEOUT_MS = 30_000

export function createClient(origin: string): Client {
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: 512, scheduling: 'lifo' })
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
