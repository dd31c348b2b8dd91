import { Picture } from '@stoa/ui/picture.tsx'
import type { Image } from '../visit/shop.ts'

/** Pictures worth showing of one variant. */
const PICTURES_MAX = 8

/** The pictures of a product: hung side by side on wide pages, a row to swipe on the phone. */
export function Gallery({ pictures, name }: { pictures: readonly Image[]; name: string }) {
  if (pictures.length === 0) return <Picture image={null} className="aspect-[4/5] w-full" />
  return (
    <ul
      aria-label={`Pictures of ${name}`}
      tabIndex={pictures.length > 1 ? 0 : undefined}
      className="-mx-4 flex snap-x snap-mandatory gap-px overflow-x-auto md:mx-0 md:grid md:grid-cols-2 md:gap-3 md:overflow-visible lg:self-start"
    >
      {pictures.slice(0, PICTURES_MAX).map((picture, index) => (
        <li
          key={picture.url}
          className="w-[88%] shrink-0 snap-center bg-sunken only:w-full md:w-auto md:only:col-span-2 md:only:mx-auto md:only:max-w-xl"
        >
          <Picture image={picture} eager={index === 0} className="h-auto w-full" />
        </li>
      ))}
    </ul>
  )
}
