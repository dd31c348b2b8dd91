/** Whether the login that an access token was made for still goes on. */
import { createLookup } from '../batcher.ts'
import type { Kept } from '../cache/kept.ts'
import { KEPT_MS_MAX } from '../contract.ts'
import { isTransient } from '../fault.ts'

/** What is touched when a login ends: nobody who asks after that is told that it goes on. */
export function loginThing(sessionId: string): string {
  return `login ${sessionId}`
}

export interface Logins {
  goesOn(sessionId: string): Promise<boolean>
}

/**
 * Asks `live`, which knows, for those of some logins that go on, and keeps what it says until the login ends. While it cannot be asked the
 * token is believed, which expires by itself within minutes.
 */
export function loginsOf(kept: Kept, live: (sessionIds: string[]) => Promise<readonly string[]>): Logins {
  const look = createLookup<string, true>(async (ids) => new Map((await live(ids)).map((id) => [id, true] as const)))
  return {
    goesOn: async (id) => {
      try {
        return await kept.through(`login ${id}`, {
          ms: KEPT_MS_MAX,
          make: async () => (await look([id])).has(id),
          pack: (goesOn) => ({ value: goesOn ? 'on' : 'over', shows: [loginThing(id)] }),
          unpack: (value) => value === 'on',
        })
      } catch (error) {
        if (isTransient(error)) return true
        throw error
      }
    },
  }
}
