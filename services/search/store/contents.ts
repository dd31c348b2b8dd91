/** All that an engine is told of listed products, read from the rows. */
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Card, Language } from '@stoa/contracts/shared.ts'
import type { Content } from '../domain/document.ts'

/** A row of `documents` with that of `contents`, which is null for products of an earlier release. */
export interface ContentRow {
  product_id: string
  version: number
  language: Language
  slug: string
  name: string
  name_key: string
  brand: string | null
  brand_key: string | null
  vendor_id: string | null
  created_at: Date
  category_ids: string[]
  own_category_ids: string[]
  category_names: string[] | null
  tags: string[]
  attributes: string[]
  attribute_keys: string[]
  skus: string[] | null
  description: string | null
  card: Pick<Card, 'image' | 'variants' | 'sku'>
}
export function contentOf(row: ContentRow): Content {
  return {
    productId: row.product_id,
    version: row.version,
    language: row.language,
    slug: row.slug,
    name: row.name,
    nameKey: row.name_key,
    brand: row.brand,
    brandKey: row.brand_key,
    vendorId: row.vendor_id,
    createdAt: row.created_at.toISOString(),
    categoryIds: row.category_ids,
    ownCategoryIds: row.own_category_ids,
    categoryNames: row.category_names ?? [],
    tags: row.tags,
    attributes: row.attributes,
    attributeKeys: row.attribute_keys,
    skus: row.skus ?? [],
    description: row.description ?? '',
    card: row.card,
  }
}

/** Listed products behind `after`, by id, locked until the transaction ends; and the ids of those whose texts are not known. */
export async function lockContents(tx: Tx, after: string | null, limit: number): Promise<{ contents: Content[]; wordless: string[] }> {
  const rows = await tx.rows<ContentRow>(sql`
    WITH locked AS MATERIALIZED (SELECT product_id FROM documents WHERE product_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY product_id LIMIT ${limit}::integer FOR UPDATE)
    SELECT product_id FROM locked`)
  const ids = rows.map((row) => row.product_id)
  // Read after they are locked: what another transaction just committed is seen.
  const locked = await tx.rows<ContentRow>(sql`
    SELECT d.product_id, d.version, d.language, d.slug, d.name, d.name_key, d.brand, d.brand_key, d.vendor_id, d.created_at, d.category_ids, d.own_category_ids,
      c.category_names, d.tags, d.attributes, d.attribute_keys, c.skus, c.description, d.card
    FROM documents d LEFT JOIN contents c ON c.product_id = d.product_id WHERE d.product_id = ANY(${ids}::uuid[]) ORDER BY d.product_id`)
  const known = locked.filter((row) => row.skus !== null)
  return { contents: known.map(contentOf), wordless: locked.filter((row) => row.skus === null).map((row) => row.product_id) }
}
