/** Where what was downloaded is kept: each thing in a folder that is there whole, or not at all. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root } from '../paths.ts'

/** The folder for the servers' programs, unless STOA_SERVERS_CACHE names another. */
export function serversCache(): string {
  return resolve(process.env.STOA_SERVERS_CACHE ?? join(root, 'artifacts/servers'))
}

/** `folder`, made by `make` in a place of its own first: a half-done download never looks whole. Two makers at once do no harm. */
export async function madeOnce(folder: string, make: (draft: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder
  const draft = `${folder}.${randomBytes(4).toString('hex')}.part`
  mkdirSync(dirname(folder), { recursive: true })
  mkdirSync(draft)
  try {
    await make(draft)
    renameSync(draft, folder)
  } catch (error) {
    // Somebody else may have finished first: theirs is as good.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return folder
}

const KEPT_CHARS = 4000

/** Runs a program to its end and resolves with what it said. Throws: with its last words when it fails, or takes longer than `seconds`. */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: { readonly seconds: number; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? '/',
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.seconds * 1000,
      killSignal: 'SIGKILL',
    })
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', fail)
    child.once('close', (code) => {
      if (code === 0) done(said)
      else
        fail(
          new Error(`${command} ended with ${code ?? `a signal, after at most ${options.seconds} s`}: ${said.trim().slice(-KEPT_CHARS)}`),
        )
    })
  })
}
