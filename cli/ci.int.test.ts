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

/** Runs `.ci/run` over suites that are played by shell commands, with a browser that is already there, on a disk with so much room. */
function outputOf(scripts: { check: string; test: string; mutants?: string }, freeMb = 80_000) {
  const folder = mkdtempSync(join(tmpdir(), 'stoa-ci-'))
  made.push(folder)
  mkdirSync(join(folder, '.ci'))
  mkdirSync(join(folder, 'bin'))
  cpSync(join(root, '.ci/run'), join(folder, '.ci/run'))
  const plays = {
    chromium: '',
    df: `echo Filesystem 1048576-blocks Used Available Capacity Mounted; echo /dev/disk 252000 1 ${freeMb} 1% /`,
  }
  for (const [name, text] of Object.entries(plays)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, 'bin', name), 0o755)
  }
  const { check, test: tests, mutants } = scripts
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { check, test: tests, 'test:mutants': mutants } }))
  if (mutants !== undefined) {
    mkdirSync(join(folder, 'tools'))
    writeFileSync(join(folder, 'tools/mutants.ts'), '')
  }
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter) }
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', env, timeout: 60_000 })
  return { status, stdout }
}

function runCi(scripts: Parameters<typeof outputOf>[0]) {
  const { status, stdout } = outputOf(scripts)
  return { status, last: stdout.trimEnd().split('\n').at(-1) }
}

test('when every suite passes, the last line is their sum', () => {
  expect(
    runCi({
      check: 'echo 9 passed, 0 failed',
      test: 'echo 1 passed, 0 failed; echo 40 passed, 0 failed',
      mutants: 'echo 7 passed, 0 failed',
    }),
  ).toEqual({
    status: 0,
    last: '56 passed, 0 failed',
  })
})

test('when a suite fails tests, they are in the sum and the exit code tells', () => {
  expect(runCi({ check: 'echo 9 passed, 0 failed', test: 'echo 38 passed, 2 failed; exit 1' })).toEqual({
    status: 1,
    last: '47 passed, 2 failed',
  })
})

test('when a suite breaks off after passing tests, that is a failure', () => {
  expect(runCi({ check: 'echo 9 passed, 0 failed; exit 3', test: 'echo 1 passed, 0 failed' })).toEqual({
    status: 1,
    last: '10 passed, 1 failed',
  })
})

test('when a suite counts nothing, that is a failure', () => {
  expect(runCi({ check: 'echo all is well', test: 'echo 1 passed, 0 failed' })).toEqual({ status: 1, last: '1 passed, 1 failed' })
})

test('what failed is named again behind all that ran after it', () => {
  const { stdout } = outputOf({
    check: 'echo 9 passed, 0 failed',
    test: 'echo " FAIL  a.test.ts > it adds"; echo "--- Failed Tests 1 ---"; echo expected 2; echo 1 passed, 1 failed; exit 1',
    mutants: 'echo killed one; echo FAILED another; echo 1 passed, 1 failed; exit 1',
  })
  const [, failures = ''] = stdout.split('=== failed in test:')
  expect(failures).toMatch(/ FAIL {2}a\.test\.ts > it adds[^]*expected 2[^]*=== failed in mutants:\s+FAILED another/)
})

test('a disk that is too small is said before anything else, and is no failure of its own', () => {
  const suites = { check: 'echo 9 passed, 0 failed', test: 'echo 1 passed, 0 failed' }
  const small = outputOf(suites, 4999)
  expect([small.status, small.stdout.split('\n').slice(0, 2)]).toEqual([
    0,
    ['free on the disk: 4999 MB', 'THE DISK IS TOO SMALL: at its most this needs 5000 MB'],
  ])
  expect(outputOf(suites, 5000).stdout).not.toContain('TOO SMALL')
})
