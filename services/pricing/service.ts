import { bookCheck, defineService } from '@stoa/chassis/service.ts'
import { ShopCountry, ShopCurrency } from '@stoa/chassis/settings.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { measureBasket, priceBasketCall, priceItems, pricesOf, putPricesCall } from './calls.ts'
import { takeCatalogPrices } from './consumers.ts'
import { isTaxable } from './domain/tax.ts'
import { quoteCheckout } from './routes.ts'
import { checkPrices } from './store.ts'

export default defineService({
  name: 'pricing',
  owns: 'Prices per SKU and currency, taxes, and signed quotes.',
  routes: [quoteCheckout],
  calls: [priceBasketCall, priceItems, pricesOf, measureBasket, putPricesCall],
  consumers: takeCatalogPrices,
  publishes: [PriceChanged],
  checks: [bookCheck('one price in force per SKU and currency, of a product that is sold', ({ db }) => checkPrices(db))],
  settings: [ShopCountry, ShopCurrency],
  prepare: async ({ setting }) => {
    const country = setting(ShopCountry)
    if (!isTaxable(country)) throw new Error(`STOA_SHOP_COUNTRY=${country}: no taxes are known for a shop there`)
  },
})
