import { describe, expect, test } from 'vitest'
import type { House } from './house.ts'
import { findingsOf } from './judge.ts'
import { rules } from './rules.ts'
import { readSamples } from './samples.ts'

const samples = new Map(readSamples().map((sample) => [sample.rule, sample]))

/** Lines that say `fails`; rooms and folders are named by their path alone. */
function marked(house: House): string[] {
  return [...house.files.values()]
    .flatMap((file) => file.text.split('\n').flatMap((line, index) => (/\bfails\b/.test(line) ? [`${file.path}:${index + 1}`] : [])))
    .sort()
}

describe('every rule of the house', () => {
  test.each(rules)('$name has a sample', ({ name }) => {
    expect([...samples.keys()]).toContain(name)
  })

  test.each(rules)('$name finds nothing in the sample that passes', (rule) => {
    const house = samples.get(rule.name)?.passes
    expect(house?.files.size).toBeGreaterThan(0)
    expect(house && findingsOf(house, rule)).toEqual([])
  })

  test.each(rules)('$name finds exactly the marked lines of the sample that must fail', (rule) => {
    const house = samples.get(rule.name)?.fails
    const findings = house ? findingsOf(house, rule) : []
    const found = [...new Set(findings.map(({ path, line }) => `${path}:${line}`))]
      .filter((place) => house?.files.has(place.split(':')[0] ?? ''))
      .sort()
    expect(findings.length).toBeGreaterThan(0)
    expect(found).toEqual(house && marked(house))
  })
})

test('when a sample is left of a rule that is gone, it is named', () => {
  expect([...samples.keys()].filter((name) => !rules.some((rule) => rule.name === name))).toEqual([])
})

test('when a room lacks its README, test or service, each is said', () => {
  const rule = rules.find(({ name }) => name === 'room-is-whole')
  const house = samples.get('room-is-whole')?.fails
  const messages = rule && house ? findingsOf(house, rule).map(({ path, message }) => `${path} ${message}`) : []
  expect(messages).toContain('services/wishlist README.md is missing')
  expect(messages).toContain('services/wishlist there is no test')
  expect(messages).toContain('services/empty service.ts is missing')
})
