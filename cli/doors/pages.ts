/** What a browser is shown: the storefront's pages, their files, the demo's pictures. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem, sendProblem } from '@stoa/chassis/http/problems.ts'
import type { StoaServer } from '@stoa/chassis/http/server-options.ts'

/** A page renderer: the storefront. */
export type Pages = (request: Request) => Promise<Response>

export interface PagesOptions {
  /** Renders what is neither API nor file; undefined until it is built. */
  readonly pages: () => Pages | undefined
  readonly assetsDir: string
  /** Pictures of the demo shop by file name. */
  readonly pictures: ReadonlyMap<string, () => string>
  /** Answers for paths that are never a page. */
  readonly notFound: (request: FastifyRequest, reply: FastifyReply) => FastifyReply
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

/** Adds the pages, and the files they need. */
export function openPages(app: StoaServer, options: PagesOptions): void {
  const pictures = gallery(options.pictures)
  app.get('/media/demo/:file', (request, reply) => sendPicture(pictures, request, reply))
  app.get('/assets/*', (request, reply) => sendAsset(options.assetsDir, request, reply))
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 100_000 }, (_request, body, done) => done(null, body))
    const pages = (request: FastifyRequest, reply: FastifyReply) => sendPage(options, request, reply)
    scope.route({ method: ['GET', 'POST'], url: '/', handler: pages })
    scope.route({
      method: ['GET', 'POST'],
      url: '/*',
      handler: (request, reply) => (NOT_PAGES.test(request.url) ? options.notFound(request, reply) : pages(request, reply)),
    })
  })
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

async function sendPage(options: PagesOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
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
  // What is known of the visitor, in the place of what he says of himself.
  headers.set('x-forwarded-for', request.ip)
  headers.set('x-forwarded-host', request.host)
  headers.set('x-forwarded-proto', request.protocol)
  const body = request.method === 'GET' ? undefined : (request.body as Buffer | undefined)
  return new Request(`${request.protocol}://${request.host}${request.url}`, {
    method: request.method,
    headers,
    signal,
    ...(body ? { body: new Uint8Array(body) } : {}),
  })
}
