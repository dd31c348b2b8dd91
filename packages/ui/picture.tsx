/** What the API says of a picture. */
export interface PictureSource {
  readonly url: string
  readonly alt: string
  readonly width: number
  readonly height: number
}

/** A picture that never moves the page: its size is known before it loads. Without one, a plain plate. */
export function Picture({
  image,
  alt,
  sizes,
  eager = false,
  className = '',
}: {
  image: PictureSource | null | undefined
  /** Overrides the picture's own text; empty where the name stands beside it. */
  alt?: string
  sizes?: string
  eager?: boolean
  className?: string
}) {
  if (!image) return <span aria-hidden="true" className={`block bg-sunken ${className}`} />
  return (
    <img
      src={image.url}
      alt={alt ?? image.alt}
      width={image.width}
      height={image.height}
      sizes={sizes}
      loading={eager ? 'eager' : 'lazy'}
      fetchPriority={eager ? 'high' : undefined}
      decoding="async"
      className={className}
    />
  )
}
