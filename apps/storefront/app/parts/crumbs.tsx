/** The way to where one is, from the front of the shop. */
export function Crumbs({ path, here }: { path: readonly { readonly slug: string; readonly name: string }[]; here?: string }) {
  return (
    <nav aria-label="Where you are">
      <ol className="flex flex-wrap gap-x-2 text-sm text-soft">
        <li>
          <a href="/" className="link">
            Stoa
          </a>
        </li>
        {path.map((one) => (
          <li key={one.slug} className="flex gap-x-2">
            <span aria-hidden="true">/</span>
            <a href={`/c/${one.slug}`} className="link">
              {one.name}
            </a>
          </li>
        ))}
        {here === undefined ? null : (
          <li aria-current="page" className="flex gap-x-2 max-sm:hidden">
            <span aria-hidden="true">/</span>
            {here}
          </li>
        )}
      </ol>
    </nav>
  )
}
