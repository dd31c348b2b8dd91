/** What a list shows of a product. */
import { sql, type Db } from '@stoa/chassis/database/sql.ts'
import type { Card } from '@stoa/contracts/shared.ts'

/** A row of `CARD`. */
export interface CardRow {
  id: string
  slug: string
  name: string
  brand: string | null
  card: Pick<Card, 'image' | 'variants' | 'sku'>
  price_minor: number
  currency: string
  compare_at_minor: number | null
  available: number
  low: boolean
  rating_hundredths: number
  rating_count: number
}

/** What a card takes from `facts f`. */
export const CARD_FACTS = 'f.price_minor, f.currency, f.compare_at_minor, f.available, f.low, f.rating_hundredths, f.rating_count'
/** Columns of a card, from `documents d` and `facts f`. */
export const CARD = `d.product_id AS id, d.slug, d.name, d.brand, d.card, ${CARD_FACTS}`

export function cardOf(row: CardRow): Card {
  const { currency } = row
  return {
    id: row.id,
    slug: row.slug,
    sku: row.card.sku,
    name: row.name,
    brand: row.brand,
    image: row.card.image,
    price: { amount: row.price_minor, currency },
    ...(row.compare_at_minor === null ? {} : { compareAt: { amount: row.compare_at_minor, currency } }),
    rating: { average: row.rating_hundredths / 100, count: row.rating_count },
    availability: row.available <= 0 ? 'out' : row.low ? 'low' : 'in-stock',
    available: row.available,
    variants: row.card.variants,
  }
}

/** Cards of products by id; what is no longer listed is left out. */
export async function cardsOf(db: Db, ids: readonly string[]): Promise<Map<string, Card>> {
  const rows = await db.rows<CardRow>(sql`
    SELECT d.product_id AS id, d.slug, d.name, d.brand, d.card, f.price_minor, f.currency, f.compare_at_minor, f.available, f.low, f.rating_hundredths, f.rating_count
    FROM documents d JOIN facts f ON f.product_id = d.product_id WHERE d.product_id = ANY(${ids}::uuid[])`)
  return new Map(rows.map((row) => [row.id, cardOf(row)]))
}

export async function countListed(db: Db): Promise<number> {
  return (await db.one<{ count: number }>(sql`SELECT count(*) AS count FROM documents`)).count
}
