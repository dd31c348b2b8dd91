import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { deadPort } from '../testing/carriers.ts'
import { httpReplicas } from './http-line.ts'
import { Upstreams, type UpstreamRequest } from './upstreams.ts'

const WELL = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'
const opened: { server: Server; sockets: Set<Socket> }[] = []
const closing: Upstreams[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()))
  for (const { server, sockets } of opened.splice(0)) {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
})

/** A replica that is well by its own word; `speak` answers all else. */
async function replica(speak: (said: string, socket: Socket) => void) {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const said = bytes.toString()
      if (said.startsWith('GET /health/serving')) return void socket.write(WELL)
      heard.push(said.split('\r\n')[0] as string)
      speak(said, socket)
    })
  })
  opened.push({ server, sockets })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { heard, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
const well = (_said: string, socket: Socket) => void socket.write(WELL)
const breaking = (_said: string, socket: Socket) => void socket.destroy()
const silent = () => {}

function ask(upstreams: Upstreams, more: Partial<UpstreamRequest> = {}) {
  closing.push(upstreams)
  const request: UpstreamRequest = {
    method: 'GET',
    path: '/',
    headers: {},
    repeatable: true,
    lasting: false,
    signal: new AbortController().signal,
    ...more,
  }
  return upstreams.send('things', request)
}

test('what broke off is asked for at another replica, however busy that is', async () => {
  const [broken, busy] = [
    await replica(breaking),
    await replica((said, socket) => (said.includes('/hold') ? silent() : well(said, socket))),
  ]
  const replicas = httpReplicas()
  const gone = new AbortController()
  const onlyBusy = new Upstreams(() => [busy.address], replicas)
  const held = [1, 2, 3].map(() => ask(onlyBusy, { path: '/hold', signal: gone.signal }).catch(() => {}))
  await expect.poll(() => busy.heard.length).toBe(3)
  const both = new Upstreams(() => [broken.address, busy.address], replicas)
  expect((await ask(both)).status).toBe(200)
  expect([broken.heard.length, busy.heard.length]).toEqual([1, 4])
  gone.abort()
  await Promise.all(held)
})

test('a replica that is not there is passed over, also by what may not be repeated', async () => {
  const there = await replica(well)
  const dead = `http://127.0.0.1:${await deadPort()}`
  const upstreams = new Upstreams(() => [dead, there.address])
  for (let index = 0; index < 4; index++) expect((await ask(upstreams, { method: 'POST', body: '{}', repeatable: false })).status).toBe(200)
  expect(there.heard).toHaveLength(4)
})

test('the end of its time ends a request wherever it is, waits for a connection included, and is told as it was given', async () => {
  const stuck = await replica(silent)
  const upstreams = new Upstreams(() => [stuck.address])
  const gone = new AbortController()
  const asked = Array.from({ length: 100 }, () => ask(upstreams, { signal: gone.signal }).catch((error: unknown) => error))
  await expect.poll(() => stuck.heard.length).toBe(64)
  const reason = new Error('the time is over')
  gone.abort(reason)
  expect(new Set(await Promise.all(asked))).toEqual(new Set([reason]))
  expect(stuck.heard).toHaveLength(64)
})

test('whether a service is ready is its own word, of any of its replicas', async () => {
  const ready = await replica((said, socket) => void socket.write(said.startsWith('GET /health/ready') ? WELL : ''))
  const unready = await replica((_said, socket) => void socket.write('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n'))
  const dead = `http://127.0.0.1:${await deadPort()}`
  const isReady = async (...addresses: string[]) => {
    const upstreams = new Upstreams(() => addresses)
    closing.push(upstreams)
    return upstreams.isReady('things')
  }
  expect(await isReady(unready.address, ready.address, dead)).toBe(true)
  expect(await isReady(unready.address, dead)).toBe(false)
  expect(await isReady()).toBe(false)
})

test('nobody is asked when the time was over before, and closed, all is over', async () => {
  const there = await replica(well)
  const upstreams = new Upstreams(() => [there.address])
  await expect(ask(upstreams, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
  expect(there.heard).toEqual([])
  expect((await ask(upstreams)).status).toBe(200)
  await upstreams.close()
  await expect(ask(upstreams)).rejects.toMatchObject({ code: 'unavailable' })
})
