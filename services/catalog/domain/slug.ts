/** Addresses of products and categories. */

const LENGTH_MAX = 80
/** Taken by doors of the same path. */
const RESERVED = new Set(['suggest'])
/** Letters that Unicode does not take apart. */
const FOLDED: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ł: 'l', þ: 'th', ð: 'd' }

/** A readable address made of a name: lower-case ASCII letters, digits and single dashes. */
export function slugOf(name: string, fallback: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[ßæœøđłþð]/g, (letter) => FOLDED[letter] as string)
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return plain === '' ? fallback : plain
}

/** Slugs to try in this order; the last one holds part of `id`, so it is free. */
export function slugCandidates(base: string, id: string): string[] {
  const numbered = [base, `${base}-2`, `${base}-3`, `${base}-4`].filter((slug) => !RESERVED.has(slug))
  return [...numbered, `${base}-${id.replaceAll('-', '').slice(-10)}`]
}

/** The first of `candidates` that nobody else has. `taken` says whose the taken ones are. */
export function freeSlug(candidates: readonly string[], taken: ReadonlyMap<string, string>, productId: string): string {
  const free = candidates.find((slug) => !taken.has(slug) || taken.get(slug) === productId)
  return free ?? (candidates.at(-1) as string)
}
