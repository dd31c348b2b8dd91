import { isRefusal } from '@stoa/chassis/contract.ts'
import { handle, read } from '@stoa/chassis/service.ts'
import { ShopCountry, ShopCurrency } from '@stoa/chassis/settings.ts'
import { money } from '@stoa/kit/money.ts'
import { MeasureBasket, PriceBasket, PriceItems, PricesOf, PutPrices } from '@stoa/contracts/pricing.ts'
import { mergeItems, priceBasket, withinMoney } from './domain/basket.ts'
import { openQuote } from './domain/quote.ts'
import { loadPrices, type PriceRow } from './store.ts'
import { findItems, findPrices, findShippingPrice, priceFacts, refuseCoupon, takePrices, weighedItem } from './usecases.ts'

export const priceBasketCall = read(PriceBasket, async ({ input, db, call, now, secret, setting }) => {
  if (input.coupon !== undefined) return refuseCoupon()
  const currency = input.currency ?? setting(ShopCurrency)
  const terms = { shopCountry: setting(ShopCountry), to: input.place, currency }
  if (input.quoteId !== undefined) {
    const binding = { items: mergeItems(input.items), shippingOption: input.shippingOption, currency, to: input.place }
    const quote = openQuote(secret('quotes'), input.quoteId, binding, now)
    return isRefusal(quote) ? quote : priceBasket(quote.items, quote.shippingMinor, terms)
  }
  const priced = await findPrices(db, input.items, currency)
  if (isRefusal(priced)) return priced
  const shipping = await findShippingPrice(call, input.place, input.shippingOption, priced, currency)
  return isRefusal(shipping) ? shipping : priceBasket(priced, shipping.priceMinor, terms)
})

export const priceItems = read(PriceItems, async ({ input, db, setting }) => {
  const currency = input.currency ?? setting(ShopCurrency)
  const country = setting(ShopCountry)
  const items = mergeItems(input.items)
  const known =
    items.length === 0
      ? new Map<string, PriceRow[]>()
      : await loadPrices(
          db,
          items.map((item) => item.sku),
        )
  const priced = items.flatMap((item) => {
    const price = known.get(item.sku)?.find((one) => one.currency === currency)
    return price ? weighedItem(item, price) : []
  })
  const { shipping: _, ...totals } = priceBasket(withinMoney(priced), 0, { shopCountry: country, to: { country }, currency })
  return totals
})

export const pricesOf = read(PricesOf, async ({ input, db, setting }) => {
  const currency = input.currency ?? setting(ShopCurrency)
  const known = await loadPrices(db, input.skus)
  return {
    items: [...known.values()]
      .flat()
      .filter((row) => row.currency === currency)
      .map(priceFacts),
  }
})

export const measureBasket = read(MeasureBasket, async ({ input, db, call, setting }) => {
  const currency = input.currency ?? setting(ShopCurrency)
  const items = await findItems(input, call)
  if (isRefusal(items)) return items
  const priced = await findPrices(db, items, currency)
  if (isRefusal(priced)) return priced
  return {
    items: priced.map(({ sku, quantity }) => ({ sku, quantity })),
    weightGrams: priced.reduce((total, item) => total + item.weightGrams * item.quantity, 0),
    subtotal: money(
      priced.reduce((total, item) => total + item.unitMinor * item.quantity, 0),
      currency,
    ),
  }
})

export const putPricesCall = handle(PutPrices, async ({ input, tx }) => ({ changed: await takePrices(tx, input.products) }))
