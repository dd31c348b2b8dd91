import { handle, orchestrate } from '@stoa/chassis/service.ts'
import { CartOf, TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { findCart, takeOrdered } from './usecases.ts'

export const cartOf = orchestrate(CartOf, async (context) => {
  const cart = await findCart(context, context.input)
  return { cartId: cart?.id ?? null, items: (cart?.lines ?? []).map(({ sku, quantity }) => ({ sku, quantity })) }
})

export const takeOrderedLines = handle(TakeOrderedLines, async ({ input, tx }) => ({ taken: await takeOrdered(tx, input) }))
