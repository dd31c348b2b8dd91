import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createTransport } from 'nodemailer'
import { afterAll, afterEach, expect, it } from 'vitest'
import { gatewayClient, SECRET, temporaryDirectory } from './testing.ts'
import type { ChargeView } from './testing.ts'

const directory = temporaryDirectory()
const children: ChildProcess[] = []
const secretFile = join(directory.path, 'secret')
writeFileSync(secretFile, `${SECRET}\n`)

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => directory.remove())

async function startChild(data: string) {
  const main = new URL('main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, '--data', join(directory.path, data), '--secret-file', secretFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SANDBOX_SHOP_ORIGIN: 'http://127.0.0.1:9' },
  })
  children.push(child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const ready = JSON.parse(line) as { ready: boolean; httpPort: number; smtpPort: number }
  return { child, ready, gateway: gatewayClient(`http://127.0.0.1:${ready.httpPort}`) }
}

async function allCharges(gateway: ReturnType<typeof gatewayClient>): Promise<ChargeView[]> {
  const items: ChargeView[] = []
  for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 100; pages++) {
    const page = await gateway.list(`limit=500${cursor === '' ? '' : `&before=${cursor}`}`)
    items.push(...page.body.items)
    cursor = page.body.nextCursor
  }
  return items
}

it('killed amid traffic again and again, the book holds every answered charge and capture, and never two under one key', async () => {
  const answered = new Map<string, string>()
  const captured = new Set<string>()
  const keys = Array.from({ length: 400 }, () => randomUUID())
  for (let round = 0; round < 5; round++) {
    const { child, gateway } = await startChild('killed')
    let dead = false
    let left = 5 + ((round * 17) % 40)
    const buyer = async (first: number) => {
      for (let n = first; n < keys.length && !dead; n += 8) {
        const key = keys[(n + round * 50) % keys.length] as string
        try {
          const reply = await gateway.authorize('tok_ok', key)
          expect(answered.get(key) ?? reply.body.id).toBe(reply.body.id)
          answered.set(key, reply.body.id)
          // In the middle of the traffic: seven other calls are at some point of theirs.
          if (--left === 0) child.kill('SIGKILL')
          const taken = await gateway.capture(reply.body.id, 1299, `capture-${key}`)
          if (taken.status === 200) captured.add(taken.body.id)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
          dead = true
        }
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, first) => buyer(first)))
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const { gateway } = await startChild('killed')
  const charges = await allCharges(gateway)
  expect(answered.size).toBeGreaterThan(10)
  expect(new Set(charges.map((charge) => charge.idempotencyKey)).size).toBe(charges.length)
  const known = new Set(charges.map((charge) => charge.id))
  expect([...answered.values()].filter((id) => !known.has(id))).toEqual([])
  expect(captured.size).toBeGreaterThan(10)
  expect(charges.filter((charge) => captured.has(charge.id) && charge.state !== 'captured')).toEqual([])
  for (const charge of charges) {
    const captures = charge.operations.filter((operation) => operation.kind === 'capture')
    expect(captures.length).toBe(charge.state === 'captured' ? 1 : 0)
  }
})

it('an acknowledged mail is still there after kill -9', async () => {
  const first = await startChild('mail')
  const transport = createTransport({ host: '127.0.0.1', port: first.ready.smtpPort, ignoreTLS: true })
  await transport.sendMail({ from: 'shop@stoa.example', to: 'kept@example.com', subject: 'Kept', text: 'x' })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await startChild('mail')
  const inbox = await second.gateway.call<{ items: { subject: string }[] }>('GET', '/inbox?to=kept@example.com')
  expect(inbox.body.items).toMatchObject([{ subject: 'Kept' }])
})

it('restarted with port 0 it comes back on the ports it had, so that open pages go on working', async () => {
  const first = await startChild('ports')
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  expect((await startChild('ports')).ready).toEqual(first.ready)
})

it('ends by itself with exit code 0 when its parent is gone', async () => {
  const { child } = await startChild('orphan')
  child.stdin?.end()
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
})

it('a second one on the same book refuses to start', async () => {
  await startChild('shared')
  const main = new URL('main.ts', import.meta.url).pathname
  const rival = spawn(
    process.execPath,
    [main, '--data', join(directory.path, 'shared'), '--secret-file', secretFile, '--shop-origin', 'http://x'],
    {
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  children.push(rival)
  const [code] = (await once(rival, 'exit')) as [number]
  expect(code).toBe(1)
})
