/** Waiting in tests. */

/** Something that others wait for until it is opened. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

const A_WHILE_MS = 60

/** Whether a promise has not come to its end after a while. */
export async function isStillWaiting(promise: Promise<unknown>): Promise<boolean> {
  const ended = promise.then(
    () => false,
    () => false,
  )
  return Promise.race([ended, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), A_WHILE_MS))])
}
