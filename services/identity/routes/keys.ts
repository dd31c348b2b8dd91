import { GetJwks, RotateSigningKeys } from '@stoa/contracts/identity.ts'
import { orchestrate, read } from '@stoa/chassis/service.ts'
import { Fault } from '@stoa/chassis/fault.ts'
import { allSigningKeys } from '../store/signing-keys.ts'
import { makeSpareKey, rotateKeys } from '../usecases/signing-keys.ts'

export const getJwks = read(GetJwks, async ({ db, reply }) => {
  reply.header('cache-control', 'public, max-age=60')
  return { keys: (await allSigningKeys(db)).map((key) => key.publicJwk) }
})

export const rotateSigningKeys = orchestrate(RotateSigningKeys, async ({ transaction, ...context }) => {
  const spare = await makeSpareKey()
  const rotated = await transaction(async (tx) => rotateKeys(tx, context, spare))
  if (!rotated) throw new Fault('internal', 'a rotation that was asked for always names a key')
  return { keyId: rotated.keyId, signsFrom: rotated.signsFrom.toISOString() }
})
