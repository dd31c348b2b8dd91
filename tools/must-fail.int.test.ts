/** Code that must not compile: `*.must-fail.ts`. A comment `must fail: TS2322` stands on the line above each expected error. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../cli/paths.ts'

const files = globSync('{packages,services,contracts,tools}/**/*.must-fail.ts', { cwd: root, exclude: ['**/node_modules/**'] }).sort()

function expectedErrors(): string[] {
  return files.flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .flatMap((line, index) => [...line.matchAll(/^\s*\/\/ must fail: (TS\d+)$/g)].map((match) => `${path}:${index + 2} ${match[1]}`)),
  )
}

function compilerErrors(): string[] {
  // Beside the samples' own configuration, because paths in it are relative to it; node_modules is out of everybody's sight.
  const config = join(root, 'node_modules', `.must-fail-${process.pid}.json`)
  const include = files.map((path) => relative(join(root, 'node_modules'), join(root, path)))
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', compilerOptions: { types: ['node'] }, include, exclude: [] }))
  try {
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config, '--pretty', 'false'], { cwd: root, encoding: 'utf8' })
    return [...stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (TS\d+)/gm)].map((match) => `${match[1]}:${match[2]} ${match[3]}`)
  } finally {
    rmSync(config, { force: true })
  }
}

test('when code breaks a promise of the chassis, exactly the expected errors stop it from compiling', () => {
  const expected = expectedErrors()
  expect(expected.length).toBeGreaterThan(5)
  expect(compilerErrors().sort()).toEqual(expected.sort())
}, 120_000)
