import { createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { read } from '@stoa/chassis/service.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { describeProducts, describeSkus } from './store/products.ts'

/** Asked for with every cart and order. */
const bySku = oncePer((db: Db) =>
  createLookup(async (skus: string[]) => new Map((await describeSkus(db, skus)).map((one) => [one.sku, one] as const))),
)
const byProduct = oncePer((db: Db) =>
  createLookup(async (ids: string[]) => Map.groupBy(await describeProducts(db, ids), (one) => one.productId)),
)

export const describe = read(DescribeSkus, async ({ input, db }) => {
  const [skus, products] = await Promise.all([bySku(db)(input.skus), byProduct(db)(input.productIds)])
  const found = new Map([...skus.values(), ...[...products.values()].flat()].map((one) => [one.sku, one]))
  return { items: [...found.values()] }
})
