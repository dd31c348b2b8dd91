/** NGINX with TLS before the gateways and the storefront. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runToEnd } from './cache.ts'
import type { Certificate } from './certificates.ts'
import { isAtLeast, nginxProgram, nginxVersion } from './debian.ts'
import { GENERATION_HOST, nginxConf, type NginxSetup, type Upstreams } from './nginx-conf.ts'
import { assertFree } from './ports.ts'
import { startServer, type Program, type RunningServer } from './server.ts'

export interface NginxOptions extends Upstreams {
  readonly cacheDir: string
  readonly dataDir: string
  readonly httpsPort: number
  /** The address it listens on. */
  readonly host: string
  readonly certificate: Certificate
}

/** Open requests may end; event streams do not, and their clients come back by themselves. */
const QUIT_MS = 2000
const RELOAD_MS_MAX = 15_000
const POLL_MS = 50
/** The old workers close their door within 0.1 s after the new ones opened theirs; answers in a row that show it. */
const NEW_ANSWERS = 5

/** Starts NGINX. `reload` sends it other upstreams and resolves once every new connection gets them; no request fails meanwhile. */
export async function startNginx(
  options: NginxOptions,
): Promise<RunningServer & { readonly reload: (upstreams: Upstreams) => Promise<void> }> {
  const folder = join(options.dataDir, 'nginx')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const program = await nginxProgram(options.cacheDir)
  const version = nginxVersion(await runToEnd(program.path, ['-v'], { seconds: 10, env: program.env }))
  const { host, httpsPort, certificate } = options
  const write = ({ gateways, pages }: Upstreams, generation: number) => {
    const http2Directive = isAtLeast(version, [1, 25, 1])
    const setup: NginxSetup = { host, httpsPort, certificate, gateways, pages, generation, http2Directive, user: workersUser() }
    writeFileSync(join(folder, 'next.conf'), nginxConf(setup))
    renameSync(join(folder, 'next.conf'), join(folder, 'nginx.conf'))
  }
  let generation = 1
  write(options, generation)
  const server = await startServer({
    name: 'nginx',
    program,
    // Without -e it would complain that it may not write into the system's folder.
    args: ['-p', folder, '-c', 'nginx.conf', ...(isAtLeast(version, [1, 19, 5]) ? ['-e', 'error.log'] : [])],
    folder,
    logs: ['error.log'],
    gentle: { signal: 'SIGQUIT', ms: QUIT_MS },
    before: () => assertFree('nginx', httpsPort, host),
    ready: async (signal) => {
      const answered = await askGeneration(options, signal)
      if (answered !== generation) throw new Error(`another NGINX answers on port ${httpsPort}`)
    },
  })
  const reload = async (upstreams: Upstreams) => {
    generation++
    write(upstreams, generation)
    await assertValid(program, folder)
    process.kill(server.pid, 'SIGHUP')
    await untilGeneration(options, generation)
  }
  let reloading: Promise<unknown> = Promise.resolve()
  return {
    ...server,
    reload: (upstreams) => {
      const turn = reloading.then(() => reload(upstreams))
      reloading = turn.catch(() => {})
      return turn
    },
  }
}

/** Throws: with what NGINX has against its configuration. On SIGHUP it would keep the old one, and say so in its log only. */
async function assertValid(program: Program, folder: string): Promise<void> {
  await runToEnd(program.path, ['-t', '-q', '-p', folder, '-c', 'nginx.conf'], { seconds: 10, env: program.env })
}

async function untilGeneration(options: NginxOptions, generation: number): Promise<void> {
  const until = Date.now() + RELOAD_MS_MAX
  let inRow = 0
  while (inRow < NEW_ANSWERS) {
    if (Date.now() > until) throw new Error(`NGINX did not take its new configuration within ${RELOAD_MS_MAX / 1000} s`)
    const answered = await askGeneration(options, AbortSignal.timeout(2000)).catch(() => undefined)
    inRow = answered === generation ? inRow + 1 : 0
    await sleep(POLL_MS)
  }
}

/** The number of the configuration that a new connection gets. */
function askGeneration({ host, httpsPort, certificate }: NginxOptions, signal: AbortSignal): Promise<number> {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new Promise((done, fail) => {
    const asked = request(
      {
        host: reached,
        port: httpsPort,
        servername: 'localhost',
        headers: { host: GENERATION_HOST },
        ca: readFileSync(certificate.caFile),
        agent: false,
        signal,
      },
      (response) => {
        let said = ''
        response.on('data', (chunk: Buffer) => (said += chunk.toString()))
        response.once('error', fail)
        response.once('end', () => done(Number(said)))
      },
    )
    asked.once('error', fail)
    asked.end()
  })
}

/** As root the workers become nobody; the group has another name on some systems, and must be named where it differs. */
function workersUser(): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entry = (file: string, matches: (fields: string[]) => boolean) =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .map((line) => line.split(':'))
          .find(matches)
      : undefined
  const gid = entry('/etc/passwd', ([name]) => name === 'nobody')?.[3]
  const group = entry('/etc/group', (fields) => gid !== undefined && fields[2] === gid)?.[0]
  return group === undefined ? undefined : `nobody ${group}`
}
