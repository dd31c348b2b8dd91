/** What the chassis of each process asks of identity. */
import type { CallFn } from '@stoa/chassis/service.ts'
import { LiveSessions, SigningKeys } from '@stoa/contracts/identity.ts'

export const askIdentity = {
  fetchKeys: async (call: CallFn) => (await call(SigningKeys, {})) as { keys: [] },
  liveSessions: async (call: CallFn, sessionIds: string[]) => (await call(LiveSessions, { sessionIds })).sessionIds,
}
