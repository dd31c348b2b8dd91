/** Small courtesies: menus that close, forms that are sent once. */

const SENT_FOR_MS = 10_000

/** Closes an open menu by Escape and by a press beside it. */
export function closeMenus(): void {
  const open = () => [...document.querySelectorAll<HTMLDetailsElement>('details[data-menu][open]')]
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    for (const menu of open()) {
      menu.open = false
      menu.querySelector('summary')?.focus()
    }
    document.querySelector<HTMLAnchorElement>('[data-dismiss]')?.click()
  })
  document.addEventListener('pointerdown', (event) => {
    for (const menu of open()) if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false
  })
  // A page kept by the browser and shown again on Back must not come with its menu open.
  addEventListener('pagehide', () => {
    for (const menu of open()) menu.open = false
  })
}

/**
 * A form marked `data-once` says that it is being sent, and is not sent twice. The server would take the second for the first
 * anyway, by the key in it.
 */
export function guardForms(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute('data-once')) return
    if (form.dataset['sent'] === 'yes') {
      event.preventDefault()
      return
    }
    form.dataset['sent'] = 'yes'
    const button = event.submitter
    button?.setAttribute('aria-busy', 'true')
    setTimeout(() => release(form, button), SENT_FOR_MS)
  })
  addEventListener('pageshow', () => {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) release(form, form.querySelector('[aria-busy]'))
  })
}

function release(form: HTMLFormElement, button: HTMLElement | null): void {
  delete form.dataset['sent']
  button?.removeAttribute('aria-busy')
}
