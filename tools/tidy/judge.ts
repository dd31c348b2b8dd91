import type { House } from './house.ts'
import { at, type Finding, type Rule } from './rule.ts'

/** An exception in the source: `tidy-allow rule-name: reason`, in a comment on the line above or on the same line. */
const allowance = /tidy-allow ([a-z-]+)(?::\s*(\S.*))?/g

/** Runs rules over a house; one line per finding, in order of files. An exception without a reason is itself a finding. */
export function judge(house: House, rules: readonly Rule[]): string[] {
  return rules
    .flatMap((rule) => findingsOf(house, rule).map((finding) => ({ ...finding, rule: rule.name })))
    .sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
    .map(({ path, line, rule, message }) => `${path}:${line} ${rule} ${message}`)
}

/** Findings of one rule, exceptions taken out. */
export function findingsOf(house: House, rule: Rule): Finding[] {
  const allowed = new Set<string>()
  const bare: Finding[] = []
  for (const file of house.files.values()) {
    for (const match of file.text.matchAll(allowance)) {
      if (match[1] !== rule.name) continue
      const line = file.lineAt(match.index)
      if (match[2] === undefined) bare.push(at(file, match.index, 'an exception needs its reason: `tidy-allow rule: reason`'))
      else for (const covered of [line, line + 1]) allowed.add(`${file.path}:${covered}`)
    }
  }
  return [...rule.check(house).filter((finding) => !allowed.has(`${finding.path}:${finding.line}`)), ...bare]
}
