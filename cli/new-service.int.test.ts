/** A new service is made in a copy of the house, held to every rule, and booted; nothing of the house is edited for it. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readHouse } from '../tools/tidy/house.ts'
import { root } from './paths.ts'

// The compiler and a nested run of tests: bounds for a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'stoa-new-service-'))
  const left = new Set(['node_modules', '.git', 'artifacts', '.stoa', 'build', '.react-router'])
  cpSync(root, copy, { recursive: true, filter: (source) => !left.has(source.split('/').at(-1) ?? '') })
  linkPackages()
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** The copy's packages: everything from outside as installed here, the workspaces from the copy itself. */
function linkPackages(): void {
  const installed = join(root, 'node_modules')
  mkdirSync(join(copy, 'node_modules/@stoa'), { recursive: true })
  for (const name of readdirSync(installed).filter((one) => one !== '@stoa'))
    symlinkSync(join(installed, name), join(copy, 'node_modules', name))
  for (const path of ['packages/chassis', 'packages/kit', 'packages/ui', 'contracts', 'services', 'sandbox', 'demo', 'cli']) {
    if (existsSync(join(copy, path))) symlinkSync(join(copy, path), join(copy, 'node_modules/@stoa', path.split('/').at(-1) ?? ''))
  }
}

function run(program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: 90_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  return { status, output: stdout + stderr }
}
const node = (...args: string[]) => run(process.execPath, ...args)

describe('npm run new-service -- gift-list', () => {
  let before: Map<string, string>
  let after: Map<string, string>
  const texts = () => new Map([...readHouse(copy).files].map(([path, file]) => [path, file.text]))
  beforeAll(() => {
    before = texts()
    expect(node('cli/new-service.ts', 'gift-list')).toMatchObject({ status: 0 })
    after = texts()
  })

  test('one folder and one contract are new, and nothing but generated documents changes', () => {
    const added = [...after.keys()].filter((path) => !before.has(path))
    const written = added.filter((path) => !path.startsWith('contracts/generated/'))
    expect(written.filter((path) => !path.startsWith('services/gift-list/'))).toEqual(['contracts/gift-list.ts'])
    const changed = [...before].filter(([path, text]) => after.get(path) !== text).map(([path]) => path)
    expect(changed.filter((path) => !path.startsWith('contracts/generated/') && !path.startsWith('docs/'))).toEqual([])
  })

  test('the new room compiles with the rest of the house', () => {
    const include = ['services/gift-list', 'contracts/gift-list.ts']
    writeFileSync(join(copy, 'tsconfig.room.json'), JSON.stringify({ extends: './tsconfig.json', include }))
    const { output } = run(join(root, 'node_modules/.bin/tsc'), '-p', 'tsconfig.room.json', '--pretty', 'false', '--listFiles')
    expect(output).toContain('/services/gift-list/routes.ts\n')
    expect(output.split('\n').filter((line) => line.includes('error TS') && line.includes('gift-list'))).toEqual([])
  })

  test('the new room keeps every rule and the format', () => {
    const { output } = node('tools/tidy.ts')
    expect(output).toMatch(/\d+ rules, \d+ findings/)
    expect(output.split('\n').filter((line) => line.includes('gift-list'))).toEqual([])
    expect(run(join(root, 'node_modules/.bin/biome'), 'ci', 'services/gift-list', 'contracts/gift-list.ts')).toMatchObject({ status: 0 })
  })

  test('the new room boots, answers, publishes and refuses in its own tests', () => {
    const { status, output } = node('node_modules/vitest/vitest.mjs', 'run', '--project', 'int', 'services/gift-list')
    expect(output).toMatch(/Tests\s+4 passed \(4\)/)
    expect(status).toBe(0)
  })

  test('the generated documents know the new room', () => {
    expect(after.get('docs/service-map.md')).toContain('[gift-list](../services/gift-list/README.md)')
    expect(after.get('docs/api-permissions.md')).toContain('`POST /gift-list/entries`')
    expect(after.get('contracts/generated/openapi.json')).toContain('"AddGiftListEntry"')
  })

  test('when the name is taken, nothing is written', () => {
    expect(node('cli/new-service.ts', 'gift-list')).toMatchObject({ status: 1, output: 'services/gift-list is there already\n' })
  })

  test('when the name is none, says what one looks like', () => {
    expect(node('cli/new-service.ts', 'Gift List').output).toContain("'Gift List' is no name for a service")
  })
})
