/** The shape of a room: which files it has, what they are called, and which of them may import which. */
import { codeFiles, type House, isTest, nameOf, walk } from '../house.ts'
import { ownImports, roomOf, roomsOf } from '../imports.ts'
import { at, type Finding, type Rule } from '../rule.ts'

/** Height of a file's subject: imports go down, or stay within one subject. Names that are not listed are helpers of whoever imports them. */
const height: Readonly<Record<string, number>> = {
  service: 6,
  routes: 5,
  consumers: 5,
  calls: 5,
  checks: 5,
  // What routes and consumers share: use cases, and the values they schedule.
  usecases: 4,
  timers: 4,
  workers: 4,
  jobs: 4,
  // Some adapters stand on rows of the room, as a search engine does that answers with them.
  adapters: 3,
  store: 2,
  domain: 1,
}
const sharesItsHeight = 4

/** Within a room, imports go one way: service → routes, consumers → use cases, timers → adapters → store → domain. */
export const importOrder: Rule = {
  name: 'import-order',
  group: 'boundaries',
  check: (house) =>
    codeFiles(house, (path) => roomOf(path) !== undefined && !isTest(path)).flatMap((file) => {
      const own = height[subjectOf(file.path)]
      if (own === undefined) return []
      return ownImports(file.path, file.imports).flatMap(({ to, imported }) =>
        subjectsBehind(house, to, roomOf(file.path) ?? '')
          .filter((subject) => !mayReach(subjectOf(file.path), subject))
          .map((subject) =>
            at(
              file,
              imported.start,
              `${subjectOf(file.path)} must not import ${subject}: imports go service → routes, consumers → usecases, timers, workers, jobs → adapters → store → domain`,
            ),
          ),
      )
    }),
}

/** `store` for services/x/store.ts and for services/x/store/levels.ts. */
function subjectOf(path: string): string {
  return (path.split('/')[2] ?? '').replace(/\.ts$/, '')
}

function mayReach(from: string, to: string): boolean {
  const [own, other] = [height[from] ?? 0, height[to] ?? 0]
  return from === to || other < own || (other === own && own === sharesItsHeight)
}

/** The named subjects that importing `path` brings in, looking through helpers. */
function subjectsBehind(house: House, path: string, room: string, seen = new Set<string>()): string[] {
  if (roomOf(path) !== room || seen.has(path)) return []
  seen.add(path)
  if (height[subjectOf(path)] !== undefined) return [subjectOf(path)]
  const file = house.files.get(path)
  if (!file) return []
  return ownImports(path, file.imports).flatMap(({ to }) => subjectsBehind(house, to, room, seen))
}

/** Every room has a README and a service.ts whose name is the folder's, and a test. */
export const roomIsWhole: Rule = {
  name: 'room-is-whole',
  group: 'tidy',
  check: (house) =>
    roomsOf(house).flatMap((room) => {
      const folder = `services/${room}`
      const missing = ['README.md', 'service.ts']
        .filter((name) => !house.files.has(`${folder}/${name}`))
        .map((name) => `${name} is missing`)
      const tested = [...house.files.keys()].some((path) => path.startsWith(`${folder}/`) && path.endsWith('.test.ts'))
      const faults = tested ? missing : [...missing, 'there is no test']
      return [...faults.map((message) => ({ path: folder, line: 1, message })), ...wrongName(house, room)]
    }),
}

function wrongName(house: House, room: string): Finding[] {
  const file = house.files.get(`services/${room}/service.ts`)
  if (!file) return []
  const findings: Finding[] = []
  let defined = false
  walk(file.tree, (node) => {
    if (node.type !== 'CallExpression' || nameOf(node.callee) !== 'defineService') return
    defined = true
    walk(node, (inner, ancestors) => {
      if (inner.type !== 'Property' || ancestors.length !== 2 || nameOf(inner.key) !== 'name') return
      if (nameOf(inner.value) !== room) findings.push(at(file, inner.start, `a service is called like its folder: '${room}'`))
    })
  })
  return defined ? findings : [{ path: file.path, line: 1, message: 'defineService is not called' }]
}

const FOLDERS_MAX = 4

/** No file of a service lies deeper than four folders. */
export const depth: Rule = {
  name: 'depth',
  group: 'boundaries',
  check: (house) =>
    [...house.files.keys()]
      .filter((path) => path.startsWith('services/') && path.split('/').length - 1 > FOLDERS_MAX)
      .map((path) => ({ path, line: 1, message: `lies ${path.split('/').length - 1} folders deep; at most ${FOLDERS_MAX}` })),
}

/** Files are named in kebab-case. Pages of an app follow their router. */
export const kebabNames: Rule = {
  name: 'kebab-names',
  group: 'tidy',
  check: (house) =>
    [...house.files.keys()]
      .filter(
        (path) => /^(packages|contracts|services|sandbox|demo|cli|tools|tests|bench)\//.test(path) && /\.(ts|tsx|mjs|sql)$/.test(path),
      )
      .filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(path.split('/').at(-1) ?? ''))
      .map((path) => ({ path, line: 1, message: 'file names are kebab-case' })),
}

/** Migrations are numbered from 0001 without a gap: they only go forward. */
export const migrationOrder: Rule = {
  name: 'migration-order',
  group: 'tidy',
  check: (house) =>
    roomsOf(house).flatMap((room) => {
      const paths = [...house.files.keys()].filter((path) => path.startsWith(`services/${room}/migrations/`)).sort()
      return paths.flatMap((path, index) => {
        const expected = String(index + 1).padStart(4, '0')
        const name = path.split('/').at(-1) ?? ''
        return new RegExp(`^${expected}-[a-z0-9-]+\\.sql$`).test(name)
          ? []
          : [{ path, line: 1, message: `expected ${expected}-<what-it-does>.sql here` }]
      })
    }),
}
