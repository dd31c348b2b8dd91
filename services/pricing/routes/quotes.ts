import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { read, type ReadContext } from '@stoa/chassis/service.ts'
import { ShopCountry } from '@stoa/chassis/settings.ts'
import { buyerOf, QuoteCheckout } from '@stoa/contracts/pricing.ts'
import { priceBasket } from '../domain/basket.ts'
import { QUOTE_SECONDS, sealQuote } from '../domain/quote.ts'
import { askerOf, findItems, findPrices, findShippingPrice, refuseCoupon } from '../usecases.ts'

export const quoteCheckout = read(QuoteCheckout, async (context) => {
  const quote = await quoteWithoutCoupon(context)
  if (context.input.coupon === undefined) return quote
  // Every bad field is told at once: the coupon, and what else is wrong.
  const others = isRefusal(quote) && quote.refused === 'invalid-request' ? (quote.errors ?? []) : []
  return refuse('invalid-request', { errors: [...(refuseCoupon().errors ?? []), ...others] })
})

async function quoteWithoutCoupon({ input, db, call, caller, cookies, now, secret, setting }: ReadContext<typeof QuoteCheckout>) {
  const accountId = caller.kind === 'account' ? caller.accountId : undefined
  const items = await findItems({ items: input.items, cart: input.cart, accountId, guestToken: cookies.stoa_cart }, call)
  if (isRefusal(items)) return items
  const asker = askerOf({ ...buyerOf(caller), ...(input.currency === undefined ? {} : { currency: input.currency }) }, { setting })
  const { currency } = asker
  const priced = await findPrices(db, items, asker)
  if (isRefusal(priced)) return priced
  const shipping = await findShippingPrice(call, input.shippingAddress, input.shippingOption, priced, currency)
  if (isRefusal(shipping)) return shipping
  const expiresAt = new Date(Math.floor(now.getTime() / 1000 + QUOTE_SECONDS) * 1000)
  const to = input.shippingAddress
  const { currency: _, ...totals } = priceBasket(priced, shipping.priceMinor, { shopCountry: setting(ShopCountry), to, currency })
  const quote = { items: priced, shippingOption: input.shippingOption, shippingMinor: shipping.priceMinor, currency, to, expiresAt }
  return { quoteId: sealQuote(secret('quotes'), quote), expiresAt: expiresAt.toISOString(), ...totals }
}
