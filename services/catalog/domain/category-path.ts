/** Categories are named by paths: `Cameras > Digital`. */

const DEPTH_MAX = 8
/** Units: characters. */
const LENGTH_MAX = 300

/** Names along a path, from the root; undefined when a part is blank or the path too deep or too long. */
export function namesOfPath(path: string): string[] | undefined {
  const names = path.split('>').map((part) => part.trim().replace(/\s+/g, ' '))
  return names.length <= DEPTH_MAX && path.length <= LENGTH_MAX && names.every((name) => name !== '') ? names : undefined
}

/** The path of names, as it is stored and shown. */
export function pathOfNames(names: readonly string[]): string {
  return names.join(' > ')
}

/** A path and all above it, the root first. */
export function pathsAbove(path: string): string[] {
  const names = path.split(' > ')
  return names.map((_, index) => pathOfNames(names.slice(0, index + 1)))
}

/** What two spellings of one path have in common. */
export function pathKey(path: string): string {
  return path.toLowerCase()
}
