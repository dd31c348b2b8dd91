/** What may happen while a transaction is open. */
import { codeFiles, isNode, isTest, type Node, nameOf, type SourceFile, walk } from '../house.ts'
import { at, type Finding, type Rule } from '../rule.ts'

const serviceCode = (path: string) => path.startsWith('services/') && !isTest(path)

/** Events are published by `tx.publish`, in the transaction of the rows they tell of. */
export const publishOnTx: Rule = {
  name: 'publish-on-tx',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, serviceCode).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node) => {
        if (node.type !== 'CallExpression' || nameOf(node.callee) !== 'publish') return
        const callee = node.callee as Node
        const on = callee.type === 'MemberExpression' ? nameOf(callee.object) : undefined
        if (on !== 'tx')
          findings.push(at(file, node.start, `publish only on tx${on ? `, not on ${on}` : ''}: rows and event commit together`))
      })
      return findings
    }),
}

/** Functions whose callback runs inside a transaction. `orchestrate` and `read` have none open. */
const opensTransaction = new Set(['transaction', 'handle', 'on', 'onBatch', 'timer'])

/** While a transaction is open nobody waits for the outside world: no fetch, no adapter, no call of another service. */
export const noOutsideWorkInTx: Rule = {
  name: 'no-outside-work-in-tx',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, serviceCode).flatMap((file) => {
      const findings: Finding[] = []
      const outside = outsideNames(file)
      walk(file.tree, (node, ancestors) => {
        if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return
        const name = outsideName(node, outside)
        if (name && ancestors.some((ancestor, index) => isInTransaction(ancestor, ancestors[index - 1]))) {
          findings.push(at(file, node.start, `${name} while a transaction is open: do it before or after, with orchestrate or a worker`))
        }
      })
      return findings
    }),
}

function outsideNames(file: SourceFile): Set<string> {
  const adapters = file.imports.filter(
    ({ specifier, typeOnly }) => !typeOnly && (/(^|\/)adapters\//.test(specifier) || specifier === 'undici'),
  )
  return new Set(['fetch', ...adapters.flatMap(({ locals }) => locals)])
}

function outsideName(node: Node, outside: ReadonlySet<string>): string | undefined {
  const callee = node.callee as Node
  if (callee.type === 'Identifier') {
    const name = String(callee.name)
    return outside.has(name) || name === 'call' ? `${name}()` : undefined
  }
  if (callee.type !== 'MemberExpression') return undefined
  const on = nameOf(callee.object) ?? ''
  if (nameOf(callee) === 'call' && /^(context|ctx|steps)$/.test(on)) return `${on}.call()`
  return callee.object && isNode(callee.object) && callee.object.type === 'Identifier' && outside.has(on)
    ? `${on}.${nameOf(callee)}()`
    : undefined
}

function isInTransaction(node: Node, parent: Node | undefined): boolean {
  if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return false
  if (Array.isArray(node.params) && node.params.some(takesTx)) return true
  return parent?.type === 'CallExpression' && opensTransaction.has(nameOf(parent.callee) ?? '')
}

function takesTx(parameter: unknown): boolean {
  if (!isNode(parameter)) return false
  if (parameter.type === 'Identifier') return parameter.name === 'tx'
  if (parameter.type !== 'ObjectPattern' || !Array.isArray(parameter.properties)) return false
  return parameter.properties.some((property) => isNode(property) && property.type === 'Property' && nameOf(property.key) === 'tx')
}

/** Lower case, as the house writes SQL, or shouted; prose begins with one capital. */
const sqlText =
  /^\s*(?:select\b[^]*\bfrom\b|insert\s+into\b|update\s+\w+[^]*\bset\b|delete\s+from\b|with\s+\w+\s+as\s*\(|SELECT\b[^]*\bFROM\b|INSERT\s+INTO\b|UPDATE\s+\w+[^]*\bSET\b|DELETE\s+FROM\b)/

/** SQL stands in the room's store or in an adapter for PostgreSQL, and nowhere else. */
export const sqlInStore: Rule = {
  name: 'sql-in-store',
  group: 'tidy',
  check: (house) =>
    codeFiles(
      house,
      (path) =>
        /^(services|apps|cli|demo)\//.test(path) && !isTest(path) && !/^services\/[^/]+\/(store(\.ts$|\/)|adapters\/postgres\/)/.test(path),
    ).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node, ancestors) => {
        if (node.type === 'TaggedTemplateExpression' && nameOf(node.tag) === 'sql')
          findings.push(at(file, node.start, 'SQL belongs in store.ts'))
        if (node.type === 'Literal' && typeof node.value === 'string' && sqlText.test(node.value))
          findings.push(at(file, node.start, 'SQL belongs in store.ts'))
        if (
          node.type === 'TemplateLiteral' &&
          ancestors.at(-1)?.type !== 'TaggedTemplateExpression' &&
          sqlText.test(file.text.slice(node.start + 1, node.end - 1))
        ) {
          findings.push(at(file, node.start, 'SQL belongs in store.ts'))
        }
      })
      return findings
    }),
}
