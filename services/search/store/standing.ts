import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import { RATING_MAX, RATING_MIDDLE, RATING_STEP, REVIEWS_MIN, SALES_STEP, SALES_STEPS, SOLD_OUT } from '../domain/standing.ts'

/** Sums up how products stand (`domain/standing.ts`). What it was before is kept for lists that began earlier. */
export async function refreshStanding(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.run(sql`
    UPDATE facts f SET standing = s.standing, standing_before = f.standing, standing_at = clock_timestamp()
    FROM (SELECT product_id,
        CASE WHEN available > 0 THEN 0 ELSE ${SOLD_OUT}::integer END
        + width_bucket(sales, ${SALES_STEPS}::bigint[]) * ${SALES_STEP}::integer
        + CASE WHEN rating_count < ${REVIEWS_MIN}::integer THEN 0 ELSE greatest(-${RATING_MAX}::integer, least(${RATING_MAX}::integer, (rating_hundredths - ${RATING_MIDDLE}::integer) / ${RATING_STEP}::integer)) END AS standing
      FROM facts WHERE product_id = ANY(${[...ids].sort()}::uuid[])) s
    WHERE f.product_id = s.product_id AND f.standing <> s.standing`)
}
