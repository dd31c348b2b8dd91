import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Top folder of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Whether the file at `url` is the program that was started, and not imported by another. */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(url)
}
