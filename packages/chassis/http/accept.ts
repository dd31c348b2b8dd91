/** What a client takes as an answer (RFC 9110 §12.5.1). */

interface Range {
  readonly type: string
  readonly weight: number
}

function rangesOf(accept: string): Range[] {
  return accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase())
    const weight = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
    return { type, weight: Number.isFinite(weight) ? weight : 1 }
  })
}

/** How much `type` is wanted, 0 to 1: the range that names it most closely counts. */
function weightOf(type: string, ranges: readonly Range[]): number {
  const [family] = type.split('/') as [string]
  for (const name of [type, `${family}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === name)
    if (range) return range.weight
  }
  return 0
}

/** The one of `types` that `accept` wants most, the first of equals; undefined when it takes none. No header takes all. */
export function preferredType<T extends string>(types: readonly T[], accept: string | undefined): T | undefined {
  if (accept === undefined || accept === '') return types[0]
  const ranges = rangesOf(accept)
  const weighed = types.map((type) => ({ type, weight: weightOf(type, ranges) })).filter(({ weight }) => weight > 0)
  return weighed.toSorted((a, b) => b.weight - a.weight)[0]?.type
}
