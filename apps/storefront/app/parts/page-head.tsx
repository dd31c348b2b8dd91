import { useLocation, useRouteLoaderData } from 'react-router'
import { summaryOf } from '../visit/summary.ts'

interface Told {
  readonly title: string
  readonly description: string
  /** Path of the page's one true address. Undefined: this address is one of many for the same, and none to be found. */
  readonly path: string | undefined
  /** Picture of what the page is about, for whoever shows a link to it. */
  readonly image?: { readonly url: string; readonly alt: string } | undefined
  readonly kind?: 'website' | 'product'
}

/** What a page says of itself to search engines and to those who share it (Open Graph). */
export function PageHead({ title, description, path, image, kind = 'website' }: Told) {
  const { pathname } = useLocation()
  const frame = useRouteLoaderData<{ origin: string }>('root')
  const origin = frame?.origin ?? ''
  const summary = summaryOf(description)
  return (
    <>
      <title>{title}</title>
      <meta name="description" content={summary} />
      {path === undefined ? <meta name="robots" content="noindex" /> : <link rel="canonical" href={`${origin}${path}`} />}
      <meta property="og:site_name" content="Stoa" />
      <meta property="og:type" content={kind} />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={summary} />
      <meta property="og:url" content={`${origin}${path ?? pathname}`} />
      {image ? <meta property="og:image" content={new URL(image.url, origin).href} /> : null}
      {image ? <meta property="og:image:alt" content={image.alt} /> : null}
    </>
  )
}
