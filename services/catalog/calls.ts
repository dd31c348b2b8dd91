import { read } from '@stoa/chassis/service.ts'
import { DescribeSkus } from '@stoa/contracts/catalog.ts'
import { describeSkus } from './store/products.ts'

export const describe = read(DescribeSkus, async ({ input, db }) => ({ items: await describeSkus(db, input.skus, input.productIds) }))
