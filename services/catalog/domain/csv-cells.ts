/** How a value stands in a cell of a CSV file so that it comes back exactly as it was, also through a spreadsheet. */

const SEPARATOR = '|'
/** What a spreadsheet may take for a formula. Somebody else's text must not compute on the merchant's machine. */
const FORMULA = /^'*[=+\-@\t\r]/

/** A cell of a line: guarded against being read as a formula by an apostrophe, quoted where it must be. */
export function cellOf(value: string): string {
  const guarded = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Takes away what `cellOf` put before a formula. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}

/** Several values in one cell: joined by `|`, or a JSON list where a value holds one itself. */
export function listCell(values: readonly string[]): string {
  const joined = values.join(SEPARATOR)
  return values.some((one) => one.includes(SEPARATOR)) || joined.startsWith('[') ? JSON.stringify(values) : joined
}

/** The values of a cell that `listCell` or a person wrote; undefined when it is blank. */
export function listOf(cell: string | undefined): string[] | undefined {
  const json = cell?.trimStart().startsWith('[') ? jsonOf(cell) : undefined
  if (Array.isArray(json)) return json as string[]
  const given = (cell ?? '')
    .split(SEPARATOR)
    .map((one) => one.trim())
    .filter((one) => one !== '')
  return given.length === 0 ? undefined : given
}

/** One value, or several where the cell holds `|`. */
export function listOrOne(cell: string): string | string[] {
  return cell.includes(SEPARATOR) ? (listOf(cell) as string[]) : cell
}

/** A short text: as it is, or as JSON where blanks around it would be lost. */
export function textCell(value: string | null): string {
  if (value === null) return ''
  return value === '' || value !== value.trim() || value.startsWith('"') ? JSON.stringify(value) : value
}

/** The text of a cell that `textCell` or a person wrote; undefined when it is blank. */
export function textOf(cell: string | undefined): string | undefined {
  const trimmed = cell?.trim()
  const json = trimmed?.startsWith('"') ? jsonOf(trimmed) : undefined
  if (typeof json === 'string') return json
  return trimmed === '' ? undefined : trimmed
}

/** A document in a cell; blank when there is nothing in it. */
export function documentCell(value: object): string {
  return Object.keys(value).length === 0 ? '' : JSON.stringify(value)
}

/** The document of a cell. What is no JSON stays text, to be found faulty; undefined when it is blank. */
export function documentOf(cell: string | undefined): unknown {
  const trimmed = cell?.trim() ?? ''
  return trimmed === '' ? undefined : (jsonOf(trimmed) ?? trimmed)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
