/** What becomes of requests while replicas of the service behind a door die, stop, end or break off. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { object, route } from '../contract.ts'
import { defineService, handle, live, orchestrate, read } from '../service.ts'
import { openJoined, type Joined, type JoinedOptions, type JoinedReplica } from '../testing/joined.ts'
import { readRaw, whole } from '../testing/raw-http.ts'

const output = Type.Unknown()
const browse = { permission: 'public', class: 'browse', output } as const
const Show = route('GET /things/{name}', { summary: 'Shows.', ...browse, params: object({ name: Type.String() }) })
const Make = route('POST /things', {
  summary: 'Makes.',
  permission: 'public',
  class: 'cart',
  body: object({ id: Type.String() }),
  output,
  idempotencyKey: 'optional',
})
const Wait = route('GET /wait', { summary: 'Never ends by itself.', ...browse, answers: 'application/json' })
const File = route('GET /file', { summary: 'A file.', ...browse, answers: 'text/csv' })
const Watch = route('GET /watch', { summary: 'Tells.', ...browse, answers: 'text/event-stream' })
const Upload = route('POST /upload', {
  summary: 'Takes a file.',
  permission: 'public',
  class: 'staff',
  output,
  rawBody: { as: 'stream', contentTypes: ['text/csv'], maxBytes: 100_000_000 },
})
const PICTURE = 'x'.repeat(300_000)

/** How often each thing was made; who listens now; requests whose client left. */
const made = new Map<string, number>()
const listening = { now: 0, left: 0, uploads: 0 }
/** What a request for `held` waits for. */
let held = async () => {}
const things = defineService({
  name: 'things',
  owns: 'Things.',
  routes: [
    read(Show, async ({ params: { name } }) => {
      if (name === 'slow') await sleep(20)
      if (name === 'held') await held()
      return { name, ...(name === 'big' ? { picture: PICTURE } : {}) }
    }),
    handle(Make, async ({ input: { id } }) => {
      made.set(id, (made.get(id) ?? 0) + 1)
      await sleep(2)
      return { id }
    }),
    read(Wait, async ({ signal }) => {
      await once(signal, 'abort')
      listening.left++
      return {}
    }),
    read(File, async () =>
      Readable.from(
        (async function* () {
          for (let part = 0; part < 100; part++) {
            yield 'x'.repeat(10_000)
            await sleep(2)
          }
        })(),
      ),
    ),
    live(Watch, async ({ signal }) =>
      (async function* () {
        listening.now++
        try {
          yield { event: 'hello', data: 1 }
          await once(signal, 'abort')
        } finally {
          listening.now--
        }
      })(),
    ),
    orchestrate(Upload, async ({ stream }) => {
      listening.uploads++
      let bytes = 0
      for await (const part of stream) bytes += (part as Buffer).length
      return { bytes }
    }),
  ],
})

/** Another service, for which a plain server speaks. */
const plain = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{}'))
beforeAll(() => once(plain.listen(0, '127.0.0.1'), 'listening'))
afterAll(() => plain.close())
const other = () => ({
  service: 'other',
  routes: [route('GET /other', { summary: 'Other.', ...browse })],
  addresses: [`http://127.0.0.1:${(plain.address() as AddressInfo).port}`],
})

let joined: Joined
afterEach(() => joined.stop())
async function open(options: JoinedOptions): Promise<{ url: string; first: JoinedReplica; second: JoinedReplica }> {
  joined = await openJoined(things, options)
  made.clear()
  Object.assign(listening, { now: 0, left: 0, uploads: 0 })
  const [first, second] = joined.replicas as [JoinedReplica, JoinedReplica]
  return { url: `http://127.0.0.1:${joined.port}/api`, first, second }
}
const get = async (url: string) => {
  const answer = await fetch(url)
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> }
}
const post = (url: string, id: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/things`, { method: 'POST', body: JSON.stringify({ id }), headers: { 'content-type': 'application/json', ...headers } })
const took = async (work: Promise<unknown>) => {
  const began = performance.now()
  await work
  return performance.now() - began
}
const expectUnavailable = ({ status, headers, body }: Awaited<ReturnType<typeof get>>) => {
  expect([status, headers.get('content-type'), Number(headers.get('retry-after')) > 0]).toEqual([503, 'application/problem+json', true])
  expect(body).toMatchObject({ status: 503, code: 'unavailable', requestId: headers.get('x-request-id') })
}

/** Questions and orders without end, until `stop`; answers how each went. */
function load(url: string) {
  const statuses = { GET: [] as number[], POST: [] as number[], keyed: [] as number[] }
  let ended = false
  let id = 0
  const lane = async (which: keyof typeof statuses) => {
    while (!ended) {
      const name = `${which}-thing-${id++}`
      const asked = which === 'GET' ? fetch(`${url}/things/slow`) : post(url, name, which === 'keyed' ? { 'idempotency-key': name } : {})
      const status = await asked.then(
        async (answer) => {
          await answer.text()
          return answer.status
        },
        () => 0,
      )
      statuses[which].push(status)
    }
  }
  const lanes = (['GET', 'GET', 'GET', 'POST', 'POST', 'keyed'] as const).map(lane)
  return {
    statuses,
    /** Waits until so many more questions were answered. */
    more: async (count: number) => {
      const until = statuses.GET.length + count
      while (statuses.GET.length < until) await sleep(5)
    },
    stop: async () => {
      ended = true
      await Promise.all(lanes)
      return statuses
    },
  }
}
const bad = (statuses: readonly number[]) => statuses.filter((status) => status !== 200)

describe('a service of which no replica is there', () => {
  test('is answered for at once, with a problem and when to come back, while another service answers', async () => {
    const { url, first } = await open({ others: [other()] })
    await first.wire.cut()
    const began = performance.now()
    for (let index = 0; index < 20; index++) {
      expectUnavailable(await get(`${url}/things/a`))
      expect((await get(`${url}/other`)).status).toBe(200)
    }
    expect(performance.now() - began).toBeLessThan(2500)
    await first.wire.mend()
    await expect.poll(async () => (await get(`${url}/things/a`)).status, { timeout: 2000 }).toBe(200)
  })
})

describe('a service that stands still', () => {
  test('keeps nobody longer than the limit, and takes no places of other services', async () => {
    const answerMs = 4000
    const { url, first } = await open({ answerMs, others: [other()] })
    await get(`${url}/things/a`)
    first.wire.freeze()
    const ends: number[] = []
    // More than there are places for questions.
    const stuck = Array.from({ length: 200 }, () => get(`${url}/things/a`).finally(() => ends.push(performance.now())))
    await sleep(200)
    expect(await took(Promise.all(Array.from({ length: 20 }, () => get(`${url}/other`))))).toBeLessThan(3000)
    expect(ends).toEqual([])
    expect(await took(Promise.all(stuck))).toBeLessThan(7000)
    for (const answer of stuck) expectUnavailable(await answer)
    // Who waited for a place did not wait as long again for an answer.
    expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(answerMs)
    // Nothing was heard for long: nobody waits any more.
    await expect.poll(() => took(get(`${url}/things/a`)), { timeout: 15_000 }).toBeLessThan(300)
    first.wire.thaw()
    await expect.poll(async () => (await get(`${url}/things/a`)).status, { timeout: 4000 }).toBe(200)
  })
})

describe('a replica that stands still', () => {
  test('is asked no more while another answers', async () => {
    const { url, first } = await open({ count: 2, answerMs: 2000 })
    await Promise.all([1, 2, 3, 4].map(() => get(`${url}/things/a`)))
    first.wire.freeze()
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(`${url}/things/a`)))
    for (const answer of answers) if (answer.status !== 200) expectUnavailable(answer)
    for (let index = 0; index < 10; index++) expect((await get(`${url}/things/a`)).status).toBe(200)
  })
})

describe('under load', () => {
  test('a replica that dies and comes back costs no question, and no order is taken twice', async () => {
    const { url, first } = await open({ count: 2 })
    const { more, stop } = load(url)
    for (let round = 0; round < 3; round++) {
      await more(15)
      await first.wire.cut()
      await more(15)
      await first.wire.mend()
    }
    const statuses = await stop()
    expect(bad(statuses.GET)).toEqual([])
    // With a key it may be asked for again; without, who asks must be told that nobody knows.
    expect(bad(statuses.keyed).every((status) => status === 409)).toBe(true)
    expect(bad(statuses.POST).every((status) => status === 503)).toBe(true)
    expect([...made].filter(([id, times]) => id.startsWith('POST') && times > 1)).toEqual([])
  })

  test('a replica that says it ends, and then does, costs nothing at all', async () => {
    const { url, first, second } = await open({ count: 2 })
    const { statuses, more, stop } = load(url)
    await more(20)
    expect(first.wire.open).toBeGreaterThan(0)
    first.serving = false
    // As long as a process goes on answering after it said so (STOA_DRAIN_SECONDS).
    await sleep(2000)
    const stopped = first.stop()
    await more(20)
    await stopped
    await stop()
    expect([bad(statuses.GET), bad(statuses.POST), bad(statuses.keyed), second.wire.open > 0]).toEqual([[], [], [], true])
  })

  test('what comes in on a kept connection while a server ends is answered', async () => {
    const { first } = await open({})
    const socket = connect(first.port, '127.0.0.1')
    const said = whole(socket)
    const ask = (name: string) => socket.write(`GET /api/things/${name} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const [began, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    held = () => {
      began.resolve()
      return end.promise
    }
    ask('held')
    await began.promise
    const stopped = first.stop()
    await expect.poll(() => first.house.server.server.listening).toBe(false)
    ask('late')
    await sleep(50)
    end.resolve()
    const text = (await said).toString()
    expect([text.match(/HTTP\/1\.1 200/g)?.length, text.includes('"late"')]).toEqual([2, true])
    await stopped
  })
})

describe('an answer that breaks off', () => {
  test('is asked for again while it is short and nothing but a question; an order is told as unknown', async () => {
    const { url, first, second } = await open({ count: 2 })
    await get(`${url}/things/a`)
    first.wire.breakAfter(2000)
    for (let index = 0; index < 6; index++) expect((await get(`${url}/things/big`)).body).toEqual({ name: 'big', picture: PICTURE })
    second.wire.breakAfter(100)
    first.wire.breakAfter(100)
    const answer = await post(url, 'once')
    expectUnavailable({ status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> })
    expect(made.get('once')).toBe(1)
  })

  test('on its way through is broken off here too: nobody takes half a file for a whole one', async () => {
    const { url, first } = await open({})
    first.wire.breakAfter(100_000)
    const answer = await fetch(`${url}/file`)
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
  })
})

describe('a client that leaves', () => {
  test('is not worked for any longer: neither for his question nor for his stream', async () => {
    const { url } = await open({})
    const gone = new AbortController()
    const asked = [`${url}/wait`, `${url}/watch`].map((one) => fetch(one, { signal: gone.signal }).catch(() => {}))
    await expect.poll(() => listening.now).toBe(1)
    gone.abort()
    await Promise.all(asked)
    await expect.poll(() => [listening.now, listening.left]).toEqual([0, 1])
    expect((await get(`${url}/things/a`)).status).toBe(200)
  })

  test('while he waits for a place leaves it to others', async () => {
    const { url, first } = await open({ answerMs: 6000 })
    first.wire.freeze()
    const gone = new AbortController()
    const many = Array.from({ length: 300 }, () => fetch(`${url}/things/a`, { signal: gone.signal }).catch(() => 'left'))
    await sleep(200)
    gone.abort()
    expect(new Set(await Promise.all(many))).toEqual(new Set(['left']))
    first.wire.thaw()
    expect(await took(get(`${url}/things/a`))).toBeLessThan(4000)
  })
})

describe('a stream of events', () => {
  test('never keeps questions waiting, however many there are, and says in its head which request it is', async () => {
    const { url } = await open({})
    const gone = new AbortController()
    const streams = await Promise.all(Array.from({ length: 150 }, () => fetch(`${url}/watch`, { signal: gone.signal })))
    expect(streams[0]?.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    await expect.poll(() => listening.now).toBe(150)
    await sleep(1200)
    expect(await took(get(`${url}/things/a`))).toBeLessThan(2500)
    expect((await get(`${url}/things/a`)).status).toBe(200)
    gone.abort()
    await expect.poll(() => listening.now).toBe(0)
  })

  test('ends well when the gateway ends, which waits for none of them', async () => {
    await open({})
    const said = whole(connectAndAsk(joined.port, 'GET /api/watch HTTP/1.1'))
    await expect.poll(() => listening.now).toBe(1)
    expect(await took(joined.gateway.stop())).toBeLessThan(2000)
    expect(readRaw(await said).body).toMatch(/event: hello\ndata: 1\n\n$/)
    await expect.poll(() => listening.now).toBe(0)
  })
})

describe('an upload', () => {
  const parts = (count: number) =>
    Readable.toWeb(Readable.from(Array.from({ length: count }, () => Buffer.alloc(100_000, 'x')))) as ReadableStream
  const upload = (url: string, count: number) =>
    fetch(`${url}/upload`, { method: 'POST', body: parts(count), duplex: 'half', headers: { 'content-type': 'text/csv' } } as RequestInit)

  test('goes to a replica that is there, whichever is tried first', async () => {
    const { url, first } = await open({ count: 2 })
    await first.wire.cut()
    for (let index = 0; index < 4; index++) expect(await (await upload(url, 20)).json()).toEqual({ bytes: 2_000_000 })
  })

  /** Sends a file of 20 MB in pieces, whatever comes back, and a question after it on the same connection. */
  async function sendFile(port: number, between: (sent: number) => Promise<unknown>): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (part) => (heard += part.toString()))
    socket.write('POST /api/upload HTTP/1.1\r\nHost: a\r\nContent-Type: text/csv\r\nContent-Length: 20000000\r\n\r\n')
    for (let sent = 0; sent < 200; sent++) {
      await between(sent)
      await new Promise((done) => socket.write(Buffer.alloc(100_000, 'x'), done))
    }
    socket.write('GET /api/other HTTP/1.1\r\nHost: a\r\n\r\n')
    await expect.poll(() => heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200'])
    socket.destroy()
    return heard
  }

  test('for which nobody is there is refused, heard by who is still sending, and his connection stays', async () => {
    const { first } = await open({ others: [other()] })
    await first.wire.cut()
    expect(await sendFile(joined.port, async () => {})).toContain('"code":"unavailable"')
  })

  test('whose replica dies half-way is a fault, sent nowhere else, heard by who is still sending, and his connection stays', async () => {
    const { first, second } = await open({ count: 2, others: [other()] })
    const hit = { replica: undefined as JoinedReplica | undefined }
    const heard = await sendFile(joined.port, async (sent) => {
      if (sent !== 20) return
      await expect.poll(() => listening.uploads).toBe(1)
      hit.replica = first.wire.open > second.wire.open ? first : second
      await hit.replica.wire.cut()
    })
    expect(heard).toContain('"code":"unavailable"')
    expect(listening.uploads).toBe(1)
  })
})

function connectAndAsk(port: number, line: string) {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`)
  return socket
}
