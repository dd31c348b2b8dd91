/** The guard against guessing passwords. It knows addresses and clients, not accounts, so it betrays none. */

/** Failures within the window that lock an address or a user name, known or not. */
export const FAILURES_MAX = 10
/** Failures within the window that lock a client's address, whoever it tries. Wider: an office shares one. */
export const CLIENT_FAILURES_MAX = 500
export const WINDOW_SECONDS = 15 * 60

/** Seconds until another try is allowed; 0 when it is allowed now. `failedAt` is oldest first. */
export function lockedForSeconds(failedAt: readonly Date[], failuresMax: number, now: Date): number {
  const recent = withinWindow(failedAt, now)
  const decisive = recent[recent.length - failuresMax]
  if (decisive === undefined) return 0
  return Math.max(1, Math.ceil((decisive.getTime() - now.getTime()) / 1000) + WINDOW_SECONDS)
}

/** The failures to remember after one more. Never more than what locks. */
export function withFailure(failedAt: readonly Date[], failuresMax: number, now: Date): Date[] {
  return [...withinWindow(failedAt, now), now].slice(-failuresMax)
}

function withinWindow(failedAt: readonly Date[], now: Date): Date[] {
  return failedAt.filter((at) => at.getTime() > now.getTime() - WINDOW_SECONDS * 1000)
}
