import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** This Node, and the machine's own if that is an older one: the launcher then goes on in this one. */
const older = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .filter(existsSync)
  .find((node) => Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 24)
const nodes = [
  { node: process.execPath, name: 'a Node that runs TypeScript' },
  ...(older === undefined ? [] : [{ node: older, name: 'an older Node' }]),
]

/** A shop in short: says what it was told, and ends with 7 on SIGTERM. */
const shop = `
import { appendFileSync } from 'node:fs'
export async function main(argv: string[]): Promise<number> {
  appendFileSync(process.env.OUT as string, JSON.stringify({ argv, pid: process.pid, major: Number(process.versions.node.split('.')[0]) }) + '\\n')
  if (argv[0] !== 'run') return 5
  const waiting = setInterval(() => {}, 1000)
  return new Promise((done) => {
    process.on('SIGTERM', () => {
      appendFileSync(process.env.OUT as string, '"SIGTERM"\\n')
      clearInterval(waiting)
      done(7)
    })
  })
}
`

/** Bounds, not expectations: a busy machine may need seconds to start a process. */
const patient = { timeout: 20_000 }

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stoa-launch-'))
  mkdirSync(join(root, 'cli'))
  for (const name of ['launch.mjs', 'install.mjs', 'lock.mjs']) cpSync(join(import.meta.dirname, name), join(root, 'cli', name))
  writeFileSync(join(root, 'cli/stoa.ts'), shop)
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{}}')
  mkdirSync(join(root, `node_modules/node-linux-${process.arch}/bin`), { recursive: true })
  symlinkSync(process.execPath, join(root, `node_modules/node-linux-${process.arch}/bin/node`))
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages":{}}')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let runs = 0
function launch(node: string, ...args: string[]) {
  const out = join(root, `out-${runs++}`)
  const env: NodeJS.ProcessEnv = { ...process.env, OUT: out }
  // As started by hand: under npm the shop would watch its parent.
  delete env.npm_lifecycle_event
  delete env.NODE_COMPILE_CACHE
  const child: ChildProcess = spawn(node, [join(root, 'cli/launch.mjs'), ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const code = new Promise<number | null>((done) => child.on('close', done))
  const lines = () =>
    existsSync(out)
      ? readFileSync(out, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown)
      : []
  return { child, code, lines, said: () => said }
}

describe.each(nodes)('started by $name', ({ node }) => {
  test('when a command ends, its arguments and exit code went through', async () => {
    const { code, lines } = launch(node, 'doctor', '--json')
    expect(await code).toBe(5)
    expect(lines()).toMatchObject([{ argv: ['doctor', '--json'] }])
  })

  test('when a command has ended, what Node compiled for it is kept beside what npm installed', async () => {
    const kept = join(root, 'node_modules/.cache/stoa-compiled')
    rmSync(kept, { recursive: true, force: true })
    await launch(node, 'doctor').code
    expect(readdirSync(kept, { recursive: true }).length).toBeGreaterThan(1)
  })

  test('when SIGTERM comes, the shop gets it once and its exit code is kept', async () => {
    const { child, code, lines } = launch(node, 'run')
    await expect.poll(() => lines().length, patient).toBe(1)
    child.kill('SIGTERM')
    expect(await code).toBe(7)
    expect(lines()).toMatchObject([{ argv: ['run'], major: Number(process.versions.node.split('.')[0]) }, 'SIGTERM'])
  })

  test('when the launcher is killed outright, the shop ends too', async () => {
    const { child, code, lines } = launch(node, 'run')
    await expect.poll(() => lines().length, patient).toBe(1)
    child.kill('SIGKILL')
    await code
    const [{ pid }] = lines() as [{ pid: number }]
    await expect.poll(() => existsSync(`/proc/${pid}`), patient).toBe(false)
  })

  test('when the command is unknown, lists the commands', async () => {
    const { code, said } = launch(node, 'dance')
    expect(await code).toBe(2)
    expect(said()).toMatch(/unknown command 'dance'[^]*new-service/)
  })
})

test('when npm dies, the shop that it started ends too', async () => {
  const out = join(root, 'out-npm')
  const env = { ...process.env, OUT: out, npm_lifecycle_event: 'start' }
  // Plays npm: starts the launcher and stays.
  const play = `require('node:child_process').spawn(process.execPath, [${JSON.stringify(join(root, 'cli/launch.mjs'))}, 'run'], { stdio: 'ignore' })`
  const npm = spawn(process.execPath, ['-e', play], { env, stdio: 'ignore' })
  await expect.poll(() => existsSync(out), patient).toBe(true)
  npm.kill('SIGKILL')
  await expect.poll(() => readFileSync(out, 'utf8'), patient).toContain('SIGTERM')
})
