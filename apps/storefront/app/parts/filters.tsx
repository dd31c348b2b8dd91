import type { ReactNode } from 'react'
import { buttonLook } from '@stoa/ui/button.tsx'
import { SwatchDot } from '@stoa/ui/swatch.tsx'
import { facetTitle, isTickable } from '../visit/listing.ts'
import { FilterIcon } from './icons.tsx'

export interface Facet {
  readonly name: string
  readonly values: readonly { readonly value: string; readonly count: number; readonly label: string }[]
}

/** Values shown before the rest folds away. */
const SHOWN = 7

/** Filters as a plain GET form: ticking applies at once with JavaScript, by the button without. */
export function Filters({ facets, search, total }: { facets: readonly Facet[]; search: URLSearchParams; total: number | undefined }) {
  const active = [...search].filter(
    ([name, value]) => value !== '' && (isTickable(name) || ['min', 'max', 'minRating', 'inStock'].includes(name)),
  ).length
  return (
    <details id="filters" className="standing">
      <summary className="flex min-h-12 items-center gap-2 text-sm font-semibold">
        <FilterIcon />
        Filter
        {active > 0 ? <span className="tabular rounded-full bg-accent px-2 text-xs leading-6 text-on-accent">{active}</span> : null}
      </summary>
      <form method="get" data-soft="" data-soft-change="" aria-label="Filters" className="pb-6">
        {['q', 'sort'].map((name) =>
          search.get(name) ? <input key={name} type="hidden" name={name} value={search.get(name) ?? ''} /> : null,
        )}
        <PriceFacet search={search} />
        <Group title="In stock">
          <Tick id="in-stock" name="inStock" value="true" label="Only what is here now" checked={search.get('inStock') === 'true'} />
        </Group>
        {facets.map((facet) => (
          <FacetGroup key={facet.name} id={idOf(facet.name)} facet={facet} chosen={search.getAll(facet.name)} />
        ))}
        <button className={`${buttonLook('plain', true)} mt-4`}>{total === undefined ? 'Show these goods' : `Show ${total} goods`}</button>
      </form>
    </details>
  )
}

/** The same filter keeps its id when counts and order change, so that focus finds it again. */
function idOf(text: string): string {
  return `f-${encodeURIComponent(text).replaceAll('%', '_')}`
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="border-t border-line py-4">
      <legend className="float-left mb-2 w-full text-sm font-semibold">{title}</legend>
      <div className="clear-both">{children}</div>
    </fieldset>
  )
}

function PriceFacet({ search }: { search: URLSearchParams }) {
  const box = 'tabular min-h-11 w-full rounded-field border border-edge bg-raised px-2 text-base placeholder:text-soft'
  return (
    <Group title="Price in €">
      <div className="grid grid-cols-[1fr_auto_1fr] items-center gap-2">
        <label htmlFor="min" className="quiet">
          At least
        </label>
        <input id="min" name="min" inputMode="decimal" defaultValue={search.get('min') ?? ''} placeholder="from" className={box} />
        <span aria-hidden="true" className="text-soft">
          –
        </span>
        <label htmlFor="max" className="quiet">
          At most
        </label>
        <input id="max" name="max" inputMode="decimal" defaultValue={search.get('max') ?? ''} placeholder="to" className={box} />
      </div>
    </Group>
  )
}

function FacetGroup({ id, facet, chosen }: { id: string; facet: Facet; chosen: readonly string[] }) {
  const swatch = /colou?r|finish|glaze/i.test(facet.name)
  const ticks = facet.values.map((one) => (
    <Tick
      key={one.value}
      id={idOf(`${facet.name} ${one.value}`)}
      name={facet.name}
      value={one.value}
      label={one.label}
      count={one.count}
      checked={chosen.includes(one.value)}
      swatch={swatch}
    />
  ))
  const folded = ticks.length - SHOWN
  return (
    <Group title={facetTitle(facet.name)}>
      {ticks.slice(0, SHOWN)}
      {folded > 0 ? (
        <details id={`${id}-more`} className="group" open={facet.values.slice(SHOWN).some((one) => chosen.includes(one.value))}>
          <summary className="link inline-block py-2 text-sm text-accent">
            <span className="group-open:hidden">{folded} more</span>
            <span className="hidden group-open:inline">Fewer</span>
          </summary>
          {ticks.slice(SHOWN)}
        </details>
      ) : null}
    </Group>
  )
}

function Tick(one: { id: string; name: string; value: string; label: string; count?: number; checked: boolean; swatch?: boolean }) {
  return (
    <label htmlFor={one.id} className="flex min-h-9 items-center gap-3 text-sm hover:text-accent">
      <input
        id={one.id}
        type="checkbox"
        name={one.name}
        value={one.value}
        defaultChecked={one.checked}
        className="size-[1.125rem] shrink-0"
      />
      {one.swatch ? <SwatchDot name={one.value} size={16} /> : null}
      <span className={one.checked ? 'font-medium' : ''}>{one.label}</span>
      {one.count === undefined ? null : <span className="tabular ml-auto text-xs text-soft">{one.count}</span>}
    </label>
  )
}
