/** Offers words while somebody types into the search field; the browser's own list shows them. */

const PAUSE_MS = 150
const LETTERS_MIN = 2
const OFFERED_MAX = 8

let pausing: ReturnType<typeof setTimeout> | undefined
let asking: AbortController | undefined

/** Begins to listen to the search field of the header. */
export function suggestWords(): void {
  const field = document.querySelector<HTMLInputElement>('#q')
  const list = document.querySelector<HTMLDataListElement>('#suggestions')
  if (!field || !list) return
  field.addEventListener('input', () => {
    clearTimeout(pausing)
    pausing = setTimeout(() => void offer(field.value.trim(), list), PAUSE_MS)
  })
}

async function offer(words: string, list: HTMLDataListElement): Promise<void> {
  asking?.abort()
  if (words.length < LETTERS_MIN) {
    list.replaceChildren()
    return
  }
  asking = new AbortController()
  try {
    const answer = await fetch(`/api/products/suggest?${new URLSearchParams({ q: words, limit: String(OFFERED_MAX) })}`, {
      signal: asking.signal,
    })
    if (!answer.ok) return
    const { items } = (await answer.json()) as { items: { text: string }[] }
    list.replaceChildren(...[...new Set(items.map(({ text }) => text))].map((text) => new Option(text, text)))
  } catch {
    // Typing goes on without suggestions, as without JavaScript.
  }
}
