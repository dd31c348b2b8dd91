import { isRefusal } from '@stoa/chassis/contract.ts'
import { orchestrate, type Caller, type Reply } from '@stoa/chassis/service.ts'
import { AddCartItem, CART_COOKIE, ChangeCartItem, GetCart, RemoveCartItem } from '@stoa/contracts/cart.ts'
import { buyerOf } from '@stoa/contracts/pricing.ts'
import { changeCart, viewCart, type Shopper } from './usecases.ts'

interface Request {
  readonly caller: Caller
  readonly cookies: Readonly<Record<string, string | undefined>>
  readonly reply: Reply
}

export const getCart = orchestrate(GetCart, async (context) => viewCart(context, welcome(context)))

export const addCartItem = orchestrate(AddCartItem, async (context) => {
  const { input, headers, fixedIds } = context
  const visitor = welcome(context)
  const { cartId, additionId } = await fixedIds('cartId', 'additionId')
  const fixed = headers['idempotency-key'] === undefined ? { cartId } : { cartId, additionId }
  return answer(context, visitor, await changeCart(context, visitor, { kind: 'add', ...input }, fixed))
})

export const changeCartItem = orchestrate(ChangeCartItem, async (context) => {
  const { input, params, newId } = context
  const visitor = welcome(context)
  return answer(
    context,
    visitor,
    await changeCart(context, visitor, { kind: 'set', sku: params.sku, quantity: input.quantity }, { cartId: newId() }),
  )
})

export const removeCartItem = orchestrate(RemoveCartItem, async (context) => {
  const { params, newId } = context
  const visitor = welcome(context)
  return answer(context, visitor, await changeCart(context, visitor, { kind: 'set', sku: params.sku, quantity: 0 }, { cartId: newId() }))
})

/** Who asks. An account's cart needs no cookie: the guest's is merged now, and cleared. */
function welcome({ caller, cookies, reply }: Request): Shopper {
  const guestToken = cookies[CART_COOKIE.name] === '' ? undefined : cookies[CART_COOKIE.name]
  if (caller.kind === 'guest') return { guestToken, buyer: {} }
  if (guestToken !== undefined) reply.clearCookie(CART_COOKIE.name)
  return { accountId: caller.accountId, guestToken, buyer: buyerOf(caller) }
}

function answer({ reply }: Request, visitor: Shopper, changed: Awaited<ReturnType<typeof changeCart>>) {
  if (isRefusal(changed)) return changed
  if (visitor.accountId === undefined) reply.cookie(CART_COOKIE.name, changed.guestToken, CART_COOKIE)
  return changed.cart
}
