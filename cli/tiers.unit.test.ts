import { describe, expect, test } from 'vitest'
import { countReport, lanesOf, summaryOf, type TierResult } from './tiers.ts'

const clean: TierResult = { tier: 'unit', passed: 3, failed: 0, skipped: [], exitCode: 0 }

describe('countReport', () => {
  test('when a file did not load, counts it as one failure', () => {
    const report = { testResults: [{ name: 'a.ts', status: 'failed', assertionResults: [] }] }
    expect(countReport(report)).toEqual({ passed: 0, failed: 1, skipped: [] })
  })

  test('when one test of a file failed, counts that test and not the file', () => {
    const assertionResults = [
      { fullName: 'one', status: 'passed' },
      { fullName: 'two', status: 'failed' },
      { fullName: 'three', status: 'skipped' },
    ]
    expect(countReport({ testResults: [{ name: 'a.ts', status: 'failed', assertionResults }] })).toEqual({
      passed: 1,
      failed: 1,
      skipped: ['three'],
    })
  })
})

describe('summaryOf', () => {
  test('when every tier is clean, is ok and ends with the totals', () => {
    expect(summaryOf([clean, { ...clean, tier: 'int', passed: 2 }], false)).toEqual({
      ok: true,
      lines: ['unit: 3 passed, 0 failed', 'int: 2 passed, 0 failed', '5 passed, 0 failed'],
    })
  })

  test('when a test was skipped, is not ok', () => {
    const summary = summaryOf([{ ...clean, skipped: ['a title'] }], false)
    expect(summary.ok).toBe(false)
    expect(summary.lines.at(-1)).toBe('3 passed, 1 failed')
  })

  test('when a tier ran nothing, is not ok', () => {
    expect(summaryOf([clean, { ...clean, tier: 'int', passed: 0, exitCode: 1 }], false).ok).toBe(false)
  })

  test('when filters leave a tier empty, the others decide', () => {
    expect(summaryOf([clean, { ...clean, tier: 'int', passed: 0, exitCode: 1 }], true)).toEqual({
      ok: true,
      lines: ['unit: 3 passed, 0 failed', '3 passed, 0 failed'],
    })
  })

  test('when filters leave every tier empty, is not ok', () => {
    expect(summaryOf([{ ...clean, passed: 0, exitCode: 1 }], true).ok).toBe(false)
  })

  test('when all tests passed but vitest was not content, is not ok', () => {
    expect(summaryOf([{ ...clean, exitCode: 1 }], false).lines.at(-1)).toBe('3 passed, 1 failed')
  })
})

describe('lanesOf', () => {
  const files = [
    'tests/journeys/b.journey.test.ts',
    'tests/faults/a.journey.test.ts',
    'tests/browser/a.journey.test.ts',
    'tests/new/a.journey.test.ts',
  ]

  test('pages run beside all other journeys, and faults after them, alone', () => {
    expect(lanesOf(files, [], true)).toEqual([
      [['tests/browser/a.journey.test.ts'], ['tests/journeys/b.journey.test.ts', 'tests/new/a.journey.test.ts']],
      [['tests/faults/a.journey.test.ts']],
    ])
  })

  test('only what a word is in runs, in no lane that it would be empty in', () => {
    expect(lanesOf(files, ['journeys/b', 'tests/faults'], true)).toEqual([
      [['tests/journeys/b.journey.test.ts']],
      [['tests/faults/a.journey.test.ts']],
    ])
    expect(lanesOf(files, ['nothing'], true)).toEqual([])
  })
  test('where they may not run beside each other, all run in a row', () => {
    expect(lanesOf(files, [], false)).toEqual([[files.toSorted()]])
  })
})
