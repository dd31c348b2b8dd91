import { Picture } from '@stoa/ui/picture.tsx'
import type { Image } from '../visit/shop.ts'

/** The pictures of a product: stacked on wide pages, a row to swipe on the phone. */
export function Gallery({ pictures, name }: { pictures: readonly Image[]; name: string }) {
  if (pictures.length === 0) return <Picture image={null} className="aspect-[4/5] w-full" />
  return (
    <ul
      aria-label={`Pictures of ${name}`}
      tabIndex={pictures.length > 1 ? 0 : undefined}
      className="-mx-4 flex snap-x snap-mandatory gap-px overflow-x-auto md:mx-0 lg:grid lg:grid-cols-2 lg:overflow-visible"
    >
      {pictures.slice(0, 7).map((picture, index) => (
        <li
          key={picture.url}
          className={`w-[88%] shrink-0 snap-center bg-sunken only:w-full md:w-3/5 lg:w-auto ${index === 0 ? 'lg:col-span-2' : 'lg:last:odd:col-span-1'}`}
        >
          <Picture image={picture} eager={index === 0} className="h-auto w-full" />
        </li>
      ))}
    </ul>
  )
}
