import type { House, SourceFile } from './house.ts'

/** One place where a rule is broken. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** A rule: its name as printed, what it wants, and how it is checked. Its samples stand in `samples/<name>.md`. */
export interface Rule {
  readonly name: string
  readonly group: 'boundaries' | 'tidy'
  check(house: House): Finding[]
}

/** A finding at an offset of a file. */
export function at(file: SourceFile, offset: number, message: string): Finding {
  return { path: file.path, line: file.lineAt(offset), message }
}
