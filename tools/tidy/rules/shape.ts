/** Cycles, barrels and sizes. */
import { codeFiles, type House, isNode, isTest, type Node, walk } from '../house.ts'
import { ownImports } from '../imports.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** No file imports itself through others. Imports of types only are erased and do not count. */
export const noImportCycle: Rule = {
  name: 'no-import-cycle',
  group: 'boundaries',
  check: (house) => {
    const findings: Finding[] = []
    const state = new Map<string, 'open' | 'done'>()
    const trail: string[] = []
    const visit = (path: string) => {
      state.set(path, 'open')
      trail.push(path)
      for (const { to, line } of valueImports(house, path)) {
        if (state.get(to) === 'open')
          findings.push({ path, line, message: `cycle: ${[...trail.slice(trail.indexOf(to)), to].join(' → ')}` })
        else if (!state.has(to)) visit(to)
      }
      trail.pop()
      state.set(path, 'done')
    }
    for (const { path } of codeFiles(house)) if (!state.has(path)) visit(path)
    return findings
  },
}

function valueImports(house: House, path: string): { to: string; line: number }[] {
  const file = house.files.get(path)
  if (!file) return []
  return ownImports(path, file.imports)
    .filter(({ to, imported }) => !imported.typeOnly && house.files.has(to))
    .map(({ to, imported }) => ({ to, line: file.lineAt(imported.start) }))
}

/** No file exists to hand on what others export: import from where a thing is made. */
export const noBarrel: Rule = {
  name: 'no-barrel',
  group: 'boundaries',
  check: (house) =>
    codeFiles(house, (path) => !path.startsWith('apps/')).flatMap((file) => {
      const all = file.imports
        .filter((imported) => imported.everythingReExported)
        .map((imported) => at(file, imported.start, 're-exports everything of another file: import from there'))
      const name = /(^|\/)index\.ts$/.test(file.path) ? [at(file, 0, 'a file called index.ts says nothing: name it after its subject')] : []
      return [...name, ...all]
    }),
}

const FILE_LINES_MAX = 400

/** Files have at most 400 lines. */
export const fileLines: Rule = {
  name: 'file-lines',
  group: 'tidy',
  check: (house) =>
    [...house.files.values()]
      .filter((file) => /\.(ts|tsx|mjs|sql|css)$/.test(file.path) && !file.path.includes('/generated/'))
      .map((file) => ({ file, lines: file.lineAt(file.text.trimEnd().length) }))
      .filter(({ lines }) => lines > FILE_LINES_MAX)
      .map(({ file, lines }) => ({
        path: file.path,
        line: FILE_LINES_MAX,
        message: `${lines} lines; split by subject at ${FILE_LINES_MAX}`,
      })),
}

const FUNCTION_LINES_MAX = 70

/** Functions have at most 70 lines. The callback of a `describe` groups tests and is not one. */
export const functionLines: Rule = {
  name: 'function-lines',
  group: 'tidy',
  check: (house) =>
    codeFiles(house).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node, ancestors) => {
        if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return
        if (isTest(file.path) && isDescribe(ancestors.at(-1))) return
        const lines = file.lineAt(node.end) - file.lineAt(node.start) + 1
        if (lines > FUNCTION_LINES_MAX) findings.push(at(file, node.start, `a function of ${lines} lines; at most ${FUNCTION_LINES_MAX}`))
      })
      return findings
    }),
}

function isDescribe(node: Node | undefined): boolean {
  if (node?.type !== 'CallExpression' || !isNode(node.callee)) return false
  let callee: Node = node.callee
  while (callee.type !== 'Identifier') {
    const inner = callee.type === 'MemberExpression' ? callee.object : callee.callee
    if (!isNode(inner)) return false
    callee = inner
  }
  return callee.name === 'describe'
}
