/** The repository as the rules see it: files by path, parsed when first asked for. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EcmaScriptModule, parseSync, visitorKeys } from 'oxc-parser'

/** A node of the syntax tree (ESTree with TypeScript), read by its field names. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** One file. `tree`, `imports` and `comments` are empty for files that are not code. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly tree: Node
  readonly imports: readonly Import[]
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[]
  /** Line, from 1, of an offset into `text`. */
  lineAt(offset: number): number
}

/** One import or re-export. `specifier` is as written. */
export interface Import {
  readonly specifier: string
  readonly start: number
  readonly typeOnly: boolean
  readonly names: readonly string[]
  /** What the names are called in the importing file. */
  readonly locals: readonly string[]
  readonly everythingReExported: boolean
}

/** All files, by path from the root with `/` between folders. */
export interface House {
  readonly files: ReadonlyMap<string, SourceFile>
}

const ignoredFolders = new Set(['node_modules', '.git', '.stoa', 'artifacts', 'build', 'dist', '.react-router', '.cache'])
const ignoredPaths = new Set(['tools/tidy/samples', 'package-lock.json'])
const textSuffix = /\.(ts|tsx|mjs|cjs|js|json|md|sql|css|yml|yaml|html|txt)$|(^|\/)(run|LICENSE|\.gitignore)$/

/** Reads the repository at `root`. */
export function readHouse(root: string): House {
  const texts = new Map<string, string>()
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (ignoredPaths.has(path) || ignoredFolders.has(entry.name)) continue
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) texts.set(path, textSuffix.test(path) ? readFileSync(join(root, path), 'utf8') : '')
    }
  }
  visit('')
  return houseOf(texts)
}

/** A house of the given texts, by path. */
export function houseOf(texts: ReadonlyMap<string, string>): House {
  return { files: new Map([...texts].map(([path, text]) => [path, sourceFile(path, text)])) }
}

/** Whether `path` is code that the rules parse. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('.d.ts') && !path.includes('/generated/')
}

/** Whether `path` is a test or belongs to tests only. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith('tests/') || path.includes('/testing/') || path.endsWith('.must-fail.ts')
}

/** The code files of `house` that `wanted` picks. */
export function codeFiles(house: House, wanted: (path: string) => boolean = () => true): SourceFile[] {
  return [...house.files.values()].filter((file) => isCode(file.path) && wanted(file.path))
}

/** Visits every node below `root`, parents first. `ancestors` ends with the parent. */
export function walk(root: Node, visit: (node: Node, ancestors: readonly Node[]) => void): void {
  const ancestors: Node[] = []
  const step = (node: Node) => {
    visit(node, ancestors)
    ancestors.push(node)
    for (const key of visitorKeys[node.type] ?? []) {
      const child = node[key]
      if (Array.isArray(child)) for (const one of child) if (isNode(one)) step(one)
      if (isNode(child)) step(child)
    }
    ancestors.pop()
  }
  step(root)
}

/** Whether `value` is a node of the tree. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** Name of an identifier, or of the last part of `a.b.c`; undefined for anything else. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return String(node.name)
  if (node.type === 'MemberExpression' && node.computed !== true) return nameOf(node.property)
  if (node.type === 'ChainExpression' || node.type === 'TSNonNullExpression') return nameOf(node.expression)
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  return undefined
}

function sourceFile(path: string, text: string): SourceFile {
  let parsed: { tree: Node; imports: Import[]; comments: SourceFile['comments'] } | undefined
  const parse = () => {
    parsed ??= parseCode(path, text)
    return parsed
  }
  let starts: number[] | undefined
  return {
    path,
    text,
    get tree() {
      return parse().tree
    },
    get imports() {
      return parse().imports
    },
    get comments() {
      return parse().comments
    },
    lineAt(offset) {
      starts ??= lineStarts(text)
      let low = 0
      let high = starts.length - 1
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((starts[middle] ?? 0) <= offset) low = middle
        else high = middle - 1
      }
      return low + 1
    },
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function parseCode(path: string, text: string) {
  if (!isCode(path)) return { tree: { type: 'Program', start: 0, end: 0, body: [] }, imports: [], comments: [] }
  const result = parseSync(path, text)
  const [error] = result.errors
  if (error) throw new Error(`${path} does not parse: ${error.message}`)
  return { tree: result.program as unknown as Node, imports: importsOf(result.module, text), comments: result.comments }
}

function importsOf(module: EcmaScriptModule, text: string): Import[] {
  const statics = module.staticImports.map(({ moduleRequest, start, end, entries }) => ({
    specifier: moduleRequest.value,
    start,
    typeOnly: /^import\s+type\b/.test(text.slice(start, end)) || (entries.length > 0 && entries.every((entry) => entry.isType)),
    names: entries.map((entry) => entry.importName.name ?? '*'),
    locals: entries.map((entry) => entry.localName.value),
    everythingReExported: false,
  }))
  const reExports = module.staticExports.flatMap(({ entries, start }) =>
    entries
      .filter((entry) => entry.moduleRequest !== null)
      .map((entry) => ({
        specifier: entry.moduleRequest?.value ?? '',
        start,
        typeOnly: entry.isType,
        names: [entry.importName.name ?? '*'],
        locals: [],
        everythingReExported: entry.importName.name === null,
      })),
  )
  const dynamics = module.dynamicImports.flatMap(({ moduleRequest, start }) => {
    const quoted = /^(['"])(.*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))
    return quoted ? [{ specifier: quoted[2] ?? '', start, typeOnly: false, names: ['*'], locals: [], everythingReExported: false }] : []
  })
  return [...statics, ...reExports, ...dynamics]
}
