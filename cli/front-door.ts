/** What stands in front of the services in one process: health, metrics, documents, pictures, the storefront. */
import { timingSafeEqual } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest, LightMyRequestResponse } from 'fastify'
import { docsStyleHash, renderDocsPage } from '@stoa/chassis/documents/docs-page.ts'
import { problem, sendProblem } from '@stoa/chassis/http/problems.ts'
import { apiNotFound } from '@stoa/chassis/http/server.ts'
import type { House } from '@stoa/chassis/runtime/house.ts'
import { root } from './paths.ts'

/** A page renderer: the storefront. */
export type Pages = (request: Request) => Promise<Response>

export interface FrontDoorOptions {
  readonly house: House
  /** Renders what is neither API nor file; undefined until it is built. */
  readonly pages: () => Pages | undefined
  readonly assetsDir: string
  /** Pictures of the demo shop by file name. */
  readonly pictures: ReadonlyMap<string, () => string>
  /** Authorises `/internal/*`, for the shop's own commands. */
  readonly internalSecret: string
  readonly checkBooks: (waitSeconds: number) => Promise<unknown>
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webp': 'image/webp',
}
const FOR_EVER = 'public, max-age=31536000, immutable'
/** Paths that are never a page. */
const NOT_PAGES = /^\/(?:api|health|internal|metrics)(?:\/|$)/

/** Adds the doors that are not services' own. */
export function openFrontDoor(options: FrontDoorOptions): void {
  const { house } = options
  const app = house.server
  const pictures = gallery(options.pictures)
  const notFound = apiNotFound(house.doors)
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const services = { ...(await house.states()), storefront: options.pages() ? 'ready' : 'starting' }
    const ready = Object.values(services).every((state) => state === 'ready')
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not-ready', services })
  })
  app.get('/metrics', async (_request, reply) => reply.type(house.metrics.registry.contentType).send(await house.metricsText()))
  openDocuments(options)
  app.get('/media/demo/:file', (request, reply) => sendPicture(pictures, request, reply))
  app.get('/assets/*', (request, reply) => sendAsset(options.assetsDir, request, reply))
  app.post('/internal/books', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${options.internalSecret}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return sendProblem(reply, problem(401, 'unauthenticated', request.id))
    const waitSeconds = Number((request.query as { wait?: string }).wait ?? 0)
    return options.checkBooks(Number.isFinite(waitSeconds) ? Math.min(600, Math.max(0, waitSeconds)) : 0)
  })
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 100_000 }, (_request, body, done) => done(null, body))
    const pages = (request: FastifyRequest, reply: FastifyReply) => sendPage(options, request, reply)
    scope.route({ method: ['GET', 'POST'], url: '/', handler: pages })
    scope.route({
      method: ['GET', 'POST'],
      url: '/*',
      handler: (request, reply) => (NOT_PAGES.test(request.url) ? notFound(request, reply) : pages(request, reply)),
    })
  })
  app.setNotFoundHandler(notFound)
}

function openDocuments({ house }: FrontDoorOptions): void {
  const text = readFileSync(join(root, 'contracts/generated/openapi.json'), 'utf8')
  const page = renderDocsPage(JSON.parse(text))
  house.server.get('/api/openapi.json', (_request, reply) => reply.type('application/json').send(text))
  house.server.get('/docs', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', `default-src 'none'; style-src ${docsStyleHash}; base-uri 'none'; frame-ancestors 'none'`)
      .send(page),
  )
}

type Gallery = (name: string) => Buffer | undefined

/** Draws each picture once, when it is first asked for, and keeps it compressed. */
function gallery(pictures: ReadonlyMap<string, () => string>): Gallery {
  const drawn = new Map<string, Buffer>()
  return (name) => {
    const draw = pictures.get(name)
    if (!draw) return undefined
    const kept = drawn.get(name) ?? gzipSync(draw())
    drawn.set(name, kept)
    return kept
  }
}

function sendPicture(pictures: Gallery, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const packed = pictures((request.params as { file: string }).file)
  if (!packed) return sendProblem(reply, problem(404, 'not-found', request.id))
  reply.type('image/svg+xml').header('cache-control', FOR_EVER).header('vary', 'accept-encoding')
  if (!String(request.headers['accept-encoding'] ?? '').includes('gzip')) return reply.send(gunzipSync(packed))
  return reply.header('content-encoding', 'gzip').send(packed)
}

function sendAsset(folder: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = normalize(join(folder, (request.params as { '*': string })['*']))
  if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile())
    return sendProblem(reply, problem(404, 'not-found', request.id))
  const accepts = String(request.headers['accept-encoding'] ?? '')
  const encoding =
    accepts.includes('br') && existsSync(`${path}.br`) ? 'br' : accepts.includes('gzip') && existsSync(`${path}.gz`) ? 'gzip' : undefined
  if (encoding) reply.header('content-encoding', encoding)
  const packed = encoding === 'br' ? `${path}.br` : encoding === 'gzip' ? `${path}.gz` : path
  return reply
    .type(TYPES[extname(path)] ?? 'application/octet-stream')
    .header('cache-control', FOR_EVER)
    .header('vary', 'accept-encoding')
    .send(createReadStream(packed))
}

async function sendPage(options: FrontDoorOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const pages = options.pages()
  if (!pages) return reply.code(503).header('retry-after', 2).type('text/plain').send('The shop is opening; please come back in a moment.')
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  const response = await pages(toRequest(request, gone.signal))
  for (const name of ['content-security-policy', 'cross-origin-resource-policy', 'cross-origin-opener-policy']) reply.removeHeader(name)
  reply.code(response.status)
  for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value)
  for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie)
  return reply.send(response.body ? Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]) : '')
}

function toRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  headers.set('x-forwarded-for', request.ip)
  const body = request.method === 'GET' ? undefined : (request.body as Buffer | undefined)
  return new Request(`${request.protocol}://${request.host}${request.url}`, {
    method: request.method,
    headers,
    signal,
    ...(body ? { body: new Uint8Array(body) } : {}),
  })
}

interface ApiCall {
  readonly method: string
  readonly headers: RequestInit['headers']
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The API in memory, for the storefront: no socket between a page and its data. The visitor's address goes along. */
export function apiInMemory(house: House) {
  return async (path: string, call: ApiCall): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(call.headers))
    const address = headers['x-forwarded-for']
    delete headers['x-forwarded-for']
    const isLive = headers['accept'] === 'text/event-stream'
    const answer = await house.server.inject({
      method: call.method as 'GET',
      url: path,
      headers,
      payloadAsStream: isLive,
      ...(address ? { remoteAddress: address } : {}),
      ...(call.body === undefined ? {} : { payload: call.body }),
    })
    const out = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) out.append(name, String(one))
    const empty = answer.statusCode === 204 || answer.statusCode === 304
    const body = isLive ? liveBody(answer, call.signal) : new Uint8Array(answer.rawPayload)
    return new Response(empty ? null : body, { status: answer.statusCode, headers: out })
  }
}

/** Events as they come: they have no end. Whoever stops listening ends the answer, so that nobody goes on telling him. */
function liveBody(answer: LightMyRequestResponse, signal: AbortSignal | undefined): ReadableStream {
  const stream = answer.stream()
  const leave = () => stream.destroy()
  signal?.addEventListener('abort', leave, { once: true })
  stream.once('error', () => {})
  stream.once('close', () => {
    signal?.removeEventListener('abort', leave)
    answer.raw.res.destroy()
  })
  return Readable.toWeb(stream) as ReadableStream
}
