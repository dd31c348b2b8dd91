/** Contracts and the tests that hold them to their word. */
import { codeFiles, type House, isNode, type Node, nameOf, type SourceFile, walk } from '../house.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** Titles of tests are unique in their file, groups included; titles made from data are not compared. */
export const uniqueTestTitles: Rule = {
  name: 'unique-test-titles',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, (path) => /\.test\.tsx?$/.test(path)).flatMap((file) => {
      const findings: Finding[] = []
      const seen = new Set<string>()
      walk(file.tree, (node, ancestors) => {
        if (!/^(test|it)\b/.test(testFunction(node))) return
        const groups = ancestors.filter((ancestor) => /^describe\b/.test(testFunction(ancestor)))
        const titles = [...groups, node].map(titleOf)
        if (titles.includes(undefined)) return
        const whole = titles.join(' > ')
        if (seen.has(whole)) findings.push(at(file, node.start, `a second test called '${whole}'`))
        seen.add(whole)
      })
      return findings
    }),
}

/** `test`, `describe.each` …: text of what is called with a title, or an empty text. */
function testFunction(node: Node): string {
  if (node.type !== 'CallExpression' || !Array.isArray(node.arguments) || node.arguments.length < 2 || !isNode(node.callee)) return ''
  let callee: Node = node.callee
  let name = ''
  while (callee.type === 'MemberExpression' || callee.type === 'CallExpression' || callee.type === 'TaggedTemplateExpression') {
    if (callee.type === 'MemberExpression') name = `.${nameOf(callee) ?? ''}${name}`
    const inner = callee.type === 'MemberExpression' ? callee.object : callee.type === 'CallExpression' ? callee.callee : callee.tag
    if (!isNode(inner)) return ''
    callee = inner
  }
  return callee.type === 'Identifier' ? `${String(callee.name)}${name}` : ''
}

function titleOf(node: Node): string | undefined {
  const [title] = node.arguments as Node[]
  if (title?.type === 'Literal') return String(title.value)
  if (title?.type !== 'TemplateLiteral' || (title.expressions as Node[]).length > 0) return undefined
  const [only] = title.quasis as { value: { cooked: string } }[]
  return only?.value.cooked
}

/** Every refusal that a contract promises is named by a test of its service. */
export const refusalHasTest: Rule = {
  name: 'refusal-has-test',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, (path) => /^contracts\/[a-z-]+\.ts$/.test(path)).flatMap((file) => {
      const room = `services/${file.path.slice('contracts/'.length, -'.ts'.length)}/`
      if (!house.files.has(`${room}service.ts`)) return []
      const tests = testTexts(house, room)
      const seen = new Set<string>()
      return refusalCodes(file)
        .filter(({ code }) => !seen.has(code) && seen.add(code) && !new RegExp(`['"\`]${code}['"\`]`).test(tests))
        .map(({ code, start }) => at(file, start, `no test in ${room} names the refusal '${code}'`))
    }),
}

function testTexts(house: House, room: string): string {
  return [...house.files.values()]
    .filter((file) => file.path.startsWith(room) && file.path.endsWith('.test.ts'))
    .map((file) => file.text)
    .join('\n')
}

function refusalCodes(file: SourceFile): { code: string; start: number }[] {
  const codes: { code: string; start: number }[] = []
  walk(file.tree, (node) => {
    if (node.type !== 'Property' || nameOf(node.key) !== 'refusals' || !isNode(node.value)) return
    walk(node.value, (inner) => {
      if (inner.type === 'Property') codes.push({ code: nameOf(inner.key) ?? '', start: inner.start })
    })
  })
  return codes
}

/** Every route says who may use it. */
export const routeHasPermission: Rule = {
  name: 'route-has-permission',
  group: 'tidy',
  check: (house) =>
    codeFiles(house, (path) => path.startsWith('contracts/')).flatMap((file) => {
      const findings: Finding[] = []
      walk(file.tree, (node) => {
        if (node.type !== 'CallExpression' || nameOf(node.callee) !== 'route') return
        const [, spec] = node.arguments as Node[]
        const fields = spec?.type === 'ObjectExpression' ? (spec.properties as Node[]) : []
        if (!fields.some((field) => nameOf(field.key) === 'permission')) findings.push(at(file, node.start, "a route without 'permission'"))
      })
      return findings
    }),
}
