/** The sandbox providers as a child process: started again when it dies, ended with us. */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import { root } from './paths.ts'

export interface Sandbox {
  readonly url: string
  readonly smtpUrl: string
  readonly secret: string
  stop(): Promise<void>
}

interface Ports {
  readonly httpPort: number
  readonly smtpPort: number
}

const READY_SECONDS_MAX = 30
const RESTART_MS = 300
const LAST_WORDS = 1000

/** Starts the sandbox on the shop's data folder. It keeps its ports when it comes back. */
export async function startSandboxProcess(
  dataDir: string,
  shopOrigin: string,
  log: Log,
  env: Readonly<Record<string, string>> = {},
): Promise<Sandbox> {
  const data = join(dataDir, 'sandbox')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const secretFile = join(data, 'secret')
  if (!existsSync(secretFile)) writeFileSync(secretFile, randomBytes(24).toString('base64url'), { mode: 0o600 })
  let stopping = false
  let child: ChildProcess
  const run = async (ports: Ports): Promise<Ports> => {
    const args = [
      '--data',
      data,
      '--secret-file',
      secretFile,
      '--shop-origin',
      shopOrigin,
      '--http-port',
      String(ports.httpPort),
      '--smtp-port',
      String(ports.smtpPort),
    ]
    const started = spawn(process.execPath, [join(root, 'sandbox/main.ts'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    child = started
    let said = ''
    started.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000)
    })
    const ready = await firstLine(started)
    if (!ready) throw new Error(`the sandbox did not start: ${said}`)
    started.once('exit', () => {
      if (!stopping) void restart(ready, said)
    })
    return ready
  }
  const restart = async (ports: Ports, lastWords: string) => {
    for (let attempt = 1; !stopping; attempt++) {
      log.warn({ attempt, lastWords: lastWords.slice(-LAST_WORDS) }, 'the sandbox died and is started again')
      await sleep(RESTART_MS * Math.min(attempt, 20))
      try {
        await run(ports)
        return
      } catch (error) {
        log.error({ error }, 'the sandbox did not come back')
      }
    }
  }
  const ports = await run({ httpPort: 0, smtpPort: 0 })
  return {
    url: `http://127.0.0.1:${ports.httpPort}`,
    smtpUrl: `smtp://127.0.0.1:${ports.smtpPort}`,
    secret: readFileSync(secretFile, 'utf8').trim(),
    stop: async () => {
      stopping = true
      await ended(child)
    },
  }
}

function firstLine(child: ChildProcess): Promise<Ports | undefined> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(undefined), READY_SECONDS_MAX * 1000)
    child.once('exit', () => done(undefined))
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', (line) => {
      clearTimeout(timer)
      done(JSON.parse(line) as Ports)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise<void>((done) => child.once('exit', () => done()))
  child.kill('SIGTERM')
  await Promise.race([exit, sleep(5000, undefined, { ref: false })])
  if (child.exitCode === null) child.kill('SIGKILL')
}
