import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
// @ts-expect-error plain JavaScript, because it runs before anything is installed
import * as install from './install.mjs'

type RunNpm = (root: string, args: string[]) => Promise<void>
const ensureInstalled = install.ensureInstalled as (
  root: string,
  mode: 'production' | 'all',
  options: { say: (line: string) => void; runNpm: RunNpm },
) => Promise<void>

const lock = {
  packages: {
    '': {},
    'node_modules/pg': { version: '1.0.0' },
    'node_modules/vitest': { version: '2.0.0', dev: true },
    'node_modules/for-another-machine': { version: '1.0.0', optional: true, os: ['plan9'], cpu: ['mips'] },
    'node_modules/for-this-machine': { version: '3.0.0', optional: true, os: [process.platform], cpu: [process.arch] },
  },
}

let root: string
let runs: string[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stoa-install-'))
  runs = []
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Leaves behind what npm would. */
function put(...names: string[]): void {
  const packages: Record<string, unknown> = {}
  for (const name of names) {
    mkdirSync(join(root, 'node_modules', name), { recursive: true })
    packages[`node_modules/${name}`] = lock.packages[`node_modules/${name}` as keyof typeof lock.packages] ?? { version: '1.0.0' }
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
}

const npm: RunNpm = async (_, args) => {
  runs.push(args.join(' '))
  put('pg', 'for-this-machine', ...(args.includes('--omit=dev') ? [] : ['vitest']))
}
const ensure = (mode: 'production' | 'all', runNpm = npm) => ensureInstalled(root, mode, { say: () => {}, runNpm })

describe('ensureInstalled', () => {
  test('when nothing is there, installs what the mode needs, once', async () => {
    await ensure('production')
    await ensure('production')
    expect(runs).toHaveLength(1)
    expect(runs[0]).toMatch(/^ci --omit=dev /)
  })

  test('when everything is there, running needs no second install', async () => {
    await ensure('all')
    await ensure('production')
    expect(runs).toHaveLength(1)
  })

  test('when only production is there and all is needed, adds to it without emptying node_modules', async () => {
    await ensure('production')
    await ensure('all')
    expect(runs[1]).toMatch(/^install --no-save --include=dev /)
  })

  test('when the lockfile changed, brings the packages up to it and keeps what others installed', async () => {
    await ensure('all')
    writeFileSync(
      join(root, 'package-lock.json'),
      JSON.stringify({ packages: { ...lock.packages, 'node_modules/new': { version: '1.0.0' } } }),
    )
    await ensure('production', async (_, args) => {
      runs.push(args.join(' '))
      put('pg', 'for-this-machine', 'vitest', 'new')
    })
    expect(runs[1]).toMatch(/^install --no-save --include=dev /)
  })

  test('when somebody ran npm by hand, installs nothing', async () => {
    put('pg', 'for-this-machine')
    await ensure('production')
    expect(runs).toEqual([])
  })

  test('when the package of this very machine is missing, it is not complete', async () => {
    put('pg')
    await ensure('production')
    expect(runs[0]).toMatch(/^install --no-save --omit=dev /)
  })

  test('when adding leaves something out, installs afresh', async () => {
    put('pg')
    await ensure('production', async (_, args) => {
      runs.push(args[0] ?? '')
      put('pg', ...(args[0] === 'ci' ? ['for-this-machine'] : []))
    })
    expect(runs).toEqual(['install', 'ci'])
  })

  test('when npm ci refuses, installs by the other way', async () => {
    await ensure('production', async (folder, args) => {
      if (args[0] === 'ci') throw new Error('lockfile refused')
      await npm(folder, args)
    })
    expect(runs[0]).toMatch(/^install --no-save --omit=dev /)
  })

  test('when npm fails both ways, says so and installs again next time', async () => {
    const failing = async () => {
      throw new Error('npm ci failed: no network')
    }
    await expect(ensure('production', failing)).rejects.toThrow('no network')
    await ensure('production')
    expect(runs).toHaveLength(1)
  })

  test('when npm is content but packages are missing, is an error', async () => {
    await expect(ensure('production', async () => put('pg'))).rejects.toThrow('packages of package-lock.json are missing')
  })
})

describe('two launchers at once', () => {
  /** A process that holds the lock for a moment, and tells when it came and went. */
  const holder = (mark: string, ms: number) =>
    spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { withLock } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'lock.mjs')).href)}
       import { appendFileSync } from 'node:fs'
       const log = ${JSON.stringify(join(root, 'log'))}
       await withLock(${JSON.stringify(join(root, 'lock'))}, () => {}, async () => {
         appendFileSync(log, '${mark}+')
         await new Promise((done) => setTimeout(done, ${ms}))
         appendFileSync(log, '${mark}-')
       })`,
    ])
  const ended = (child: ReturnType<typeof spawn>) => new Promise((done) => child.on('exit', done))
  const log = () => readFileSync(join(root, 'log'), 'utf8')

  test('when several want the lock, one after the other holds it', async () => {
    await Promise.all([holder('a', 50), holder('a', 50), holder('a', 50)].map(ended))
    expect(log()).toBe('a+a-a+a-a+a-')
  })

  test('when the holder was killed, the next takes over', async () => {
    const killed = holder('a', 60_000)
    await expect.poll(() => existsLog(), { timeout: 20_000 }).toBe('a+')
    killed.kill('SIGKILL')
    await ended(killed)
    await ended(holder('b', 0))
    expect(log()).toBe('a+b+b-')
  })

  test('when the lock names a process number that now belongs to another, takes over', async () => {
    writeFileSync(join(root, 'lock'), JSON.stringify({ pid: process.pid, startedAt: '1' }))
    await ended(holder('b', 0))
    expect(log()).toBe('b+b-')
  })

  test('when the holder is dead and nobody has buried it, takes over', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise((done) => parent.stdout.once('data', done)))
    const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')
    await expect.poll(() => stat()[2]).toBe('Z')
    writeFileSync(join(root, 'lock'), JSON.stringify({ pid, startedAt: stat()[21] }))
    await ended(holder('b', 0))
    expect(log()).toBe('b+b-')
    parent.kill()
  })

  function existsLog(): string {
    try {
      return log()
    } catch {
      return ''
    }
  }
})
