import { bookCheck, defineService } from '@stoa/chassis/service.ts'
import { ShopCountry, ShopCurrency } from '@stoa/chassis/settings.ts'
import { PriceChanged } from '@stoa/contracts/pricing.ts'
import { measureBasket, priceBasketCall, priceItems, pricesOf, putPricesCall } from './calls.ts'
import { takeCatalogPrices } from './consumers.ts'
import { prepare } from './prepare.ts'
import { createPriceList, deletePriceList, getPriceList, listPriceLists, replacePriceList } from './routes/price-lists.ts'
import { quoteCheckout } from './routes/quotes.ts'
import { checkPrices } from './store/prices.ts'
import { checkPublicPrices } from './store/public-prices.ts'
import { priceListTurns } from './timers.ts'

export default defineService({
  name: 'pricing',
  owns: 'Prices per SKU and currency, price lists, taxes, and signed quotes.',
  routes: [quoteCheckout, listPriceLists, createPriceList, getPriceList, replacePriceList, deletePriceList],
  calls: [priceBasketCall, priceItems, pricesOf, measureBasket, putPricesCall],
  consumers: takeCatalogPrices,
  publishes: [PriceChanged],
  timers: [priceListTurns],
  checks: [
    bookCheck('one price in force per SKU and currency, of a product that is sold', ({ db }) => checkPrices(db)),
    bookCheck('the public price told last is the lowest in force', ({ db, setting }) => checkPublicPrices(db, setting(ShopCurrency))),
  ],
  settings: [ShopCountry, ShopCurrency],
  prepare,
})
