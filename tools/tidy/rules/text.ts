/** What is written: marks of unfinished work, traces of one machine, links, output. */
import { posix } from 'node:path'
import { codeFiles, type House, isTest, nameOf, type SourceFile, walk } from '../house.ts'
import { at, type Finding, type Rule } from '../rule.ts'

// Spelled in halves, so that this file does not break its own rules.
const marks = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b|not (yet )?implemen` + 'ted|in a real (system|app|shop)',
  'g',
)
const machines = new RegExp(
  [
    '(?<![\\w.])/wo' + 'rk/',
    '(?<![\\w.])/ro' + 'ot/',
    '(?<![\\w.])/ho' + 'me/[a-z]',
    'regis' + 'try\\.[a-z]+\\.[a-z]',
    '/(artifactory|nex' + 'us)/',
  ].join('|'),
  'g',
)

/** Nothing is left for later: what is not done is not hinted at. */
export const noUnfinishedMarks: Rule = {
  name: 'no-unfinished-marks',
  group: 'tidy',
  check: (house) => everyMatch(house, marks, (found) => `'${found}': do it, or leave it out`),
}

/** Nothing in the repository knows the machine it was written on. */
export const noMachinePaths: Rule = {
  name: 'no-machine-paths',
  group: 'tidy',
  check: (house) => everyMatch(house, machines, (found) => `'${found}' belongs to one machine`),
}

function everyMatch(house: House, pattern: RegExp, message: (found: string) => string): Finding[] {
  return [...house.files.values()].flatMap((file) =>
    [...file.text.matchAll(pattern)].map((match) => at(file, match.index, message(match[0]))),
  )
}

/** Links of the documents lead somewhere. */
export const docLinks: Rule = {
  name: 'doc-links',
  group: 'tidy',
  check: (house) => [...house.files.values()].filter((file) => file.path.endsWith('.md')).flatMap((file) => brokenLinks(house, file)),
}

function brokenLinks(house: House, file: SourceFile): Finding[] {
  const folders = new Set(
    [...house.files.keys()].flatMap((path) => path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))),
  )
  const prose = file.text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, ' '))
  return [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].flatMap((match) => {
    const link = match[1] ?? ''
    if (/^[a-z]+:/.test(link)) return []
    const [target, anchor] = link.split('#')
    const path = target ? posix.normalize(posix.join(posix.dirname(file.path), target)).replace(/\/$/, '') : file.path
    const found = house.files.get(path)
    if (!found && !folders.has(path)) return [at(file, match.index, `link to ${link}: nothing is there`)]
    if (anchor && found && !headings(found.text).has(anchor)) return [at(file, match.index, `link to ${link}: no such heading`)]
    return []
  })
}

function headings(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
      (match[1] ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replace(/ /g, '-'),
    ),
  )
}

/** Services and packages write through the log, which redacts. */
export const noConsole: Rule = {
  name: 'no-console',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, (path) => /^(services|packages|sandbox)\//.test(path) && !isTest(path)).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node) => {
        if (node.type === 'MemberExpression' && nameOf(node.object) === 'console')
          findings.push(at(file, node.start, 'use the log of the context, not console'))
      })
      return findings
    }),
}
