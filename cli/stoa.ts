/** `stoa`: run, cluster, roll, stop, doctor, republish, move, --help. npm scripts call it through launch.mjs. */
import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRunning } from './data-dir.ts'
import { discoverServices } from './discover.ts'
import { doctor, republish } from './operator.ts'
import { OptionFault, valueOf } from './options.ts'
import { readSettings, SHOP_SETTINGS, type ShopSettings } from './shop-settings.ts'
import type { Shop } from './unwind.ts'

const STOP_SECONDS_MAX = 40
const ROLL_SECONDS_MAX = 900
const ECHO_MS = 1000

/** Runs a command; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await command(argv)
  } catch (error) {
    if (!(error instanceof OptionFault)) throw error
    console.error(error.message)
    return 2
  }
}

async function command(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--help' || rest.includes('--help')) return help()
  let settings: ShopSettings
  try {
    takeOptions(rest)
    settings = readSettings(process.env)
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
  if (name === 'run') return run(settings, settings.services.length === 0 ? 'shop' : 'process')
  if (name === 'cluster') return run(settings, 'cluster')
  if (name === 'stop') return stop(settings)
  if (name === 'roll') return roll(settings)
  if (name === 'doctor') return doctor(settings, rest)
  if (name === 'republish') return republish(settings, rest)
  if (name === 'move') return (await import('./move/command.ts')).moveCommand(settings, process.env, rest)
  console.error(`unknown command '${name}'`)
  return 2
}

/** `--settings FILE`: variables of a file, where the environment has none of its own. `--services a,b`: services of this process. */
function takeOptions(options: readonly string[]): void {
  const file = valueOf(options, '--settings')
  if (file !== undefined) process.loadEnvFile(file)
  const services = valueOf(options, '--services')
  if (services !== undefined) process.env.STOA_SERVICES = services
}

/** Each loaded only where it is wanted: a process among many has no use for the others' servers. */
const STARTS = {
  shop: async () => (await import('./run.ts')).startShop,
  process: async () => (await import('./process.ts')).startProcess,
  cluster: async () => (await import('./cluster/cluster.ts')).startCluster,
} as const

async function run(settings: ShopSettings, what: keyof typeof STARTS): Promise<number> {
  const stopped = stopSignal()
  try {
    const start = await STARTS[what]()
    const opening: Promise<Shop> = start(settings, process.env)
    const first = await Promise.race([opening, stopped])
    // It may wait for other processes, which end too. It has nothing of its own that must be ended with care.
    if (!first && what === 'process') process.exit(0)
    const shop = first ?? (await opening)
    if (first && what === 'process') console.log(`Stoa: ${settings.services.join(', ')} ready at ${shop.origin}`)
    else if (first) announce(shop.origin, settings)
    // Now, and not only at an end that may never be a proper one.
    flushCompileCache()
    await stopped
    await shop.stop()
    return 0
  } catch (error) {
    console.error(`Stoa did not start: ${(error as Error).message}`)
    if (settings.logLevel === 'debug') console.error(error)
    return 1
  }
}

/** Resolves at the first signal. Another one (not the echo that npm sends of Ctrl-C), or a stop that hangs, ends the process hard: recovery makes that safe. */
function stopSignal(): Promise<void> {
  return new Promise((done) => {
    let first = 0
    const hear = () => {
      if (first !== 0 && Date.now() - first > ECHO_MS) process.exit(130)
      if (first !== 0) return
      first = Date.now()
      setTimeout(() => process.exit(1), STOP_SECONDS_MAX * 1000).unref()
      done()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear)
  })
}

function announce(origin: string, settings: ShopSettings): void {
  console.log(`Stoa is ready at ${origin}`)
  if (!settings.demo) return
  console.log(`  storefront ${origin}/   API ${origin}/docs   mails ${origin}/inbox`)
  console.log(
    '  admin@stoa.example, warehouse@stoa.example, vendor@stoa.example, pos@stoa.example, shopper@stoa.example: password stoa-demo-2026',
  )
}

async function stop(settings: ShopSettings): Promise<number> {
  const running = readRunning(settings.dataDir)
  if (!running) {
    console.log(`no shop runs on ${settings.dataDir}`)
    return 0
  }
  process.kill(running.pid, 'SIGTERM')
  const until = Date.now() + STOP_SECONDS_MAX * 1000
  while (Date.now() < until) {
    if (!readRunning(settings.dataDir)) return 0
    await sleep(100)
  }
  console.error(`process ${running.pid} did not end in ${STOP_SECONDS_MAX} s`)
  return 1
}

/** Replaces every process of a cluster, one after the other, while it is open. */
async function roll(settings: ShopSettings): Promise<number> {
  const running = readRunning(settings.dataDir)
  if (running?.rolls === undefined) {
    console.error(`no cluster runs on ${settings.dataDir}`)
    return 1
  }
  process.kill(running.pid, 'SIGUSR2')
  const until = Date.now() + ROLL_SECONDS_MAX * 1000
  while (Date.now() < until) {
    await sleep(500)
    const now = readRunning(settings.dataDir)
    if (!now) break
    if ((now.rolls ?? 0) > running.rolls) return 0
  }
  console.error('not all processes were replaced; the cluster says why')
  return 1
}

async function help(): Promise<number> {
  const services = await discoverServices()
  const all = [...SHOP_SETTINGS, ...services.flatMap(({ definition }) => definition.settings ?? [])]
  console.log('Settings, from the environment:\n')
  // Several services may read one setting.
  for (const one of new Map(all.map((setting) => [setting.name, setting])).values()) {
    const standard = (one.schema as { default?: unknown }).default
    console.log(`  ${one.name.padEnd(32)} ${one.summary}${standard === undefined || standard === '' ? '' : ` [${String(standard)}]`}`)
  }
  return 0
}
