/** Words and shelves of products, beside the room's rows. */
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Content } from '../../domain/document.ts'
import { wordsOfProduct } from './vector.ts'

/** Takes over products whose rows were just written. */
export async function putProducts(tx: Tx, products: readonly Content[], gone: readonly string[]): Promise<void> {
  if (gone.length > 0) {
    await tx.run(sql`DELETE FROM texts WHERE product_id = ANY(${gone}::uuid[])`)
    await tx.run(sql`DELETE FROM shelves WHERE product_id = ANY(${gone}::uuid[])`)
  }
  if (products.length > 0) {
    await putTexts(tx, products)
    await putShelves(
      tx,
      products.map((one) => one.productId),
    )
  }
  await tx.run(sql`UPDATE index_state SET changed = changed + ${products.length + gone.length}`)
}

async function putTexts(tx: Tx, products: readonly Content[]): Promise<void> {
  const words = products.map(wordsOfProduct)
  const languages = [...new Set(products.map((one) => one.language))].sort()
  await tx.run(sql`INSERT INTO languages SELECT one FROM unnest(${languages}::text[]) AS one ON CONFLICT DO NOTHING`)
  await tx.run(sql`
    INSERT INTO texts AS t (product_id, words, norm_a, norm_b, norm_c, norm_d)
    SELECT * FROM unnest(${words.map((one) => one.productId)}::uuid[], ${words.map((one) => one.vector)}::tsvector[], ${words.map((one) => one.norms.A)}::real[],
      ${words.map((one) => one.norms.B)}::real[], ${words.map((one) => one.norms.C)}::real[], ${words.map((one) => one.norms.D)}::real[])
    ON CONFLICT (product_id) DO UPDATE SET words = excluded.words, norm_a = excluded.norm_a, norm_b = excluded.norm_b, norm_c = excluded.norm_c, norm_d = excluded.norm_d
    WHERE (t.words, t.norm_a, t.norm_b, t.norm_c, t.norm_d) IS DISTINCT FROM (excluded.words, excluded.norm_a, excluded.norm_b, excluded.norm_c, excluded.norm_d)`)
}

/** Puts documents where their categories say. */
async function putShelves(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`
    DELETE FROM shelves s USING documents d
    WHERE s.product_id = ANY(${ids}::uuid[]) AND d.product_id = s.product_id AND (s.category_id <> ALL(d.category_ids) OR s.created_at <> d.created_at)`)
  await tx.run(sql`
    INSERT INTO shelves (category_id, created_at, product_id)
    SELECT category_id, created_at, product_id FROM documents, unnest(category_ids) AS category_id WHERE product_id = ANY(${ids}::uuid[])
    ON CONFLICT DO NOTHING`)
}
