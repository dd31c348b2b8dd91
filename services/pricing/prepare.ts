import type { Job } from '@stoa/chassis/service.ts'
import { ShopCountry, ShopCurrency } from '@stoa/chassis/settings.ts'
import { isTaxable } from './domain/tax.ts'
import { listedSkus } from './store/price-lists.ts'
import { setToldCurrency, toldCurrency } from './store/public-prices.ts'
import { announcePrices } from './usecases.ts'

const SKUS_AT_ONCE = 1000

export const prepare: Job['run'] = async ({ db, transaction, setting }) => {
  const country = setting(ShopCountry)
  if (!isTaxable(country)) throw new Error(`STOA_SHOP_COUNTRY=${country}: no taxes are known for a shop there`)
  const currency = setting(ShopCurrency)
  if ((await toldCurrency(db)) === currency) return
  // Only a SKU on a list can have a price in two currencies.
  for (let skus = await listedSkus(db, '', SKUS_AT_ONCE); skus.length > 0; skus = await listedSkus(db, skus.at(-1) ?? '', SKUS_AT_ONCE)) {
    const some = skus
    await transaction(async (tx) => announcePrices(tx, some, { setting }))
  }
  await transaction(async (tx) => setToldCurrency(tx, currency))
}
