/** What a batch of lines makes of the catalogue. Lines are decided in order, each seeing what those before it did. */
import { create, replace, type Change, type Content, type Stored } from './product.ts'
import { slugOf } from './slug.ts'

/** A line that could be read, or why not. */
export type Checked =
  | { readonly line: number; readonly content: Content }
  | { readonly line: number; readonly code: string; readonly message: string }

/** What is known of the catalogue before the batch: who owns each SKU the batch names, and those owners. */
export interface Known {
  readonly owners: ReadonlyMap<string, string>
  readonly products: ReadonlyMap<string, Stored>
}

/** What is to be stored and counted. */
export interface Decided {
  readonly changes: readonly Change[]
  /** Products that good lines named, changed or not. */
  readonly named: readonly string[]
  readonly counts: {
    readonly read: number
    readonly created: number
    readonly updated: number
    readonly unchanged: number
    readonly failed: number
  }
  readonly errors: readonly { readonly line: number; readonly code: string; readonly message: string }[]
}

/** Decides a batch. A line whose SKUs belong to several products is an error; an archived SKU brings its product back. */
export function decideBatch(lines: readonly Checked[], known: Known, ids: { newId(): string; readonly now: string }): Decided {
  const owners = new Map(known.owners)
  const changes = new Map<string, Change>()
  const named = new Set<string>()
  const errors: { line: number; code: string; message: string }[] = []
  const counts = { read: lines.length, created: 0, updated: 0, unchanged: 0, failed: 0 }
  for (const one of lines) {
    if ('code' in one) {
      errors.push(one)
      continue
    }
    const owned = [...new Set(one.content.variants.flatMap(({ sku }) => owners.get(sku) ?? []))]
    if (owned.length > 1) {
      errors.push({ line: one.line, code: 'sku-taken', message: `its SKUs belong to ${owned.length} different products` })
      continue
    }
    const productId = owned[0] ?? ids.newId()
    const before = changes.get(productId)
    const change =
      owned[0] === undefined
        ? create(one.content, { productId, newId: ids.newId }, null, ids.now)
        : again(before, known.products.get(productId), one.content, ids.newId)
    named.add(productId)
    if (!change) counts.unchanged++
    else if (change.kind === 'created' && !before) counts.created++
    else counts.updated++
    if (!change) continue
    changes.set(productId, change)
    for (const { sku } of one.content.variants) owners.set(sku, productId)
  }
  counts.failed = errors.length
  return { changes: [...changes.values()], named: [...named], counts, errors }
}

/** The change of a product that a line of the same batch may have changed before: both make one new version. */
function again(before: Change | undefined, stored: Stored | undefined, content: Content, newId: () => string): Change | undefined {
  const base = before?.product ?? stored
  if (!base) throw new Error('a SKU belongs to a product that was not loaded')
  const next = replace(base, content, newId)
  if (!next || !before) return next
  const present = new Set(content.variants.map((one) => one.sku))
  return {
    ...next,
    kind: before.kind,
    product: { ...next.product, version: before.product.version },
    slugBase: before.kind === 'created' ? slugOf(content.name, 'product') : (next.slugBase ?? before.slugBase),
    retired: [...before.retired, ...next.retired].filter((sku) => !present.has(sku)),
  }
}
