// Longer waits are taken in steps: setTimeout overflows after 24.8 days, and clocks may be set.
const STEP_MS_MAX = 60_000

export interface Alarm {
  /** Looks again when the next thing is due; call it after every change of the schedule. */
  refresh(): void
  close(): void
}

/** Calls `ring` when something is due by `nextDue` (in ms of the epoch); sleeps otherwise. */
export function makeAlarm(nextDue: () => number | undefined | null, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  let refreshing = false
  let closed = false

  function look(): void {
    refreshing = false
    if (closed) return
    clearTimeout(timer)
    const due = nextDue()
    if (due === undefined || due === null) return
    timer = setTimeout(tick, Math.min(Math.max(due - Date.now(), 0), STEP_MS_MAX))
  }

  function tick(): void {
    if (closed) return
    ring()
    look()
  }

  return {
    refresh() {
      if (refreshing || closed) return
      refreshing = true
      setImmediate(look)
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
