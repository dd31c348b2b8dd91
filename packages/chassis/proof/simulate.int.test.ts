import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SeedFailed } from './simulation.ts'

function run(...args: string[]): { status: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('./simulate.ts', import.meta.url)), ...args], {
    encoding: 'utf8',
  })
  return { status, lines: stdout.trimEnd().split('\n') }
}

test('one seed is run again by its number, and tells the same of itself', () => {
  const [first, second] = [run('--seed', '77'), run('--seed', '77')]
  expect(first.status).toBe(0)
  expect(first.lines.at(-1)).toMatch(/^1 seeds, \d+ steps, \d+ events/)
  expect(first.lines.length).toBeGreaterThan(5)
  expect(second.lines.slice(0, -1)).toEqual(first.lines.slice(0, -1))
})

test('a set of seeds in which a fault never bit is no proof', () => {
  const { status, lines } = run('--seeds', '2')
  expect(status).toBe(1)
  expect(lines.filter((line) => line.includes('never')).length).toBeGreaterThan(0)
})

test('a seed that fails is named, with the line that runs it again', () => {
  const failed = new SeedFailed(4711, new Error('P1: key-0/3 is lost'))
  expect(failed.message).toBe('seed 4711: P1: key-0/3 is lost (again: node packages/chassis/proof/simulate.ts --seed 4711)')
})
