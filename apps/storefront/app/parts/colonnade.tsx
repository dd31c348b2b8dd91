import { buttonLook } from '@stoa/ui/button.tsx'
import { Picture } from '@stoa/ui/picture.tsx'
import type { Card } from '../visit/shop.ts'

interface FamilyWithCard {
  readonly slug: string
  readonly name: string
  readonly card: Card | null
}

/**
 * The scene of the front page: a painted porch. Panels of goods hang between the columns, the light comes from the left,
 * each panel leads to its family.
 */
export function Colonnade({ families }: { families: readonly FamilyWithCard[] }) {
  return (
    <section aria-labelledby="welcome" className="porch">
      <div className="porch-roof" aria-hidden="true" />
      <div className="porch-floor" aria-hidden="true" />
      <div className="porch-walk">
        <div className="porch-words">
          <h1 id="welcome" className="display text-2xl sm:text-3xl">
            Good things, in the shade.
          </h1>
          <p className="mt-4 max-w-sm text-base text-pretty text-soft">
            Athens bought its goods in a stoa: a long roof, a row of columns, everything in plain sight.
          </p>
          <p className="mt-6">
            <a href="/search?sort=newest" className={buttonLook('primary')}>
              Walk through
            </a>
          </p>
        </div>
        <ul className="porch-bays" aria-label="Families" tabIndex={0} hidden={families.length === 0}>
          {families.map((family, index) => (
            <li key={family.slug} className="porch-bay">
              <Column />
              <a href={`/c/${family.slug}`} className="group porch-panel-link">
                <span className="porch-panel">
                  <Picture image={family.card?.image} alt="" eager={index < 3} className="aspect-[4/5] w-full object-cover" />
                </span>
                <span className="display mt-3 block text-center text-base group-hover:underline md:text-lg">{family.name}</span>
              </a>
            </li>
          ))}
          <li className="porch-end" aria-hidden="true">
            <Column />
          </li>
        </ul>
      </div>
    </section>
  )
}

/** A column: capital and base are drawn, the shaft grows with the porch. */
function Column() {
  return (
    <span className="column" aria-hidden="true">
      <svg className="column-head" viewBox="0 0 64 34" preserveAspectRatio="none">
        <path d="M0 0h64v12H0z" className="fill-[var(--stone)]" />
        <path d="M0 0h20v12H0z" className="fill-[var(--stone-lit)]" />
        <path d="M50 0h14v12H50z" className="fill-[var(--stone-shade)]" />
        <path d="M2 12h60c-1 9-8 14-12 16H14C10 26 3 21 2 12z" className="fill-[var(--stone-shade)]" />
        <path d="M2 12h18c-1 7-1 12-1 16h-5C10 26 3 21 2 12z" className="fill-[var(--stone-lit)]" />
        <path d="M44 12h18c-1 9-8 14-12 16h-5c0-4 0-9-1-16z" className="fill-[var(--stone-deep)]" />
        <path d="M10.7 28h42.6v6H10.7z" className="fill-[var(--stone-shade)]" />
      </svg>
      <span className="column-shaft" />
    </span>
  )
}
