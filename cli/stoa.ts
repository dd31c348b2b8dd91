/** `stoa`: run, stop, doctor, --help. npm scripts call it through launch.mjs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import type { Books } from '../services/gateway/books.ts'
import { readRunning, rootSecret } from './data-dir.ts'
import { discoverServices } from './discover.ts'
import { startShop } from './run.ts'
import { readSettings, SHOP_SETTINGS, type ShopSettings } from './shop-settings.ts'

const STOP_SECONDS_MAX = 40
const ECHO_MS = 1000

/** Runs a command; resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  if (command === '--help' || rest.includes('--help')) return help()
  let settings: ShopSettings
  try {
    settings = readSettings(process.env)
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
  if (command === 'run') return run(settings)
  if (command === 'stop') return stop(settings)
  if (command === 'doctor') return doctor(settings, rest)
  console.error(`unknown command '${command}'`)
  return 2
}

async function run(settings: ShopSettings): Promise<number> {
  const stopped = stopSignal()
  try {
    const opening = startShop(settings, process.env)
    const first = await Promise.race([opening, stopped])
    const shop = first ?? (await opening)
    if (first) announce(shop.origin, settings)
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

async function doctor(settings: ShopSettings, argv: readonly string[]): Promise<number> {
  const running = readRunning(settings.dataDir)
  if (!running) {
    console.error(`no shop runs on ${settings.dataDir}`)
    return 1
  }
  const wait = argv.includes('--wait') ? Number(argv[argv.indexOf('--wait') + 1]) : 0
  const secret = deriveSecret(rootSecret(settings.dataDir), 'internal').export().toString('base64url')
  const answer = await fetch(`${running.origin}/internal/books?wait=${wait}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
  })
  if (!answer.ok) {
    console.error(`the shop answered ${answer.status}`)
    return 1
  }
  const books = (await answer.json()) as Books
  if (argv.includes('--json')) console.log(JSON.stringify(books, null, 2))
  else
    for (const check of books.checks)
      console.log(
        `${check.ok ? 'ok    ' : 'BROKEN'} ${check.name} (${check.examined} examined${check.broken > 0 ? `, ${check.broken} broken: ${check.examples.join('; ')}` : ''})`,
      )
  return books.ok ? 0 : 1
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
