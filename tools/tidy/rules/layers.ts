/** Who may import whom, over the whole house. */
import { codeFiles, isTest } from '../house.ts'
import { ownImports, packageOf, resolveImport, roomOf } from '../imports.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** What the chassis gives contracts: their shape, and the calls that every service answers. */
const contractsOfChassis = ['packages/chassis/contract.ts', 'packages/chassis/platform.ts']

/** For each part of the house, the parts it may import beside itself. Parts that are not named may import all. */
const mayImport: readonly { part: string; others: readonly string[] }[] = [
  { part: 'packages/kit/', others: [] },
  { part: 'packages/ui/', others: [] },
  { part: 'packages/chassis/', others: ['packages/kit/'] },
  { part: 'contracts/', others: contractsOfChassis },
  // The demo catalogue is data that the catalogue's room is filled with.
  { part: 'services/', others: ['contracts/', 'packages/chassis/', 'packages/kit/', 'demo/'] },
  { part: 'apps/', others: ['packages/ui/', 'packages/kit/', 'packages/chassis/', 'contracts/'] },
  // The gateway of the sandbox is the witness against the shop: it shares no code with it.
  { part: 'sandbox/', others: ['packages/kit/'] },
  { part: 'demo/', others: ['contracts/', 'packages/kit/', 'packages/chassis/'] },
]

/** A file imports only what its part of the house may know. Tests may go further, but not into another room. */
export const layers: Rule = {
  name: 'layers',
  group: 'boundaries',
  check: (house) =>
    codeFiles(house, (path) => !isTest(path)).flatMap((file) => {
      const rule = mayImport.find(({ part }) => file.path.startsWith(part))
      if (!rule) return []
      return ownImports(file.path, file.imports)
        .filter(({ to }) => ![rule.part, ...rule.others].some((allowed) => to.startsWith(allowed)))
        .map(({ to, imported }) => {
          const allowed = rule.others.length === 0 ? 'nothing else' : `only ${rule.others.join(', ')}`
          return at(file, imported.start, `${rule.part} may import ${allowed}, not ${to}`)
        })
    }),
}

/** No service imports another. */
export const serviceImportsService: Rule = {
  name: 'service-imports-service',
  group: 'boundaries',
  check: (house) =>
    codeFiles(house).flatMap((file) => {
      const room = roomOf(file.path)
      if (room === undefined) return []
      return ownImports(file.path, file.imports)
        .filter(({ to }) => roomOf(to) !== undefined && roomOf(to) !== room)
        .map(({ to, imported }) => at(file, imported.start, `imports ${to}: use a call or an event of contracts/${roomOf(to)}.ts`))
    }),
}

/** Contracts import typebox, the contracts of the chassis and other contracts, nothing else. */
export const contractsStandAlone: Rule = {
  name: 'contracts-stand-alone',
  group: 'boundaries',
  check: (house) =>
    codeFiles(house, (path) => path.startsWith('contracts/') && !isTest(path)).flatMap((file) =>
      file.imports
        .filter(({ specifier }) => {
          const to = resolveImport(file.path, specifier)
          return to === undefined ? packageOf(specifier) !== 'typebox' : !to.startsWith('contracts/') && !contractsOfChassis.includes(to)
        })
        .map(({ specifier, start }) =>
          at(file, start, `a contract may import typebox, contract.ts, platform.ts and contracts, not ${specifier}`),
        ),
    ),
}

/** What is pure in `node:crypto`: the rest draws random bytes. */
const pureCrypto = new Set(['createHash', 'createHmac', 'timingSafeEqual', 'hash', 'KeyObject'])

/** A domain decides from what it is given: no I/O, no clock, no chance. */
export const domainIsPure: Rule = {
  name: 'domain-is-pure',
  group: 'boundaries',
  check: (house) => codeFiles(house, isDomain).flatMap((file) => [...impureImports(file), ...impureNames(file)]),
}

function isDomain(path: string): boolean {
  return /^services\/[^/]+\/domain(\.ts$|\/)/.test(path) && !isTest(path)
}

type File = ReturnType<typeof codeFiles>[number]

function impureImports(file: File): Finding[] {
  const room = roomOf(file.path) ?? ''
  return file.imports
    .filter(({ specifier, names, typeOnly }) => {
      const to = resolveImport(file.path, specifier)
      if (to !== undefined)
        return ![`services/${room}/domain`, 'packages/kit/', 'contracts/', 'packages/chassis/contract.ts'].some((own) => to.startsWith(own))
      if (specifier === 'node:crypto') return !names.every((name) => pureCrypto.has(name))
      return packageOf(specifier) !== 'node:assert' && specifier !== 'node:assert/strict' && !(typeOnly && specifier === 'typebox')
    })
    .map(({ specifier, start }) =>
      at(file, start, `a domain imports kit, contracts and its own files, not ${specifier}: take what it gives as an argument`),
    )
}

const impure =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bfetch\(|\bcrypto\.|\bperformance\.now\(|\bset(?:Timeout|Interval)\(/g

function impureNames(file: File): Finding[] {
  return [...file.text.matchAll(impure)]
    .filter((match) => !file.comments.some(({ start, end }) => start <= match.index && match.index < end))
    .map((match) => at(file, match.index, `a domain is pure: '${match[0].replace(/\($/, '')}' must come in as an argument`))
}
