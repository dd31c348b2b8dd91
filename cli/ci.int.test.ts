import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { root } from './paths.ts'

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs `.ci/run` over suites that are played by shell commands, with a browser that is already there. */
function runCi(scripts: Readonly<Partial<Record<'check' | 'test' | 'test:cluster' | 'test:servers' | 'test:mutants', string>>>) {
  const folder = mkdtempSync(join(tmpdir(), 'stoa-ci-'))
  made.push(folder)
  mkdirSync(join(folder, '.ci'))
  mkdirSync(join(folder, 'bin'))
  cpSync(join(root, '.ci/run'), join(folder, '.ci/run'))
  writeFileSync(join(folder, 'bin/chromium'), '#!/bin/sh\n')
  chmodSync(join(folder, 'bin/chromium'), 0o755)
  const names = ['check', 'test', 'test:cluster', 'test:servers', 'test:mutants'] as const
  const played = names.map((name) => [name, scripts[name] ?? "sh -c 'echo 1 passed, 0 failed'"])
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: Object.fromEntries(played) }))
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter) }
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', env, timeout: 60_000 })
  return { status, last: stdout.trimEnd().split('\n').at(-1) }
}

test('when every suite passes, the last line is their sum', () => {
  expect(
    runCi({
      check: 'echo 9 passed, 0 failed',
      test: 'echo 1 passed, 0 failed; echo 40 passed, 0 failed',
      'test:cluster': "sh -c 'echo 100 passed, 0 failed'",
      'test:servers': 'echo 5 passed, 0 failed',
      'test:mutants': 'echo 7 passed, 0 failed',
    }),
  ).toEqual({
    status: 0,
    // The journeys of a cluster and its faults are two runs.
    last: '261 passed, 0 failed',
  })
})

test('when the faults fail, which run beside other suites, that is a failure', () => {
  // What npm hands on comes as the script's name.
  const faults = `sh -c 'case $0 in faults) echo 20 passed, 2 failed; exit 1;; *) echo 1 passed, 0 failed;; esac'`
  expect(runCi({ 'test:cluster': faults })).toEqual({ status: 1, last: '25 passed, 2 failed' })
})

test('when a suite fails tests, they are in the sum and the exit code tells', () => {
  expect(runCi({ check: 'echo 9 passed, 0 failed', test: 'echo 38 passed, 2 failed; exit 1' })).toEqual({
    status: 1,
    last: '51 passed, 2 failed',
  })
})

test('when a suite breaks off after passing tests, that is a failure', () => {
  expect(runCi({ check: 'echo 9 passed, 0 failed; exit 3', test: 'echo 1 passed, 0 failed' })).toEqual({
    status: 1,
    last: '14 passed, 1 failed',
  })
})

test('when a suite counts nothing, that is a failure', () => {
  expect(runCi({ check: 'echo all is well' })).toEqual({ status: 1, last: '5 passed, 1 failed' })
})
