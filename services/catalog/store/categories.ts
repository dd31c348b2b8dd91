/** The category tree. Categories come into being when a product first names their path; they are never renamed. */
import { sql, type Db, type Tx } from '@stoa/chassis/database/sql.ts'
import { pathKey, pathsAbove } from '../domain/category-path.ts'
import type { CategoryRef } from '../domain/product.ts'
import { slugOf } from '../domain/slug.ts'

export interface CategoryRow extends CategoryRef {
  readonly name: string
  readonly parentId: string | null
}

/** The tree as a thing that answers show. */
export const CATEGORIES = 'catalog:categories'

export async function allCategories(db: Db): Promise<CategoryRow[]> {
  return db.rows<CategoryRow>(sql`SELECT id, slug, path, name, parent_id AS "parentId" FROM categories ORDER BY name, path`)
}

/** The categories of these paths and of all above them, by `pathKey`; what is missing is made. */
export async function ensureCategories(tx: Tx, paths: readonly string[], newId: () => string): Promise<Map<string, CategoryRef>> {
  // The first spelling of a path counts.
  const wanted = new Map(
    paths
      .flatMap(pathsAbove)
      .reverse()
      .map((path) => [pathKey(path), path]),
  )
  if (wanted.size === 0) return new Map()
  const known = await byKey(tx, [...wanted.keys()])
  // Sorted by path a parent comes before its children, and rival transactions take locks in the same order.
  for (const [key, path] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (!known.has(key)) known.set(key, await make(tx, path, known, newId))
  return known
}

async function byKey(tx: Tx, keys: readonly string[]): Promise<Map<string, CategoryRef>> {
  const rows = await tx.rows<CategoryRef>(sql`SELECT id, slug, path FROM categories WHERE path_key = ANY(${keys}::text[])`)
  return new Map(rows.map((row) => [pathKey(row.path), row]))
}

async function make(tx: Tx, given: string, known: ReadonlyMap<string, CategoryRef>, newId: () => string): Promise<CategoryRef> {
  const names = given.split(' > ')
  const name = names.at(-1) as string
  const parent = known.get(pathKey(names.slice(0, -1).join(' > ')))
  const parentId = parent?.id ?? null
  // A child is spelled like its parent.
  const path = parent ? `${parent.path} > ${name}` : name
  const id = newId()
  const short = slugOf(name, 'category')
  for (const slug of [short, slugOf(path, 'category'), `${short}-${id.slice(-10)}`]) {
    const made = await tx.run(
      sql`INSERT INTO categories (id, parent_id, name, slug, path, path_key) VALUES (${id}, ${parentId}, ${name}, ${slug}, ${path}, ${pathKey(path)}) ON CONFLICT DO NOTHING`,
    )
    if (made === 1) {
      tx.touch([CATEGORIES])
      return { id, slug, path }
    }
    const meanwhile = (await byKey(tx, [pathKey(path)])).get(pathKey(path))
    if (meanwhile) return meanwhile
  }
  throw new Error(`no slug is free for a category named like '${short}'`)
}
