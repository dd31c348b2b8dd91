/** Words and shelves of products, beside the room's rows. */
import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { Content } from '../../domain/document.ts'
import { WORDS } from '../../store/write.ts'
import { keepHeads } from './heads.ts'
import { wordsOfProduct } from './vector.ts'

/** The index that is asked, and the one that is being made to take its place. */
export type Which = '' | '_next'

/** Takes over products whose rows were just written. */
export async function putProducts(tx: Tx, products: readonly Content[], gone: readonly string[]): Promise<void> {
  const { active } = await tx.one<{ active: boolean }>(sql`SELECT active FROM rebuild FOR SHARE`)
  for (const which of active ? (['', '_next'] as const) : ([''] as const)) {
    if (gone.length > 0)
      for (const table of ['texts', 'shelves'])
        await tx.run({ text: `DELETE FROM ${table}${which} WHERE product_id = ANY($1::uuid[])`, values: [gone] })
    await putWords(tx, which, products)
  }
  await keepHeads(tx, [...products.map((one) => one.productId), ...gone])
  const languages = [...new Set(products.map((one) => one.language))].sort()
  await tx.run(sql`INSERT INTO languages SELECT one FROM unnest(${languages}::text[]) AS one ON CONFLICT DO NOTHING`)
  tx.touch([WORDS])
  await tx.run(sql`UPDATE index_state SET changed = changed + ${products.length + gone.length}`)
}

/** Writes words and shelves of listed products into one index. */
export async function putWords(tx: Tx, which: Which, products: readonly Content[]): Promise<void> {
  if (products.length === 0) return
  await putTexts(tx, which, products)
  await putShelves(
    tx,
    which,
    products.map((one) => one.productId),
  )
}

async function putTexts(tx: Tx, which: Which, products: readonly Content[]): Promise<void> {
  const words = products.map(wordsOfProduct)
  const values = [
    words.map((one) => one.productId),
    words.map((one) => one.vector),
    ...(['A', 'B', 'C', 'D'] as const).map((field) => words.map((one) => one.norms[field])),
  ]
  const text = `INSERT INTO texts${which} AS t (product_id, words, norm_a, norm_b, norm_c, norm_d)
    SELECT * FROM unnest($1::uuid[], $2::tsvector[], $3::real[], $4::real[], $5::real[], $6::real[])
    ON CONFLICT (product_id) DO UPDATE SET words = excluded.words, norm_a = excluded.norm_a, norm_b = excluded.norm_b, norm_c = excluded.norm_c, norm_d = excluded.norm_d
    WHERE (t.words, t.norm_a, t.norm_b, t.norm_c, t.norm_d) IS DISTINCT FROM (excluded.words, excluded.norm_a, excluded.norm_b, excluded.norm_c, excluded.norm_d)`
  await tx.run({ name: `put-texts${which}`, text, values })
}

/** Puts documents where their categories say. */
async function putShelves(tx: Tx, which: Which, ids: readonly string[]): Promise<void> {
  const gone = `DELETE FROM shelves${which} s USING documents d
    WHERE s.product_id = ANY($1::uuid[]) AND d.product_id = s.product_id AND (s.category_id <> ALL(d.category_ids) OR s.created_at <> d.created_at)`
  const stand = `INSERT INTO shelves${which} (category_id, created_at, product_id)
    SELECT category_id, created_at, product_id FROM documents, unnest(category_ids) AS category_id WHERE product_id = ANY($1::uuid[])
    ON CONFLICT DO NOTHING`
  await tx.run({ name: `leave-shelves${which}`, text: gone, values: [ids] })
  await tx.run({ name: `put-shelves${which}`, text: stand, values: [ids] })
}
