/** The storefront as one function from request to response. The shop's runtime decides who calls it and how the API is reached. */
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ApiFetch } from './app/visit/visit.ts'

export type { ApiFetch } from './app/visit/visit.ts'

export interface Storefront {
  /** Answers every path that is neither the API's nor a file below `assetsDir`. */
  handle(request: Request): Promise<Response>
  /** The folder behind `/assets/`: names hold a hash, so browsers may keep them for ever; `.br` and `.gz` lie beside. */
  readonly assetsDir: string
}

interface ServerBuild {
  readonly entry: { readonly module: { readonly createHandler: CreateHandler } }
}
interface Options {
  readonly api: ApiFetch
  readonly demo: boolean
  /** Public address of the shop for search engines, as mails name it; unless told, where the visitor found it. */
  readonly origin?: string
}
type CreateHandler = (build: ServerBuild, options: Options) => (request: Request) => Promise<Response>

/**
 * Loads a build made by `buildStorefront`. `api` is the only way out: in one process it hands over in memory, in a cluster it is
 * a fetch to the gateway. Its `path` begins with `/api/`. Throws: when `buildDir` holds no build.
 */
export async function createStorefront({ buildDir: given, ...options }: Options & { buildDir: string }): Promise<Storefront> {
  const buildDir = resolve(given)
  const build = (await import(pathToFileURL(join(buildDir, 'server', 'index.js')).href)) as ServerBuild
  return {
    handle: build.entry.module.createHandler(build, options),
    assetsDir: join(buildDir, 'client', 'assets'),
  }
}
