/** The shop's data folder: one shop at a time, its root secret, and where it runs. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deriveSecret } from '@stoa/chassis/secrets.ts'
import { ownerOf, tryLock } from './lock.mjs'

/** Where a running shop is reached, for `stop` and `doctor`. */
export interface Running {
  readonly pid: number
  /** Where its own commands are heard: one address, or those of all replicas of the gateway. */
  readonly doors: readonly string[]
  /** Folder of the embedded database's socket; null when the database is somebody else's. */
  readonly databaseHost: string | null
  /** Before the names of its databases. */
  readonly databasePrefix: string
  /** The sandbox providers, in demo mode. */
  readonly sandboxUrl: string | null
  /** How often all processes of a cluster were replaced. */
  readonly rolls?: number
}

const KEY_BYTES = 32

/** Takes the folder for this process. Throws: when another living shop has it. */
export async function takeDataDir(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const holder = await tryLock(join(dataDir, 'shop.pid'))
  if (holder)
    throw new Error(`a shop already runs on ${dataDir} (process ${holder.pid}); end it with npm stop, or choose another STOA_DATA_DIR`)
}

/** Gives the folder back. */
export function leaveDataDir(dataDir: string): void {
  rmSync(join(dataDir, 'running.json'), { force: true })
  rmSync(join(dataDir, 'shop.pid'), { force: true })
}

/** The secret all others are derived from; made at the first start. Losing it loses every encrypted field. */
export function rootSecret(dataDir: string): Buffer {
  const path = join(dataDir, 'root.key')
  if (!existsSync(path)) writeDurably(path, randomBytes(KEY_BYTES).toString('base64'))
  return readRootKey(path)
}

/** The root secret in a file. Throws: when it is not there, or is no key. */
export function readRootKey(path: string): Buffer {
  if (!existsSync(path)) throw new Error(`${path}: the key of the shop is missing; each process of a shop needs the same one`)
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64')
  if (key.length !== KEY_BYTES) throw new Error(`${path} is not a key of ${KEY_BYTES} bytes`)
  return key
}

/** Puts the key of a shop that comes from elsewhere into its new folder. */
export function putRootKey(dataDir: string, key: Buffer): void {
  writeDurably(join(dataDir, 'root.key'), key.toString('base64'))
}

/** Authorises the shop's own commands at `/internal/*`. */
export function internalSecret(rootSecret: Buffer): string {
  return deriveSecret(rootSecret, 'internal').export().toString('base64url')
}

export function writeRunning(dataDir: string, running: Running): void {
  writeDurably(join(dataDir, 'running.json'), JSON.stringify(running))
}

/** The shop running on a folder, if one does. */
export function readRunning(dataDir: string): Running | undefined {
  const path = join(dataDir, 'running.json')
  if (!ownerOf(join(dataDir, 'shop.pid')) || !existsSync(path)) return undefined
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
