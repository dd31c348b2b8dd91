import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { Picture } from '@stoa/ui/picture.tsx'
import type { Image, Product, Variant } from '../visit/shop.ts'

/** Says that goods went into the cart, with the way there and the way back. */
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
  return (
    <section
      role="status"
      aria-label="Put into the cart"
      className="mb-6 flex flex-wrap items-center gap-x-5 gap-y-3 border-l-4 border-good bg-raised p-4"
    >
      <Picture image={picture} alt="" className="size-16 object-cover" />
      <p className="min-w-40 flex-1 text-sm">
        <span className="font-semibold text-good">In your cart now</span>
        <br />
        {units > 1 ? `${units} × ` : ''}
        {product.name}
        {kind ? <span className="text-soft"> · {kind}</span> : null}
      </p>
      <div className="flex flex-wrap gap-2">
        <form method="post" data-soft="">
          <input type="hidden" name="intent" value="undo" />
          <input type="hidden" name="sku" value={variant.sku} />
          <input type="hidden" name="quantity" value={units} />
          <Button kind="quiet">Undo</Button>
        </form>
        <a href="/cart" className={buttonLook('primary')}>
          See the cart
        </a>
      </div>
    </section>
  )
}
