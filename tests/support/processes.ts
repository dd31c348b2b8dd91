/** Single processes of a shop of many, started as an operator starts them: services, addresses and a key, nothing else. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ShopProcess {
  readonly pid: number
  /** What it printed, newest last. */
  output(): string
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

const repository = resolve(import.meta.dirname, '../..')
const READY_SECONDS_MAX = 90

/** Starts `npm start -- --services …` and waits until it is ready. Throws: with what it printed. */
export async function startServices(services: readonly string[], env: Readonly<Record<string, string>>): Promise<ShopProcess> {
  const child = spawn(process.execPath, [join(repository, 'cli/launch.mjs'), 'run', '--services', services.join(',')], {
    cwd: repository,
    env: {
      ...process.env,
      NODE_ENV: undefined,
      VITEST: undefined,
      STOA_LOG_LEVEL: 'warn',
      STOA_RATE_LIMITS: 'off',
      STOA_BUILD_DIR: join(repository, 'artifacts/storefront'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-100_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  await untilReady(child, () => said)
  return {
    pid: child.pid as number,
    output: () => said,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    stop: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}

async function untilReady(child: ChildProcess, said: () => string): Promise<void> {
  const until = Date.now() + READY_SECONDS_MAX * 1000
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    if (/ ready at /.test(said())) return
    await sleep(50)
  }
  child.kill('SIGKILL')
  throw new Error(`the process did not become ready:\n${said().slice(-5000)}`)
}
