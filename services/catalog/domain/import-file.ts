/** An uploaded catalogue, taken apart line by line while it streams in. */

/** What was found on a line: a product as JSON text, a product, or a fault. */
export type Entry =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly product: unknown }
  | { readonly line: number; readonly code: string; readonly message: string }

/** Longest line taken. Units: bytes. A product with 200 variants and long texts stays far below. */
export const LINE_BYTES_MAX = 2_000_000
const NEWLINE = 0x0a

/** Cuts chunks of bytes into lines, however the chunks fall. Blank lines are counted but not answered. */
export class LineSplitter {
  #rest: Buffer[] = []
  #restBytes = 0
  #line = 1
  #tooLong = false

  /** The lines that `chunk` completes. */
  push(chunk: Buffer): Entry[] {
    const entries: Entry[] = []
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at))
      entries.push(...this.#endLine())
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
    return entries
  }

  /** The last line, when it did not end in a newline. */
  end(): Entry[] {
    return this.#endLine()
  }

  #keep(bytes: Buffer): void {
    if (this.#restBytes + bytes.length > LINE_BYTES_MAX) {
      this.#tooLong = true
      this.#rest = []
      this.#restBytes = 0
    }
    if (this.#tooLong || bytes.length === 0) return
    this.#rest.push(bytes)
    this.#restBytes += bytes.length
  }

  #endLine(): Entry[] {
    const line = this.#line++
    const tooLong = this.#tooLong
    const text = Buffer.concat(this.#rest)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim()
    this.#rest = []
    this.#restBytes = 0
    this.#tooLong = false
    if (tooLong) return [{ line, code: 'line-too-long', message: `is longer than ${LINE_BYTES_MAX} bytes` }]
    return text === '' ? [] : [{ line, text }]
  }
}

/** Gathers entries into pieces of work, each small enough for one transaction. */
export class BatchGatherer {
  static readonly ENTRIES_MAX = 200
  static readonly BYTES_MAX = 2_000_000
  #parts: string[] = []
  #bytes = 0

  /** Adds an entry; answers a whole batch as JSON text when one is full. */
  add(entry: Entry): string | undefined {
    const part = JSON.stringify(entry)
    this.#parts.push(part)
    this.#bytes += part.length
    return this.#parts.length >= BatchGatherer.ENTRIES_MAX || this.#bytes >= BatchGatherer.BYTES_MAX ? this.end() : undefined
  }

  /** What is left, if anything. */
  end(): string | undefined {
    if (this.#parts.length === 0) return undefined
    const batch = `[${this.#parts.join(',')}]`
    this.#parts = []
    this.#bytes = 0
    return batch
  }
}
