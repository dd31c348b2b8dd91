import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Added } from '../parts/added.tsx'
import { BuyBox } from '../parts/buy-box.tsx'
import { Crumbs } from '../parts/crumbs.tsx'
import { DeliveryPromise } from '../parts/delivery-promise.tsx'
import { Gallery } from '../parts/gallery.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { ProductCard } from '../parts/product-card.tsx'
import { StructuredData } from '../parts/structured-data.tsx'
import { Specifications } from '../parts/specifications.tsx'
import { textsOf } from '../visit/forms.ts'
import { categoriesOf, must, pathTo, type Cart, type Product } from '../visit/shop.ts'
import { placeOf, promiseFor } from '../visit/place.server.ts'
import { productData } from '../visit/structured.ts'
import { optionChoices, picturesFor, variantOf } from '../visit/variants.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context, params, request }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const [answer, tree] = await Promise.all([
    visit.ask<Product>('GET', `/api/products/${encodeURIComponent(params['slug'] ?? '')}`),
    categoriesOf(visit),
  ])
  const product = must(answer)
  const { searchParams } = visit.url
  const variant = variantOf(product, searchParams.get('sku'))
  const country = placeOf(visit, request.headers.get('accept-language'))
  const addedUnits = Number(searchParams.get('added') ?? 0)
  return {
    product,
    variant,
    pictures: picturesFor(product, variant),
    options: optionChoices(product, variant),
    path: pathTo(tree, product.categories[0]?.slug ?? '').map(({ slug, name }) => ({ slug, name })),
    country,
    origin: visit.origin,
    promise: variant.available > 0 ? await promiseFor(visit, variant.sku, country) : null,
    added: Number.isInteger(addedUnits) && addedUnits > 0 && addedUnits <= 10_000 ? { units: addedUnits } : null,
  }
}

/** Puts goods into the cart and comes back to say so; `undo` takes them out again. */
export async function action({ context, request, params }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const form = textsOf(await request.formData())
  const { sku = '', intent } = form
  const quantity = Number(form['quantity'] ?? 1)
  const here = `/p/${encodeURIComponent(params['slug'] ?? '')}?sku=${encodeURIComponent(sku)}`
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 10_000)
    return data({ problem: 'Choose a whole number from 1.' }, { status: 422 })
  if (intent === 'undo') {
    const cart = await visit.ask<Cart>('GET', '/api/cart')
    const had = cart.ok ? (cart.data.items.find((line) => line.sku === sku)?.quantity ?? 0) : 0
    await visit.ask('PATCH', `/api/cart/items/${encodeURIComponent(sku)}`, { body: { quantity: Math.max(had - quantity, 0) } })
    throw redirect(here)
  }
  const answer = await visit.ask<Cart>('POST', '/api/cart/items', { body: { sku, quantity } })
  if (answer.ok) throw redirect(`${here}&added=${quantity}`)
  const { code, availableUnits } = answer.problem
  if (code === 'insufficient-stock') return data({ problem: shortage(Number(availableUnits ?? 0)) }, { status: 409 })
  if (code === 'cart-full') return data({ problem: 'Your cart is full: take something out first.' }, { status: 409 })
  if (code === 'unknown-sku') return data({ problem: 'This is no longer sold.' }, { status: 404 })
  return data({ problem: 'That did not work just now. Please try again.' }, { status: answer.status })
}

function shortage(available: number): string {
  return available === 0 ? 'All that is left is already in carts or sold.' : `Only ${available} can be had, counting what is in your cart.`
}

export default function ProductPage() {
  const { product, variant, pictures, options, path, country, origin, promise, added } = useLoaderData<typeof loader>()
  const problem = useActionData<typeof action>()?.problem
  return (
    <article className="mx-auto max-w-[90rem] px-4 md:px-8">
      <PageHead
        title={`${product.name}${product.brand ? ` by ${product.brand}` : ''} · Stoa`}
        description={product.description === '' ? `${product.name}: price, stock and delivery at Stoa.` : product.description}
        path={`/p/${product.slug}`}
        image={pictures[0]}
        kind="product"
      />
      <StructuredData data={productData(product, path, origin)} />
      <div className="py-4 md:py-6">
        <Crumbs path={path} here={product.name} />
      </div>
      {added ? <Added product={product} variant={variant} picture={pictures[0]} units={added.units} /> : null}
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[1fr_24rem] xl:gap-x-16">
        <Gallery pictures={pictures} name={product.name} />
        <BuyBox product={product} variant={variant} options={options} problem={problem}>
          {variant.available > 0 ? <DeliveryPromise country={country} promise={promise} sku={variant.sku} /> : null}
        </BuyBox>
      </div>
      <Specifications product={product} variant={variant} />
      {product.similar.length > 0 ? (
        <section aria-labelledby="similar" className="mt-20">
          <h2 id="similar" className="display mb-6 text-xl md:text-2xl">
            Of the same kind
          </h2>
          <div className="bays grid-cols-2 md:grid-cols-4">
            {product.similar.slice(0, 4).map((card) => (
              <ProductCard key={card.id} card={card} heading="h3" />
            ))}
          </div>
        </section>
      ) : null}
    </article>
  )
}
