/** What a page is about, for search engines: data, never run. `<` is written so that no text can end the element. */
export function StructuredData({ data }: { data: unknown }) {
  return <script type="application/ld+json">{JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
}
