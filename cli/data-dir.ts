/** The shop's data folder: one shop at a time, its root secret, and where it runs. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Where a running shop is reached, for `stop` and `doctor`. */
export interface Running {
  readonly pid: number
  readonly origin: string
  /** Folder of the database's socket. */
  readonly databaseHost: string
  /** The sandbox providers, in demo mode. */
  readonly sandboxUrl: string | null
}

const KEY_BYTES = 32

/** Takes the folder for this process. Throws: when another living shop has it. */
export function takeDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'shop.pid')
  const holder = livingHolder(path)
  if (holder !== undefined)
    throw new Error(`a shop already runs on ${dataDir} (process ${holder}); end it with npm stop, or choose another STOA_DATA_DIR`)
  writeDurably(path, `${process.pid} ${startOf(process.pid) ?? ''}`)
}

/** Gives the folder back. */
export function leaveDataDir(dataDir: string): void {
  rmSync(join(dataDir, 'running.json'), { force: true })
  rmSync(join(dataDir, 'shop.pid'), { force: true })
}

/** The process that has the folder, if it lives: a number used again by another process does not count. */
export function livingHolder(path: string): number | undefined {
  if (!existsSync(path)) return undefined
  const [pid, start] = readFileSync(path, 'utf8').split(' ') as [string, string | undefined]
  const number = Number(pid)
  if (!Number.isInteger(number) || number <= 0 || number === process.pid) return undefined
  const now = startOf(number)
  return now !== undefined && now === start ? number : undefined
}

/** When a process began, in ticks since boot. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** The secret all others are derived from; made at the first start. Losing it loses every encrypted field. */
export function rootSecret(dataDir: string): Buffer {
  const path = join(dataDir, 'root.key')
  if (!existsSync(path)) writeDurably(path, randomBytes(KEY_BYTES).toString('base64'))
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64')
  if (key.length !== KEY_BYTES) throw new Error(`${path} is not a key of ${KEY_BYTES} bytes`)
  return key
}

export function writeRunning(dataDir: string, running: Running): void {
  writeDurably(join(dataDir, 'running.json'), JSON.stringify(running))
}

/** The shop running on a folder, if one does. */
export function readRunning(dataDir: string): Running | undefined {
  const path = join(dataDir, 'running.json')
  if (livingHolder(join(dataDir, 'shop.pid')) === undefined || !existsSync(path)) return undefined
  return JSON.parse(readFileSync(path, 'utf8')) as Running
}

/** Whole or not at all, also when the power goes. */
function writeDurably(path: string, text: string): void {
  const file = openSync(`${path}.new`, 'w', 0o600)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  renameSync(`${path}.new`, path)
}
