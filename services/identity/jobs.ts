import { job } from '@stoa/chassis/service.ts'
import { KekDays, SigningKeyDays, lifetimesOf } from './settings.ts'
import { deleteExpiredUsernames, deleteUnverified } from './store/accounts.ts'
import { deleteOldFailures } from './store/failures.ts'
import { addKekWhenOlderThan, lockPeopleToReseal, lockSigningKeysToReseal, saveResealed, saveResealedSigningKey } from './store/people.ts'
import { deleteDeadRequests } from './store/requests.ts'
import { clampSessions, deleteOldSessions } from './store/sessions.ts'
import { openUnderKek, sealUnderKek, type Secrets } from './vault.ts'
import { makeSpareKey, retireKeys, rotateKeys } from './usecases/signing-keys.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import type { TransactionFn } from '@stoa/chassis/service.ts'

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3600
/** An address that nobody confirmed is forgotten after this. */
const UNVERIFIED_DAYS = 7
const SWEEP_MAX = 1000
const RESEAL_MAX = 500
/** Batches of one run; what is left over is done an hour later. */
const RESEAL_BATCHES_MAX = 2000

/** Makes a new key when the newest is old enough, and takes away what no living token was signed with. */
export const rotateSigningKeysInTime = job('rotate-signing-keys', HOUR_SECONDS, async ({ transaction, ...context }) => {
  const spare = await makeSpareKey()
  const ageSeconds = context.setting(SigningKeyDays) * DAY_SECONDS
  await transaction(async (tx) => rotateKeys(tx, context, spare, ageSeconds))
  await transaction(async (tx) => retireKeys(tx))
})

/** Begins a new key-encryption key when the newest is old enough, and seals everything anew that an older one still seals. */
export const resealKeys = job('reseal-keys', HOUR_SECONDS, async ({ transaction, signal, ...context }) => {
  const days = context.setting(KekDays)
  await transaction(async (tx) => addKekWhenOlderThan(tx, days))
  await resealAll(transaction, context, signal)
})

/** Forgets what has no use any more. */
export const sweep = job('sweep', HOUR_SECONDS, async ({ transaction, ...context }) => {
  await transaction(async (tx) => clampSessions(tx, lifetimesOf(context)))
  await transaction(async (tx) => deleteOldSessions(tx, SWEEP_MAX))
  await transaction(async (tx) => deleteOldFailures(tx))
  await transaction(async (tx) => deleteDeadRequests(tx))
  await transaction(async (tx) => deleteExpiredUsernames(tx))
  await transaction(async (tx) => deleteUnverified(tx, UNVERIFIED_DAYS, SWEEP_MAX))
})

async function resealAll(transaction: TransactionFn, secrets: Secrets, signal: AbortSignal): Promise<void> {
  await transaction(async (tx) => resealSigningKeys(tx, secrets))
  for (let batch = 0; batch < RESEAL_BATCHES_MAX && !signal.aborted; batch++) {
    const done = await transaction(async (tx) => resealPeople(tx, secrets))
    if (done === 0) return
  }
}

async function resealPeople(tx: Tx, secrets: Secrets): Promise<number> {
  const people = await lockPeopleToReseal(tx, RESEAL_MAX)
  const newest = people[0]?.newestKekId
  if (newest === undefined) return 0
  await saveResealed(
    tx,
    newest,
    people.map(({ personId, kekId, sealedKey }) => {
      const context = `person:${personId}`
      return { personId, sealedKey: sealUnderKek(secrets, newest, context, openUnderKek(secrets, kekId, context, sealedKey)) }
    }),
  )
  return people.length
}

async function resealSigningKeys(tx: Tx, secrets: Secrets): Promise<void> {
  for (const { kid, kekId, sealedPrivate, newestKekId } of await lockSigningKeysToReseal(tx)) {
    const context = `signing-key:${kid}`
    await saveResealedSigningKey(
      tx,
      kid,
      newestKekId,
      sealUnderKek(secrets, newestKekId, context, openUnderKek(secrets, kekId, context, sealedPrivate)),
    )
  }
}
