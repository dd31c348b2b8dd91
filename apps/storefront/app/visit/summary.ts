/** As much as search engines show. Units: UTF-16 code units. */
const LENGTH_MAX = 160

/** The beginning of a text in one line, ended at a word. */
export function summaryOf(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (line.length <= LENGTH_MAX) return line
  const cut = line.slice(0, LENGTH_MAX)
  const end = cut.lastIndexOf(' ')
  // A text without blanks may be cut within a character of two halves.
  return `${(end > 0 ? cut.slice(0, end) : cut.slice(0, -1)).replace(/[\uD800-\uDBFF]$/, '')}…`
}
