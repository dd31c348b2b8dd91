import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from './start.ts'
import type { Sandbox, SandboxOptions } from './start.ts'

export const SECRET = 'a-secret-only-for-tests'

export interface Notice {
  id: string
  type: string
  data: { charge: { id: string; orderId: string; state: string } }
}

export interface ShopStub {
  origin: string
  notices: Notice[]
  /** What the next webhooks are answered; 204 unless set. */
  status: number
  badSignatures: number
  /** Resolves when `condition` holds for what came so far. */
  until(condition: (notices: Notice[]) => boolean): Promise<void>
  close(): Promise<void>
}

/** A shop that only takes webhooks, and checks their signatures by its own reading of the README. */
export async function startShopStub(port = 0): Promise<ShopStub> {
  const watchers = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const [time, signature] = String(request.headers['sandbox-signature'])
        .split(',')
        .map((part) => part.slice(part.indexOf('=') + 1))
      if (createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex') !== signature) stub.badSignatures++
      if (stub.status < 300) stub.notices.push(JSON.parse(body) as Notice)
      response.writeHead(stub.status).end(() => {
        for (const watcher of watchers) watcher()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stub: ShopStub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notices: [],
    status: 204,
    badSignatures: 0,
    until: (condition) =>
      new Promise((resolve) => {
        const watcher = () => {
          if (!condition(stub.notices)) return
          watchers.delete(watcher)
          resolve()
        }
        watchers.add(watcher)
        watcher()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return stub
}

/** A directory of its own for one test file. */
export function temporaryDirectory() {
  const path = mkdtempSync(join(tmpdir(), 'sandbox-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A sandbox in this process with short waits. */
export async function startForTest(data: string, shopOrigin: string, more: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const timing = { slowMs: 1200, lateMs: 60_000, silenceMs: 60, webhookFirstMs: 5000, retryMs: 20, chaosDelayMs: 150, ...more.timing }
  return startSandbox({ data, secret: SECRET, shopOrigin, ...more, timing })
}

export interface ChargeView {
  id: string
  orderId: string
  state: string
  declineReason?: string
  amount: { amount: number; currency: string }
  captured: { amount: number; currency: string }
  refunded: { amount: number; currency: string }
  captureBefore?: string
  actionUrl?: string
  idempotencyKey: string
  revision: number
  operations: { kind: string; amount: { amount: number } }[]
}

export interface Reply<T = ChargeView & { code?: string; closed?: boolean; charge?: ChargeView }> {
  status: number
  replayed: boolean
  body: T
}

/** Calls the gateway; a lost answer rejects. */
export function gatewayClient(origin: string) {
  async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<Reply<T>> {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${SECRET}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    return { status: response.status, replayed: response.headers.get('idempotent-replayed') === 'true', body: (await response.json()) as T }
  }
  type Whole = Reply['body']
  const euros = (amount: number) => ({ amount, currency: 'EUR' })
  return {
    call,
    authorize: (token: string, key: string = randomUUID(), orderId = `order-${key}`, amount = 1299) =>
      call<Whole>('POST', '/gateway/authorizations', { orderId, amount: euros(amount), token }, key),
    capture: (id: string, amount: number, key: string = randomUUID()) =>
      call<Whole>('POST', `/gateway/charges/${id}/capture`, { amount: euros(amount) }, key),
    void: (id: string, key: string = randomUUID()) => call<Whole>('POST', `/gateway/charges/${id}/void`, {}, key),
    refund: (id: string, amount: number, key: string = randomUUID()) =>
      call<Whole>('POST', `/gateway/charges/${id}/refund`, { amount: euros(amount) }, key),
    close: (key: string) => call<Whole>('POST', `/gateway/keys/${key}/close`, {}),
    charge: (id: string) => call<Whole>('GET', `/gateway/charges/${id}`),
    list: (query: string) => call<{ items: ChargeView[]; nextCursor: string | null }>('GET', `/gateway/charges?${query}`),
    control: (path: string, body: unknown) => call<Whole>('POST', `/control/${path}`, body),
  }
}
