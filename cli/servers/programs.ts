/** Programs of the machine itself, and one clear word about those that are missing. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runToEnd } from './cache.ts'

/** Servers lie where only root looks for programs. */
const ALSO = ['/usr/local/sbin', '/usr/sbin', '/sbin']
const JAVA_MAJOR_MIN = 17

/** The path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO].filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Java 17 or newer. Throws: what to do when there is none. */
export async function javaProgram(): Promise<string> {
  const home = process.env.JAVA_HOME
  const path = home === undefined || home === '' ? findProgram('java') : join(home, 'bin/java')
  const advice = `install ${JAVA_MAJOR_MIN} or newer (Debian: openjdk-17-jre-headless), or set JAVA_HOME`
  if (path === undefined || !isProgram(path)) throw new Error(`Java, for Kafka, the schema registry and OpenSearch: ${advice}`)
  const major = javaMajor(await runToEnd(path, ['-version'], { seconds: 30 }))
  if (major < JAVA_MAJOR_MIN) throw new Error(`Java, for Kafka, the schema registry and OpenSearch: ${path} is ${major}; ${advice}`)
  return path
}

/** 17 out of `openjdk version "17.0.15" 2025-04-15`, 8 out of `java version "1.8.0_292"`. */
export function javaMajor(said: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(said) ?? []
  return Number(first === '1' ? second : first)
}

/** Maven. Throws: what to do when there is none. */
export function mavenProgram(): string {
  const path = findProgram('mvn')
  if (path === undefined) throw new Error('Maven, which fetches Kafka, the schema registry and OpenSearch: install it (Debian: maven)')
  return path
}

/**
 * Tries all of `needs`, each of which throws when something is missing, and throws one error that names everything. Nothing has been
 * started by then, so that a machine is made ready in one go.
 */
export async function assertPresent(needs: readonly (() => unknown)[]): Promise<void> {
  const missing = new Set<string>()
  for (const need of needs) {
    try {
      await need()
    } catch (error) {
      missing.add((error as Error).message)
    }
  }
  if (missing.size > 0)
    throw new Error(`what the servers need is missing on this machine:\n${[...missing].map((line) => `- ${line}`).join('\n')}`)
}
