/** Waiting in tests. */

/** Something that others wait for until it is opened. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** Whether a promise has not come to its end after so long. */
export async function isStillWaiting(promise: Promise<unknown>, patienceMs: number): Promise<boolean> {
  const ended = promise.then(
    () => false,
    () => false,
  )
  return Promise.race([ended, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), patienceMs))])
}
