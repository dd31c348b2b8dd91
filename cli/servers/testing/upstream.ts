/** A server behind NGINX in tests: tells its parent of every POST it gets, and answers by path. Its port comes by its channel. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What the parent hears. */
export type UpstreamWord = { readonly port: number } | { readonly posted: string } | { readonly firstByteOf: string }

const tell = (word: UpstreamWord) => process.send?.(word)
const WORK_MS = 20
const EVENT_MS = 300
const own = createServer(answer)

const doors: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse, id: string) => void>> = {
  '/events': (request, response) => {
    const header = request.url?.includes('asked') ? { 'x-accel-buffering': 'no' } : {}
    response.writeHead(200, { 'content-type': 'text/event-stream', ...header })
    let sent = 0
    const send = () => response.write(`data: ${++sent} ${Date.now()}\n\n`)
    send()
    const timer = setInterval(send, EVENT_MS)
    response.once('close', () => clearInterval(timer))
  },
  '/upload': (request, response, id) => {
    const hash = createHash('sha256')
    let bytes = 0
    request.once('data', () => tell({ firstByteOf: id }))
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      hash.update(chunk)
    })
    request.once('end', () => json(response, 200, { bytes, sha256: hash.digest('hex') }))
  },
  // The answer before the body is read, and the connection left open: Node then reads the body away.
  '/refusal': (_request, response) => json(response, 413, { code: 'too-long-for-me' }),
  '/fault': (_request, response) => json(response, 502, { code: 'my-own' }),
  '/unknown': (_request, response) => json(response, 404, { code: 'my-own' }),
  '/death': () => process.kill(process.pid, 'SIGKILL'),
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const id = String(request.headers['x-request-id'] ?? '')
  if (request.method === 'POST') tell({ posted: id })
  const door = doors[(request.url ?? '').replace(/^\/api/, '').replace(/\?.*/, '')]
  if (door) return door(request, response, id)
  setTimeout(() => json(response, 200, { name: process.argv[2], url: request.url, headers: request.headers }), WORK_MS)
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

own.listen(0, '127.0.0.1', () => tell({ port: (own.address() as { port: number }).port }))
process.once('disconnect', () => process.exit())
