/** Serves a built storefront over HTTP against the fake API: for browser tests and for looking at pages while they are made. */
import { mkdir, readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import type { AddressInfo } from 'node:net'
import { buildStorefront, storefrontSourceHash } from '../build.ts'
import { createStorefront, type Storefront } from '../server.ts'
import { createFakeApi } from './fake-api.ts'
import { fakePicture } from './fake-goods.ts'
import type { FakeShop } from './fake-types.ts'

const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }

/** A build of the sources as they are now, made once per state of them. */
export async function builtStorefront(): Promise<string> {
  const buildDir = join(tmpdir(), 'stoa-storefront-builds', await storefrontSourceHash())
  const isThere = await stat(join(buildDir, 'server', 'index.js')).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    await mkdir(join(buildDir, '..'), { recursive: true })
    await buildStorefront({ outDir: buildDir })
  }
  return buildDir
}

/** Starts on a free port unless told; `shop` is the fake's state. */
export async function serveFakeShop(
  options: { port?: number; mediaDir?: string } = {},
): Promise<{ origin: string; shop: FakeShop; stop(): Promise<void> }> {
  const { api, shop } = createFakeApi()
  const storefront = await createStorefront({ buildDir: await builtStorefront(), api, demo: true })
  const server = createServer((request, response) => {
    answer(storefront, options.mediaDir, request, response).catch((fault: unknown) => {
      console.error(fault)
      response.writeHead(500).end()
    })
  })
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    shop,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  storefront: Storefront,
  mediaDir: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  if (url.pathname.startsWith('/assets/'))
    return sendFile(join(storefront.assetsDir, normalize(url.pathname.slice('/assets'.length))), response)
  if (url.pathname.startsWith('/media/')) return sendMedia(mediaDir, url.pathname, response)
  if (url.pathname.startsWith('/api/products/')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': nothing moves here\n\n')
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const answered = await storefront.handle(
    new Request(url, {
      method: request.method ?? 'GET',
      headers: Object.entries(request.headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one])),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    }),
  )
  const headers: Record<string, string | string[]> = Object.fromEntries(answered.headers)
  headers['set-cookie'] = answered.headers.getSetCookie()
  response.writeHead(answered.status, headers)
  response.end(Buffer.from(await answered.arrayBuffer()))
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' })
  response.end(await readFile(path))
}

async function sendMedia(mediaDir: string | undefined, path: string, response: ServerResponse): Promise<void> {
  const drawn =
    mediaDir === undefined ? null : await readFile(join(mediaDir, normalize(path.slice('/media/demo'.length)))).catch(() => null)
  response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(drawn ?? fakePicture(path))
}

if (import.meta.main) {
  const { origin } = await serveFakeShop({ port: Number(process.env['PORT'] ?? 0) })
  console.log(`The storefront with a fake shop behind it is at ${origin}`)
}
