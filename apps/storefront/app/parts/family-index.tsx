import { Picture } from '@stoa/ui/picture.tsx'
import type { Card } from '../visit/shop.ts'

/** All families as an index one can read down, each with a small picture of what it holds. */
export function FamilyIndex({ families }: { families: readonly { slug: string; name: string; card: Card | null }[] }) {
  if (families.length === 0) return null
  return (
    <section aria-labelledby="families" className="mx-auto max-w-[90rem] px-4 pt-20 md:px-8 md:pt-28">
      <h2 id="families" className="display mb-6 text-2xl">
        What stands along the walk
      </h2>
      <ul className="grid border-b border-line sm:grid-cols-2 lg:grid-cols-3 lg:gap-x-12 sm:gap-x-8">
        {families.map((family) => (
          <li key={family.slug} className="border-t border-line">
            <a href={`/c/${family.slug}`} className="group flex items-center gap-4 py-3">
              <Picture image={family.card?.image} alt="" className="aspect-[4/5] w-14 shrink-0 object-cover" />
              <span className="display text-xl group-hover:text-accent">{family.name}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
