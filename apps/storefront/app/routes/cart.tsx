import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { buttonLook } from '@stoa/ui/button.tsx'
import { moneyText } from '@stoa/ui/format.ts'
import { CartLineRow } from '../parts/cart-line.tsx'
import { textsOf } from '../visit/forms.ts'
import { cartOf, type Cart } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  return { cart: await cartOf(context.get(visitContext)) }
}

/** Changes one line. What cannot be had is said at that line, with what can. */
export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const { sku = '', quantity, intent } = textsOf(await request.formData())
  const units = intent === 'remove' ? 0 : Number(quantity)
  if (!Number.isInteger(units) || units < 0 || units > 10_000) return data({ sku, problem: 'Enter a whole number.' }, { status: 422 })
  const path = `/api/cart/items/${encodeURIComponent(sku)}`
  const answer = units === 0 ? await visit.ask<Cart>('DELETE', path) : await visit.ask<Cart>('PATCH', path, { body: { quantity: units } })
  // A line that is gone already is as wanted.
  if (answer.ok || answer.problem.code === 'unknown-sku') throw redirect('/cart')
  const available = Number(answer.problem['availableUnits'] ?? 0)
  const problem =
    answer.problem.code === 'insufficient-stock' ? `Only ${available} can be had.` : 'That did not work just now. Please try again.'
  return data({ sku, problem }, { status: answer.status })
}

export default function CartPage() {
  const { cart } = useLoaderData<typeof loader>()
  const failed = useActionData<typeof action>()
  if (cart === null || cart.items.length === 0) return <EmptyCart />
  const blocked = cart.items.some((line) => line.problem === 'unavailable' || line.problem === 'insufficient-stock')
  return (
    <div className="mx-auto max-w-[76rem] px-4 md:px-8">
      <title>Cart · Stoa</title>
      <h1 className="display py-8 text-2xl md:py-12 md:text-3xl">Your cart</h1>
      <div className="grid gap-x-16 gap-y-10 lg:grid-cols-[1fr_22rem]">
        <ul aria-label="In your cart" className="border-t border-line">
          {cart.items.map((line) => (
            <CartLineRow key={line.sku} line={line} failure={failed?.sku === line.sku ? failed.problem : undefined} />
          ))}
        </ul>
        <section aria-labelledby="sum" className="lg:sticky lg:top-8 lg:self-start">
          <h2 id="sum" className="quiet">
            Sum
          </h2>
          <dl className="space-y-2 border-t border-line pt-4 text-sm">
            <Row name="Goods" value={moneyText(cart.subtotal)} />
            {cart.discount.amount > 0 ? <Row name="Reduction" value={`−${moneyText(cart.discount)}`} /> : null}
            <Row name={cart.taxIncluded ? 'Tax in it' : 'Tax'} value={moneyText(cart.tax)} soft={cart.taxIncluded} />
            <Row name="Delivery" value="at checkout" soft />
            <div className="flex items-baseline justify-between border-t border-line pt-3">
              <dt className="text-base font-semibold">So far</dt>
              <dd className="money text-xl">{moneyText(cart.total)}</dd>
            </div>
          </dl>
          {blocked ? (
            <p className="mt-4 border-l-4 border-warn bg-raised px-4 py-3 text-sm">
              Change the lines marked in colour first: they cannot be delivered as they are.
            </p>
          ) : (
            <a href="/checkout" className={`${buttonLook('primary', true)} mt-6`}>
              Go to checkout
            </a>
          )}
          <a href="/search" className={`${buttonLook('quiet', true)} mt-2`}>
            Look at more goods
          </a>
        </section>
      </div>
    </div>
  )
}

function Row({ name, value, soft = false }: { name: string; value: string; soft?: boolean }) {
  return (
    <div className={`flex items-baseline justify-between ${soft ? 'text-soft' : ''}`}>
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  )
}

function EmptyCart() {
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 text-center md:px-8">
      <title>Cart · Stoa</title>
      <h1 className="display text-2xl md:text-3xl">Nothing in it yet</h1>
      <p className="mt-4 text-base text-soft">What you put into the cart waits here, on this device or in your account.</p>
      <div className="mt-8 flex flex-wrap justify-center gap-3">
        <a href="/search?sort=newest" className={buttonLook('primary')}>
          See what is new
        </a>
        <a href="/search?sort=sales" className={buttonLook('plain')}>
          See what sells
        </a>
      </div>
    </div>
  )
}
