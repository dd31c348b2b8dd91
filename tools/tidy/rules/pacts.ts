/** Services that call each other have a pact: what each caller needs is written down, and verified at who answers. */
import { codeFiles, type House, isNode, isTest, type Node, nameOf, type SourceFile, walk } from '../house.ts'
import { ownImports, roomOf } from '../imports.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** A call as its contract declares it. */
interface Declared {
  readonly provider: string
  readonly name: string
  readonly refuses: boolean
}

/** The first place where a room imports the contract of another's call. Whoever imports it makes it. */
interface Made {
  readonly consumer: string
  readonly call: Declared
  readonly file: SourceFile
  readonly start: number
}

interface Interaction {
  readonly request: { readonly path: string }
  readonly response: { readonly body?: { readonly content?: { readonly refusal?: unknown } } }
}

interface Pact {
  readonly consumer: string
  readonly provider: string
  readonly file: SourceFile
  readonly interactions: readonly Interaction[]
}

/** Each call that a room makes stands in a pact, with a refusal where its contract promises any; nothing else does; and tests hold both sides to it. */
export const callHasPact: Rule = {
  name: 'call-has-pact',
  group: 'boundaries',
  check: (house) => {
    const made = callsMade(house)
    const pacts = pactsOf(house)
    return [...made.flatMap((one) => missing(one, pacts)), ...pacts.flatMap((one) => [...outlived(one, made), ...untested(one, house)])]
  },
}

function missing({ consumer, call, file, start }: Made, pacts: readonly Pact[]): Finding[] {
  const { provider, name, refuses } = call
  const agreed = pacts
    .filter((one) => one.consumer === consumer && one.provider === provider)
    .flatMap(({ interactions }) => interactions)
    .filter(({ request }) => request.path === pathOf(call))
  if (agreed.length === 0)
    return [
      at(
        file,
        start,
        `no pact says what ${consumer} needs of ${provider}.${name}: say it in services/${consumer}/pacts-needed.int.test.ts`,
      ),
    ]
  const isRefused = agreed.some(({ response }) => response.body?.content?.refusal !== undefined)
  return refuses && !isRefused ? [at(file, start, `no pact says how ${provider}.${name} refuses ${consumer}`)] : []
}

function outlived(pact: Pact, made: readonly Made[]): Finding[] {
  const { consumer, provider, file } = pact
  const paths = new Set(made.filter((one) => one.consumer === consumer && one.call.provider === provider).map(({ call }) => pathOf(call)))
  const gone = new Set(pact.interactions.map(({ request }) => request.path).filter((path) => !paths.has(path)))
  return [...gone].map((path) => at(file, 0, `${consumer} does not call ${path.slice('/calls/'.length).replace('/', '.')} any more`))
}

function untested({ consumer, provider, file }: Pact, house: House): Finding[] {
  const tests = [...house.files.keys()]
  const isThere = (room: string, side: string) =>
    tests.some((path) => path.startsWith(`services/${room}/pacts-${side}`) && path.endsWith('.int.test.ts'))
  return [
    ...(isThere(consumer, 'needed')
      ? []
      : [at(file, 0, `services/${consumer}/pacts-needed.int.test.ts is not there, which would write this`)]),
    ...(isThere(provider, 'kept')
      ? []
      : [at(file, 0, `services/${provider}/pacts-kept.int.test.ts is not there, which would verify this`)]),
  ]
}

function pathOf({ provider, name }: Declared): string {
  return `/calls/${provider}/${name}`
}

function callsMade(house: House): Made[] {
  const declared = callsDeclared(house)
  const made = new Map<string, Made>()
  for (const file of codeFiles(house, (path) => roomOf(path) !== undefined && !isTest(path))) {
    const consumer = roomOf(file.path) as string
    for (const { to, imported } of ownImports(file.path, file.imports)) {
      if (imported.typeOnly) continue
      for (const name of imported.names) {
        const call = declared.get(`${to} ${name}`)
        const key = `${consumer} ${call?.provider}.${call?.name}`
        if (call && call.provider !== consumer && !made.has(key)) made.set(key, { consumer, call, file, start: imported.start })
      }
    }
  }
  return [...made.values()]
}

/** Every `export const Name = call('service.Name', …)`, by file and exported name. */
function callsDeclared(house: House): Map<string, Declared> {
  const declared = new Map<string, Declared>()
  for (const file of codeFiles(house, (path) => /^contracts\/[a-z-]+\.ts$/.test(path)))
    walk(file.tree, (node) => {
      if (node.type !== 'VariableDeclarator' || !isNode(node.init) || node.init.type !== 'CallExpression') return
      if (nameOf(node.init.callee) !== 'call') return
      const [door, spec] = node.init.arguments as Node[]
      const [provider, name] = String(door?.value).split('.')
      const fields = spec?.type === 'ObjectExpression' ? (spec.properties as Node[]) : []
      const refuses = fields.some((field) => nameOf(field.key) === 'refusals')
      if (provider && name) declared.set(`${file.path} ${nameOf(node.id)}`, { provider, name, refuses })
    })
  return declared
}

function pactsOf(house: House): Pact[] {
  return [...house.files.values()]
    .filter(({ path }) => /^contracts\/pacts\/.+\.json$/.test(path))
    .map((file) => {
      const { consumer, provider, interactions } = JSON.parse(file.text) as {
        consumer: { name: string }
        provider: { name: string }
        interactions: Interaction[]
      }
      return { consumer: consumer.name, provider: provider.name, file, interactions }
    })
}
