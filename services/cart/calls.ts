import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { handle, orchestrate } from '@stoa/chassis/service.ts'
import { CartOf, RefillCart, TakeOrderedLines } from '@stoa/contracts/cart.ts'
import { shortOf } from './domain.ts'
import { changeCart, findCart, takeOrdered } from './usecases.ts'

export const cartOf = orchestrate(CartOf, async (context) => {
  const cart = await findCart(context, context.input)
  return { cartId: cart?.id ?? null, items: (cart?.lines ?? []).map(({ sku, quantity }) => ({ sku, quantity })) }
})

export const takeOrderedLines = handle(TakeOrderedLines, async ({ input, tx }) => ({ taken: await takeOrdered(tx, input) }))

export const refillCart = orchestrate(RefillCart, async (context) => {
  const { accountId, guestToken, cartId, lines, ...buyer } = context.input
  const changed = await changeCart(context, { accountId, guestToken, buyer }, { kind: 'refill', lines }, { cartId })
  // What cannot be had is no refusal here: the only one left is that nobody can be asked.
  if (isRefusal(changed)) return refuse('unavailable', changed.detail === undefined ? {} : { detail: changed.detail })
  const { cart, goods } = changed
  return { cart, guestToken: accountId === undefined ? changed.guestToken : null, short: shortOf(cart.items, lines, goods) }
})
