import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { Picture } from '@stoa/ui/picture.tsx'
import type { Image, Product, Variant } from '../visit/shop.ts'
import { CrossIcon } from './icons.tsx'

/** Says that goods went into the cart, with the way there and the way back. Lies over the page, so that nothing moves. */
export function Added({
  product,
  variant,
  picture,
  units,
}: {
  product: Product
  variant: Variant
  picture: Image | undefined
  units: number
}) {
  const kind = Object.values(variant.options).join(', ')
  const words = `${units > 1 ? `${units} × ` : ''}${product.name}${kind ? `, ${kind}` : ''}`
  return (
    <section
      aria-label="Put into the cart"
      className="no-print fixed inset-x-3 top-3 z-40 border border-line bg-raised p-4 shadow-lift md:right-8 md:left-auto md:w-96"
    >
      <div className="grid grid-cols-[4rem_1fr_auto] gap-4">
        <Picture image={picture} alt="" eager className="aspect-[4/5] w-16 object-cover" />
        <p className="text-sm">
          <span data-say="" className="font-semibold text-good">
            In your cart now<span className="quiet">: {words}</span>
          </span>
          <span aria-hidden="true" className="display mt-1 block text-base leading-snug">
            {units > 1 ? `${units} × ` : ''}
            {product.name}
          </span>
          {kind ? (
            <span aria-hidden="true" className="block text-soft">
              {kind}
            </span>
          ) : null}
        </p>
        <a
          href={`/p/${product.slug}?sku=${encodeURIComponent(variant.sku)}`}
          data-soft=""
          data-dismiss=""
          aria-label="Close"
          className="-mt-2 -mr-2 grid size-11 place-items-center hover:text-accent"
        >
          <CrossIcon />
        </a>
      </div>
      <div className="mt-3 flex gap-2">
        <a href="/cart" className={buttonLook('primary', true)}>
          See the cart
        </a>
        <form method="post" data-soft="">
          <input type="hidden" name="intent" value="undo" />
          <input type="hidden" name="sku" value={variant.sku} />
          <input type="hidden" name="quantity" value={units} />
          <Button kind="plain">Undo</Button>
        </form>
      </div>
    </section>
  )
}
