/**
 * Brings node_modules into the state a command needs. Plain JavaScript for Node 18 and newer: it runs before anything is installed.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { withLock } from './lock.mjs'

const STAMP = join('node_modules', '.stoa-installed')
/** Enough to see why npm failed, without its whole log. */
const KEPT_OUTPUT_LINES = 40

/**
 * Makes sure that the packages of `mode` (`production` or `all`) are installed as package-lock.json says. `all` satisfies `production`.
 * Throws: with npm's last words when npm fails.
 */
export async function ensureInstalled(root, mode, { say = (line) => console.error(line), runNpm = npm } = {}) {
  if (stampSatisfies(root, mode)) return
  if (!writable(root)) {
    if (isComplete(root, mode)) return
    throw new Error(`packages are missing in ${root}, which this user may not write: run 'npm ci' there as its owner`)
  }
  await withLock(join(root, '.stoa-install.lock'), say, async () => {
    if (stampSatisfies(root, mode)) return
    // A narrower install would prune the packages that another command installed and may be running from.
    const wanted = readStamp(root)?.mode === 'all' ? 'all' : mode
    if (!isComplete(root, wanted)) {
      const fresh = !existsSync(join(root, 'node_modules'))
      const what = wanted === 'all' ? 'everything that building and testing needs' : 'what running the shop needs'
      say(`Stoa: ${fresh ? 'first start, ' : ''}installing ${what} (half a minute or so) …`)
      const began = Date.now()
      await installBy(root, wanted, fresh, runNpm)
      say(`Stoa: installed in ${Math.round((Date.now() - began) / 1000)} s.`)
    }
    writeFileSync(join(root, STAMP), JSON.stringify({ lock: lockHash(root), mode: wanted }))
  })
}

/**
 * `npm ci` empties node_modules first, which would pull the floor from under a shop that runs: it is for when nothing is there.
 * It is also strict about lockfiles in ways that differ between versions of npm; `install` takes the same versions from the same file.
 */
async function installBy(root, mode, fresh, runNpm) {
  const ways = fresh ? ['ci', 'install'] : ['install', 'ci']
  let failure
  for (const way of ways) {
    try {
      await runNpm(root, npmArguments(mode, way))
      failure = undefined
    } catch (error) {
      if (process.exitCode === 130) throw error
      failure = error
    }
    if (!failure && isComplete(root, mode)) return
  }
  throw failure ?? new Error('npm ended without an error, but packages of package-lock.json are missing')
}

/** Whether npm's own record of node_modules holds every package of package-lock.json that `mode` and this machine need. */
export function isComplete(root, mode) {
  const hidden = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const wanted = readJson(join(root, 'package-lock.json')).packages
  const present = readJson(hidden).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || !isNeeded(entry, mode)) return true
    return present[path]?.version === entry.version && existsSync(join(root, path))
  })
}

function isNeeded(entry, mode) {
  if (mode === 'production' && entry.dev) return false
  if (!entry.optional && !entry.devOptional) return true
  // Of optional packages only those that name this very machine are sure to be there.
  if (!entry.os || !entry.cpu || entry.libc) return false
  return entry.os.includes(process.platform) && entry.cpu.includes(process.arch)
}

function npmArguments(mode, way) {
  const scope = mode === 'all' ? '--include=dev' : '--omit=dev'
  const options = [scope, '--include=optional', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  return way === 'ci' ? ['ci', ...options] : ['install', '--no-save', ...options]
}

function npm(root, args) {
  const bin = resolve(root, 'node_modules/.bin')
  // Without our own .bin first: npm must not run on the Node that it may be about to replace.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => resolve(folder) !== bin)
  const found = path.map((folder) => join(folder, 'npm')).find(existsSync)
  const viaNode = process.env.npm_execpath
  if (!found && !viaNode) throw new Error("npm was not found: install Node.js with npm, then run 'npm start' again")
  const command = found ? [found] : [process.execPath, viaNode]
  return new Promise((done, failed) => {
    const env = { ...process.env, PATH: path.join(delimiter) }
    const child = spawn(command[0], [...command.slice(1), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = []
    const keep = (chunk) => {
      said = [...said, ...String(chunk).split('\n')].slice(-KEPT_OUTPUT_LINES)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const stop = (signal) => {
      child.kill(signal)
      process.exitCode = 130
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    child.on('error', failed)
    child.on('close', (code) => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      if (code === 0) done()
      else failed(new Error(`npm ${args.join(' ')} failed (${code ?? 'stopped by a signal'}):\n${said.join('\n').trim()}`))
    })
  })
}

function stampSatisfies(root, mode) {
  const stamp = readStamp(root)
  return stamp !== undefined && stamp.lock === lockHash(root) && (stamp.mode === 'all' || stamp.mode === mode)
}

function readStamp(root) {
  try {
    return readJson(join(root, STAMP))
  } catch {
    // Absent, or cut short by a crash: the same as not installed.
    return undefined
  }
}

function lockHash(root) {
  const machine = `${process.platform}-${process.arch}`
  return createHash('sha256')
    .update(machine)
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

function writable(root) {
  try {
    accessSync(root, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
