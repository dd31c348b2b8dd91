import { isRefusal } from '@stoa/chassis/contract.ts'
import { handle, read } from '@stoa/chassis/service.ts'
import { ShopCountry } from '@stoa/chassis/settings.ts'
import { money } from '@stoa/kit/money.ts'
import { MeasureBasket, PriceBasket, PriceItems, PricesOf, PutPrices } from '@stoa/contracts/pricing.ts'
import { mergeItems, priceBasket, withinMoney } from './domain/basket.ts'
import { openQuote } from './domain/quote.ts'
import { priceLookup } from './store/prices.ts'
import { askerOf, findItems, findPrices, findShippingPrice, refuseCoupon, takePrices, weigh } from './usecases.ts'

export const priceBasketCall = read(PriceBasket, async ({ input, db, call, now, secret, setting }) => {
  if (input.coupon !== undefined) return refuseCoupon()
  const asker = askerOf(input, { setting })
  const { currency } = asker
  const terms = { shopCountry: setting(ShopCountry), to: input.place, currency }
  if (input.quoteId !== undefined) {
    const binding = { items: mergeItems(input.items), shippingOption: input.shippingOption, currency, to: input.place }
    const quote = openQuote(secret('quotes'), input.quoteId, binding, now)
    return isRefusal(quote) ? quote : priceBasket(quote.items, quote.shippingMinor, terms)
  }
  const priced = await findPrices(db, input.items, asker)
  if (isRefusal(priced)) return priced
  const shipping = await findShippingPrice(call, input.place, input.shippingOption, priced, currency)
  return isRefusal(shipping) ? shipping : priceBasket(priced, shipping.priceMinor, terms)
})

export const priceItems = read(PriceItems, async ({ input, db, setting }) => {
  const asker = askerOf(input, { setting })
  const country = setting(ShopCountry)
  const items = mergeItems(input.items)
  const known = await priceLookup(db, asker)(items.map((item) => item.sku))
  const priced = items.flatMap((item) => weigh(item, known.get(item.sku), asker))
  const terms = { shopCountry: country, to: { country }, currency: asker.currency }
  const { shipping: _, ...totals } = priceBasket(withinMoney(priced), 0, terms)
  return totals
})

export const pricesOf = read(PricesOf, async ({ input, db, setting }) => {
  const asker = askerOf(input, { setting })
  const { currency } = asker
  const known = await priceLookup(db, asker)(input.skus)
  const items = [...known].flatMap(([sku, priced]) =>
    weigh({ sku, quantity: 1 }, priced, asker).map(({ unitMinor, compareAtMinor, weightGrams, taxClass }) => ({
      sku,
      productId: priced.own.product_id,
      price: money(unitMinor, currency),
      compareAt: compareAtMinor === null ? null : money(compareAtMinor, currency),
      weightGrams,
      taxClass,
    })),
  )
  return { items }
})

export const measureBasket = read(MeasureBasket, async ({ input, db, call, setting }) => {
  const asker = askerOf(input, { setting })
  const items = await findItems(input, call)
  if (isRefusal(items)) return items
  const priced = await findPrices(db, items, asker)
  if (isRefusal(priced)) return priced
  return {
    items: priced.map(({ sku, quantity }) => ({ sku, quantity })),
    weightGrams: priced.reduce((total, item) => total + item.weightGrams * item.quantity, 0),
    subtotal: money(
      priced.reduce((total, item) => total + item.unitMinor * item.quantity, 0),
      asker.currency,
    ),
  }
})

export const putPricesCall = handle(PutPrices, async ({ input, tx, setting }) => ({
  changed: await takePrices(tx, input.products, { setting }),
}))
