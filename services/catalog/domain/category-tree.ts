/** The tree of categories. */
import type { CategoryRef } from './product.ts'

export interface CategoryNode extends CategoryRef {
  readonly name: string
  readonly children: CategoryNode[]
}

/** Puts categories below their parents, in the order given. */
export function treeOf(rows: readonly (CategoryRef & { readonly name: string; readonly parentId: string | null })[]): CategoryNode[] {
  const nodes = new Map(rows.map(({ id, slug, path, name }) => [id, { id, slug, name, path, children: [] as CategoryNode[] }]))
  const roots: CategoryNode[] = []
  for (const { id, parentId } of rows) {
    const siblings = parentId === null ? roots : nodes.get(parentId)?.children
    siblings?.push(nodes.get(id) as CategoryNode)
  }
  return roots
}
