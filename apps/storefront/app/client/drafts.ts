/** What is typed into a form marked `data-draft` outlives a reload or a walk to another page, in this tab only. */

const FIELDS = 'input:not([type=hidden]):not([type=password]), select, textarea'
type Typed = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

let listening = false

/** Fills empty fields from what was typed before, and goes on keeping. */
export function keepDrafts(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-draft]')) restore(form)
  if (listening) return
  listening = true
  document.addEventListener('input', (event) => {
    const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>('form[data-draft]') : null
    if (form) keep(form)
  })
}

function storageKey(form: HTMLFormElement): string {
  return `stoa draft ${form.dataset['draft']}`
}

function fieldsOf(form: HTMLFormElement): Typed[] {
  return [...form.querySelectorAll<Typed>(FIELDS)].filter(
    (field) => field.name !== '' && field.type !== 'radio' && field.type !== 'checkbox',
  )
}

function keep(form: HTMLFormElement): void {
  try {
    sessionStorage.setItem(storageKey(form), JSON.stringify(Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.value]))))
  } catch {
    // Storage may be full or forbidden; then nothing is kept, as without JavaScript.
  }
}

function restore(form: HTMLFormElement): void {
  try {
    const kept = JSON.parse(sessionStorage.getItem(storageKey(form)) ?? '{}') as Record<string, unknown>
    for (const field of fieldsOf(form)) {
      const value = kept[field.name]
      if (field.value === '' && typeof value === 'string') field.value = value
    }
  } catch {
    // As above.
  }
}
