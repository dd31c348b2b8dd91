/** Two gateways and a storefront behind an NGINX, and ways to ask it. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type ClientHttp2Session } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { readRaw, whole, type RawAnswer } from '@stoa/chassis/testing/raw-http.ts'
import { serversCache } from '../cache.ts'
import { testCertificate } from '../certificates.ts'
import { startNginx } from '../nginx.ts'
import { keptPorts } from '../ports.ts'
import type { UpstreamWord } from './upstream.ts'

export interface Upstream {
  readonly address: string
  /** Request ids of the POSTs that reached it. */
  readonly posted: string[]
  readonly firstBytes: string[]
  kill(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Starts an upstream in a process of its own. */
export async function startUpstream(name: string): Promise<Upstream> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'upstream.ts'), [name], { execArgv: [], env: { PATH: process.env.PATH } })
  const posted: string[] = []
  const firstBytes: string[] = []
  const { promise, resolve } = Promise.withResolvers<number>()
  child.on('message', (message) => {
    const word = message as UpstreamWord
    if ('port' in word) resolve(word.port)
    else if ('posted' in word) posted.push(word.posted)
    else firstBytes.push(word.firstByteOf)
  })
  return {
    address: `127.0.0.1:${await promise}`,
    posted,
    firstBytes,
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** Starts all of it. */
export async function startWorld() {
  const dataDir = mkdtempSync(join(tmpdir(), 'stoa-nginx-'))
  const [one, two, pages] = await Promise.all(['one', 'two', 'pages'].map(startUpstream))
  if (!one || !two || !pages) throw new Error('an upstream is missing')
  const [port = 0] = await keptPorts(join(dataDir, 'ports.json'), ['nginx'])
  const certificate = await testCertificate(dataDir, [])
  const gateways = [one.address, two.address]
  const nginx = await startNginx({
    cacheDir: serversCache(),
    dataDir,
    httpsPort: port,
    host: '127.0.0.1',
    gateways,
    pages: [pages.address],
    certificate,
  })
  const ca = readFileSync(certificate.caFile)
  return {
    ...{ dataDir, port, nginx, one, two, pages, ca, gateways },
    ask: (path: string, options: RequestOptions = {}, body?: Readable | string) =>
      ask({ host: '127.0.0.1', port, ca, path, ...options }, body),
    /** Bytes as they are over TLS; the answer to its end. */
    speak: async (bytes: string): Promise<RawAnswer> => {
      const socket = connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost' })
      await once(socket, 'secureConnect')
      socket.write(bytes)
      return readRaw(await whole(socket))
    },
    session: (): ClientHttp2Session => connect(`https://localhost:${port}`, { ca }),
    stop: async () => {
      await nginx.stop()
      await Promise.all([one, two, pages].map((upstream) => upstream.kill()))
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function ask(options: RequestOptions, body: Readable | string | undefined): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = request({ agent: false, servername: 'localhost', timeout: 30_000, ...options }, (response) => {
      let said = ''
      response.on('data', (chunk: Buffer) => (said += chunk.toString()))
      response.once('error', fail)
      response.once('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body: said }))
    })
    asked.once('error', fail)
    asked.once('timeout', () => asked.destroy(new Error('no answer within 30 s')))
    if (body === undefined || typeof body === 'string') asked.end(body)
    else body.pipe(asked)
  })
}

/** One request on an HTTP/2 connection; resolves with the status, or the error's code. */
export function askBySession(session: ClientHttp2Session, method: string, id: string): Promise<number | string> {
  return new Promise((done) => {
    const stream = session.request({ ':path': '/api/things', ':method': method, 'x-request-id': id })
    let outcome: number | string = 'none'
    stream.once('response', (headers) => (outcome = Number(headers[':status'])))
    stream.once('error', (error: NodeJS.ErrnoException) => (outcome = error.code ?? error.message))
    stream.once('close', () => done(outcome))
    stream.resume()
    stream.end(method === 'POST' ? '{}' : undefined)
  })
}
