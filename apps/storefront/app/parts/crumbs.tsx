import type { Product } from '../visit/shop.ts'

/** The way to a product: its first family, level by level as far as it is known. */
export function Crumbs({ categories, name }: { categories: Product['categories']; name: string }) {
  const [first] = categories
  return (
    <nav aria-label="Where you are" className="py-4 md:py-6">
      <ol className="flex flex-wrap gap-x-2 text-sm text-soft">
        <li>
          <a href="/" className="link">
            Stoa
          </a>
        </li>
        {first ? (
          <li>
            <span aria-hidden="true">/ </span>
            <a href={`/c/${first.slug}`} className="link">
              {first.path.split(/\s*>\s*/).at(-1)}
            </a>
          </li>
        ) : null}
        <li aria-current="page" className="max-sm:hidden">
          <span aria-hidden="true">/ </span>
          {name}
        </li>
      </ol>
    </nav>
  )
}
