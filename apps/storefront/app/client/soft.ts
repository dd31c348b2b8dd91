/**
 * Soft navigation: links and forms marked `data-soft` change the page in place instead of loading it anew, so that scroll,
 * focus and open filters stay. The server renders the same page either way.
 */
const SAID_AFTER_MS = 150
const TYPED_PAUSE_MS = 500

let latest = 0
let woken: () => void = () => undefined
let controller: AbortController | undefined

/** Begins to listen. `wake` is called after each change. */
export function softly(wake: () => void): void {
  woken = wake
  document.addEventListener('click', onClick)
  document.addEventListener('submit', onSubmit)
  document.addEventListener('change', onChange)
  addEventListener('popstate', () => void go(location.href, { keep: true }))
}

/** Shows what the server answers to `url`, in place. Whatever goes wrong, the browser does it its own way. */
export async function go(url: string, how: { body?: FormData; keep?: boolean } = {}): Promise<void> {
  const mine = ++latest
  controller?.abort()
  controller = new AbortController()
  const sheen = setTimeout(() => document.body.classList.add('sheen'), SAID_AFTER_MS)
  try {
    const answer = await fetch(url, {
      method: how.body ? 'POST' : 'GET',
      // As a browser sends a form without files: the server reads both, this one is shorter.
      ...(how.body ? { body: new URLSearchParams(how.body as unknown as Record<string, string>) } : {}),
      headers: { Accept: 'text/html' },
      signal: controller.signal,
    })
    if (new URL(answer.url).origin !== location.origin || !answer.headers.get('content-type')?.includes('text/html')) {
      location.assign(answer.url)
      return
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (mine !== latest) return
    if (!how.keep) {
      if (answer.url === location.href) history.replaceState(null, '', answer.url)
      else history.pushState(null, '', answer.url)
    }
    show(page)
  } catch {
    if (mine !== latest) return
    if (how.body) location.reload()
    else location.assign(url)
  } finally {
    clearTimeout(sheen)
    if (mine === latest) document.body.classList.remove('sheen')
  }
}

/** Asks for this page again and shows what changed. */
export function refresh(): Promise<void> {
  return go(location.href, { keep: true })
}

function show(page: Document): void {
  const main = document.querySelector('main')
  const next = page.querySelector('main')
  if (!main || !next) throw new Error('a page has a main part')
  const focused = document.activeElement instanceof HTMLElement && document.activeElement.id ? document.activeElement.id : undefined
  const open = [...main.querySelectorAll<HTMLDetailsElement>('details[open][id]')].map((details) => details.id)
  main.replaceChildren(...next.childNodes)
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  const cart = page.querySelector('[data-cart]')
  if (cart) document.querySelector('[data-cart]')?.replaceChildren(...cart.childNodes)
  document.title = page.title
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true })
  say(main.querySelector('[data-say]')?.textContent ?? '')
  woken()
}

/** Reads `text` out without moving anything. */
export function say(text: string): void {
  const place = document.getElementById('said')
  if (place) place.textContent = text.replace(/\s+/g, ' ').trim()
}

function isPlainPress(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey && !event.defaultPrevented
}

function onClick(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || !isPlainPress(event) || !link.closest('[data-soft]') || link.origin !== location.origin || link.target !== '') return
  if (link.pathname !== location.pathname) return
  event.preventDefault()
  void go(link.href)
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || !form.closest('[data-soft]') || event.defaultPrevented) return
  event.preventDefault()
  send(form, event.submitter)
  form.closest('details')?.removeAttribute('open')
}

function onChange(event: Event): void {
  const input = event.target
  if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement)) return
  const form = input.form
  if (!form?.hasAttribute('data-soft-change')) return
  if (input.type === 'checkbox' || input.type === 'radio' || input instanceof HTMLSelectElement) send(form, null)
  else pause(() => form.isConnected && form.reportValidity() && send(form, null))
}

let pausing: ReturnType<typeof setTimeout> | undefined
function pause(then: () => void): void {
  clearTimeout(pausing)
  pausing = setTimeout(then, TYPED_PAUSE_MS)
}

function send(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const fields = new FormData(form, submitter)
  if (form.method === 'post') {
    void go(form.action, { body: fields })
    return
  }
  const url = new URL(form.action)
  url.search = new URLSearchParams(
    [...fields].filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== ''),
  ).toString()
  void go(url.href)
}
