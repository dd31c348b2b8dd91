/** What must be there before the first request: a signing key, the first administrator, the accounts of the demo. */
import { randomBytes } from 'node:crypto'
import { AccountRegistered, AccountVerified } from '@stoa/contracts/identity.ts'
import type { Role } from '@stoa/chassis/contract.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import type { Common, Job } from '@stoa/chassis/service.ts'
import { AdminEmail, AdminPassword, Demo } from '@stoa/chassis/settings.ts'
import type { Address } from '@stoa/contracts/shared.ts'
import { decoyHash, hashPassword, passwordFits } from './adapters/password-hasher.ts'
import { lifetimesOf } from './settings.ts'
import { replaceAddressBook } from './store/addresses.ts'
import { findAccountByEmail, hasAdministrator, insertAccount, setPassword } from './store/accounts.ts'
import { insertPeople, newestKekId } from './store/people.ts'
import { clampSessions, endSessionsOf } from './store/sessions.ts'
import { makeSpareKey, rotateKeys } from './usecases/signing-keys.ts'
import { emailIndexOf, newPersonKey, sealField } from './vault.ts'

interface Given {
  readonly email: string
  readonly password: string
  readonly name: string
  readonly roles: readonly Role[]
  readonly address?: Address
}

const DEMO_PASSWORD = 'stoa-demo-2026'
const demoAccounts: readonly Given[] = [
  { email: 'admin@stoa.example', password: DEMO_PASSWORD, name: 'Demo Admin', roles: ['admin'] },
  { email: 'warehouse@stoa.example', password: DEMO_PASSWORD, name: 'Demo Warehouse', roles: ['warehouse'] },
  { email: 'vendor@stoa.example', password: DEMO_PASSWORD, name: 'Demo Vendor', roles: ['vendor'] },
  { email: 'pos@stoa.example', password: DEMO_PASSWORD, name: 'Demo Till', roles: ['pos'] },
  {
    email: 'shopper@stoa.example',
    password: DEMO_PASSWORD,
    name: 'Demo Shopper',
    roles: ['customer'],
    address: { name: 'Demo Shopper', line1: 'Torstraße 1', city: 'Berlin', postalCode: '10119', country: 'DE' },
  },
]

export const prepare: Job['run'] = async ({ db, transaction, ...context }) => {
  const spare = await makeSpareKey()
  const forEver = Number.MAX_SAFE_INTEGER / 1000
  await Promise.all([
    decoyHash(),
    transaction(async (tx) => rotateKeys(tx, context, spare, forEver)),
    transaction(async (tx) => clampSessions(tx, lifetimesOf(context))),
  ])
  const [email, password] = [context.setting(AdminEmail), context.setting(AdminPassword)]
  const first: Given[] = email !== '' && password !== '' ? [{ email, password, name: 'Administrator', roles: ['admin'] }] : []
  const isDemo = context.setting(Demo) === 'on'
  const demo = isDemo ? demoAccounts : []
  await Promise.all(
    [...first, ...demo].map(async (given) => {
      if (await findAccountByEmail(db, emailIndexOf(context, given.email))) return
      const passwordHash = await hashPassword(given.password)
      await transaction(async (tx) => addAccount(tx, context, given, passwordHash))
    }),
  )
  if (!isDemo) await Promise.all(demoAccounts.map((one) => closeDemoAccount(one, { db, transaction, ...context })))
  if (!(await hasAdministrator(db)))
    context.log.warn({}, 'there is no administrator: start once with STOA_ADMIN_EMAIL and STOA_ADMIN_PASSWORD')
}

/** A shop that was a demo before still has its accounts, and everybody knows their password: it is replaced by one that nobody knows. */
async function closeDemoAccount({ email }: Given, { db, transaction, ...context }: Parameters<Job['run']>[0]): Promise<void> {
  const account = await findAccountByEmail(db, emailIndexOf(context, email))
  if (!account || !(await passwordFits(account.passwordHash, DEMO_PASSWORD))) return
  const passwordHash = await hashPassword(randomBytes(32).toString('base64url'))
  await transaction(async (tx) => {
    await setPassword(tx, account.id, passwordHash)
    await endSessionsOf(tx, account.id, 'the demo is over')
  })
  context.log.warn({ account: account.id }, 'an account of the demo was closed: its password is public')
}

/** Makes a confirmed account, unless another process was quicker. */
async function addAccount(tx: Tx, context: Common, given: Given, passwordHash: string): Promise<void> {
  const id = context.newId()
  const kekId = await newestKekId(tx)
  const person = newPersonKey(context, id, kekId)
  const made = await insertAccount(tx, {
    id,
    emailIndex: emailIndexOf(context, given.email),
    emailSealed: sealField(person, 'email', given.email),
    nameSealed: sealField(person, 'name', given.name),
    roles: given.roles,
    preferences: {},
  })
  if (!made) return
  await insertPeople(tx, [{ personId: id, guest: false, kekId, sealedKey: person.sealed }])
  await setPassword(tx, id, passwordHash)
  if (given.address) {
    const addressId = context.newId()
    await replaceAddressBook(tx, id, [
      { id: addressId, isDefault: true, sealed: sealField(person, `address:${addressId}`, JSON.stringify(given.address)) },
    ])
  }
  tx.publish(AccountRegistered, { accountId: id })
  tx.publish(AccountVerified, { accountId: id })
}
