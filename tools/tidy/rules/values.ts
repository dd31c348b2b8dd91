/** Defaults and money. */
import { codeFiles, isNode, isTest, type Node, nameOf, walk } from '../house.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** Kinds of values that stand to the right of `||` only as a default. A condition on the right is logic, and stays. */
const defaults = new Set(['Literal', 'TemplateLiteral', 'ArrayExpression', 'ObjectExpression', 'NewExpression'])

/**
 * `??`, not `||`, for defaults: a price of 0 and an empty text are values. Nullable left sides with any right side are found by the
 * linter, which knows types (`prefer-nullish-coalescing`); this rule needs none.
 */
export const defaultByNullish: Rule = {
  name: 'default-by-nullish',
  group: 'tidy',
  check: (house) =>
    codeFiles(house).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node, ancestors) => {
        if (node.type === 'AssignmentExpression' && node.operator === '||=') findings.push(at(file, node.start, 'use ??='))
        if (node.type !== 'LogicalExpression' || node.operator !== '||' || !isNode(node.right)) return
        if (isDefault(node.right) && !isCondition(node, ancestors))
          findings.push(at(file, node.right.start, 'a default is given by ??, not by ||'))
      })
      return findings
    }),
}

function isDefault(node: Node): boolean {
  if (node.type === 'Literal') return typeof node.value !== 'boolean'
  if (node.type === 'UnaryExpression') return node.operator === '-'
  if (node.type === 'ParenthesizedExpression' && isNode(node.expression)) return isDefault(node.expression)
  return defaults.has(node.type)
}

/** Whether only the truth of `node` matters where it stands. */
function isCondition(node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1)
  if (!parent) return false
  if (/^(IfStatement|WhileStatement|DoWhileStatement|ForStatement|ConditionalExpression)$/.test(parent.type)) return parent.test === node
  if (parent.type === 'UnaryExpression') return parent.operator === '!'
  if (parent.type === 'LogicalExpression' || parent.type === 'ParenthesizedExpression') return isCondition(parent, ancestors.slice(0, -1))
  return parent.type === 'CallExpression' && nameOf(parent.callee) === 'Boolean'
}

const moneyCode = (path: string) => /^(services|contracts|sandbox)\//.test(path) && !isTest(path)

/** Money is counted in whole minor units; only `packages/kit` divides them. */
export const noFloatMoney: Rule = {
  name: 'no-float-money',
  group: 'tidy',
  check: (house) => [
    ...codeFiles(house, moneyCode).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node) => {
        const why = floatingPoint(node)
        if (why && !isMeasured(node)) findings.push(at(file, node.start, `${why}: money is whole minor units, see packages/kit/money.ts`))
      })
      return findings
    }),
    ...floatColumns(house.files.values()),
  ],
}

function floatingPoint(node: Node): string | undefined {
  if (node.type === 'CallExpression') {
    const name = nameOf(node.callee)
    return name === 'parseFloat' || name === 'toFixed' ? `${name}()` : undefined
  }
  if (node.type !== 'BinaryExpression' || !isNode(node.right) || node.right.type !== 'Literal') return undefined
  if (node.operator === '/' && node.right.value === 100) return '/ 100'
  return node.operator === '*' && node.right.value === 0.01 ? '* 0.01' : undefined
}

/** What is measured, not counted in a currency: ratings, scores, logarithms. */
function isMeasured(node: Node): boolean {
  let measured = false
  walk(node, (inner) => {
    const name = inner.type === 'Identifier' ? String(inner.name) : ''
    if (name === 'Math' || /rating|average|score|hundredths|seconds/i.test(name)) measured = true
  })
  return measured
}

function floatColumns(files: Iterable<{ path: string; text: string; lineAt(offset: number): number }>): Finding[] {
  return [...files]
    .filter((file) => file.path.endsWith('.sql'))
    .flatMap((file) =>
      [...file.text.matchAll(/\b\w+_minor\s+(real|double precision|float\d?|numeric|decimal|money)\b/gi)].map((match) => ({
        path: file.path,
        line: file.lineAt(match.index),
        message: `${match[0]}: money is a bigint of minor units`,
      })),
    )
}
