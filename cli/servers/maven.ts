/** What is published for Java, fetched by Maven from an exact pom. */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { madeOnce, runToEnd } from './cache.ts'
import { mavenProgram } from './programs.ts'

/** One published file. */
export interface Artifact {
  readonly group: string
  readonly name: string
  readonly version: string
  /** `jar` unless told. */
  readonly type?: string
  readonly classifier?: string
}

/** What to fetch: jars with all that they need, or archives to unpack, which hold all that they need. */
export interface MavenOrder {
  readonly name: string
  readonly artifacts: readonly Artifact[]
  readonly as: 'jars' | 'unpacked'
}

/** Of the plugin that copies and unpacks: another version could choose other files. */
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
const FETCH_SECONDS_MAX = 900

/** The folder with what was ordered; fetched unless it is there. Throws: what to do when Maven is missing or fails. */
export async function mavenFolder(cacheDir: string, order: MavenOrder): Promise<string> {
  const folder = folderOf(cacheDir, order)
  return madeOnce(folder, async (draft) => {
    const maven = mavenProgram()
    const work = join(draft, 'pom')
    const files = join(draft, 'files')
    const repository = hasHome() ? [] : [`-Dmaven.repo.local=${join(work, 'repository')}`]
    mkdirSync(work)
    writeFileSync(join(work, 'pom.xml'), pomOf(order))
    const goal = `${PLUGIN}:${order.as === 'jars' ? 'copy-dependencies' : 'unpack-dependencies'}`
    // A file whose checksum is wrong would only be warned of.
    const args = ['--quiet', '--batch-mode', '--strict-checksums', '-Dstyle.color=never', '-f', join(work, 'pom.xml'), goal]
    await runToEnd(maven, [...args, ...repository, '-DincludeScope=runtime', `-DoutputDirectory=${files}`], {
      seconds: FETCH_SECONDS_MAX,
      cwd: work,
    })
    rmSync(work, { recursive: true })
    if (!existsSync(files)) throw new Error(`Maven fetched nothing for ${order.name}`)
  }).then((made) => join(made, 'files'))
}

/** Whether Maven can keep its own repository where it does by default. Users of services have no home. */
function hasHome(): boolean {
  try {
    accessSync(userInfo().homedir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Throws: when the order is not in the cache, and Maven, which could fetch it, is missing. */
export function assertFetchable(cacheDir: string, order: MavenOrder): void {
  if (!existsSync(folderOf(cacheDir, order))) mavenProgram()
}

/** Another pom is another folder: a change of version fetches anew. */
function folderOf(cacheDir: string, order: MavenOrder): string {
  return join(cacheDir, `${order.name}-${createHash('sha256').update(pomOf(order)).update(PLUGIN).digest('hex').slice(0, 12)}`)
}

/** The pom of an order. */
export function pomOf({ name, artifacts, as }: MavenOrder): string {
  const alone = '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>'
  const dependencies = artifacts.map(({ group, name: artifact, version, type, classifier }) => {
    const parts = [
      `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`,
      ...(type === undefined ? [] : [`<type>${type}</type>`]),
      ...(classifier === undefined ? [] : [`<classifier>${classifier}</classifier>`]),
      ...(as === 'unpacked' ? [alone] : []),
    ]
    return `    <dependency>${parts.join('')}</dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>stoa.servers</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${dependencies.join('\n')}
  </dependencies>
</project>
`
}
