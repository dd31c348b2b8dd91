/**
 * Finds where a sequence number stands in a partition's log. Offsets are never stored: the log is nearly sorted, so it is bisected, and
 * what is found is judged by the number it carries.
 *
 * A log reads as 1, 2, 3 … with repeats ("1 2 3 2 3 4"): every number comes for the first time after the one before it, but a number may
 * come again later. So a smaller number at a place says nothing of what stands before it; a larger one says that the wanted one stands
 * before it, unless it is missing. Where bisecting ends beside the wanted number, its surroundings are read, further and further back.
 */

/** What is asked of a log. */
export interface LogView {
  readonly first: number
  /** After the last. */
  readonly end: number
  /** The numbers from an offset on: one record batch, or as many as fit when `wide`. */
  page(offset: number, wide: boolean): Promise<{ readonly seqs: readonly Numbered[]; readonly next: number }>
}
export interface Numbered {
  readonly offset: number
  readonly seq: number
}

export type Located =
  | { readonly found: number }
  /** Nothing of it or after it is there yet: go on at this offset. */
  | { readonly notYet: number }
  /** It is nowhere before `end`, and something after it stands at `above`. */
  | { readonly missing: { readonly above: number; readonly end: number } }

/** The end of a log that is looked through before "not yet" is believed: more than rival publishers can have in flight. */
const TAIL_RECORDS = 3000
const LOOK_BACK_RECORDS = 1000

/** Finds an occurrence of `wanted` after which its successors follow. */
export async function locate(log: LogView, wanted: number): Promise<Located> {
  const bisected = await bisect(log, wanted)
  if ('found' in bisected) return bisected
  const tail = await scan(log, Math.max(log.first, log.end - TAIL_RECORDS), log.end, wanted)
  if (tail.found !== undefined) return { found: tail.found }
  if (bisected.above === undefined && (tail.highest === wanted - 1 || log.first >= log.end)) return { notYet: log.end }
  return lookBack(log, wanted, bisected)
}

interface Crossing {
  /** Where numbers below the wanted one end and larger ones begin, as far as bisecting saw. */
  readonly at: number
  readonly above: number | undefined
}

async function bisect(log: LogView, wanted: number): Promise<{ found: number } | Crossing> {
  let [low, high] = [log.first, log.end]
  let above: number | undefined
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const { seqs, next } = await log.page(middle, false)
    const hit = seqs.find((one) => one.seq === wanted)
    if (hit) return { found: hit.offset }
    const larger = seqs.find((one) => one.seq > wanted)
    if (seqs[0] === undefined) high = middle
    else if (larger) {
      above = larger.offset
      high = middle
    } else low = Math.max(next, middle + 1)
  }
  return { at: high, above }
}

/** Reads around the crossing: windows that double, back to the beginning; then what stands after it. */
async function lookBack(log: LogView, wanted: number, { at, above }: Crossing): Promise<Located> {
  let upper = at
  let highest = above
  for (let width = LOOK_BACK_RECORDS; upper > log.first; width *= 2) {
    const lower = Math.max(log.first, upper - width)
    const { found, above: larger } = await scan(log, lower, upper, wanted)
    if (found !== undefined) return { found }
    highest = larger ?? highest
    upper = lower
  }
  const after = await scan(log, at, log.end, wanted)
  if (after.found !== undefined) return { found: after.found }
  const first = highest ?? after.above
  return first === undefined ? { notYet: log.end } : { missing: { above: first, end: log.end } }
}

/** Reads offsets from `from` to before `to`. */
export async function scan(
  log: Pick<LogView, 'page'>,
  from: number,
  to: number,
  wanted: number,
): Promise<{ found?: number; above?: number; highest: number }> {
  let highest = 0
  let above: number | undefined
  for (let at = from; at < to; ) {
    const { seqs, next } = await log.page(at, true)
    for (const one of seqs) {
      if (one.offset >= to) break
      if (one.seq === wanted) return { found: one.offset, highest }
      if (one.seq > wanted) above ??= one.offset
      if (one.seq > highest) highest = one.seq
    }
    if (next <= at) break
    at = next
  }
  return { highest, ...(above === undefined ? {} : { above }) }
}
