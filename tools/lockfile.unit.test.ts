import { expect, test } from 'vitest'
import { missingEntries } from './lockfile.ts'

test('when a build for another machine is missing, is added with the machine that its name tells', () => {
  const biome = {
    version: '2.0.0',
    dev: true as const,
    optionalDependencies: { '@biomejs/cli-linux-x64-musl': '2.0.0', '@biomejs/cli-win32-arm64': '2.0.0' },
  }
  expect(missingEntries({ 'node_modules/@biomejs/biome': biome })).toEqual({
    'node_modules/@biomejs/cli-linux-x64-musl': {
      version: '2.0.0',
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
      dev: true,
      optional: true,
    },
    'node_modules/@biomejs/cli-win32-arm64': { version: '2.0.0', os: ['win32'], cpu: ['arm64'], dev: true, optional: true },
  })
})

test('when it is there, beside the package or above it, nothing is missing', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { 'b-linux-x64': '1.0.0', 'c-linux-x64': '1.0.0' } },
    'node_modules/a/node_modules/b-linux-x64': {},
    'node_modules/c-linux-x64': {},
  }
  expect(missingEntries(packages)).toEqual({})
})

test('when a name tells no machine, is an error', () => {
  expect(() => missingEntries({ 'node_modules/a': { optionalDependencies: { b: '1.0.0' } } })).toThrow('does not say for which machine')
})
