import { Fault } from '@stoa/chassis/fault.ts'
import { expect, test } from 'vitest'
import { createHasher } from './adapters/password-hasher.ts'

test('a hash is argon2id at the recommended cost, salted, and fits its password only', async () => {
  const { hashPassword, passwordFits } = createHasher(2, 10)
  const [first, second] = await Promise.all([hashPassword('a quiet colonnade'), hashPassword('a quiet colonnade')])
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(second).not.toBe(first)
  expect(await passwordFits(first, 'a quiet colonnade')).toBe(true)
  expect(await passwordFits(first, 'A quiet colonnade')).toBe(false)
})

test('when there is no hash, nothing fits, not even the password of the decoy', async () => {
  const { passwordFits } = createHasher(1, 10)
  for (const none of [null, undefined]) expect(await passwordFits(none, 'nobody has this password')).toBe(false)
})

test('when more come than may wait, they are told to come back, and the others are served', async () => {
  const { hashPassword } = createHasher(1, 2)
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => hashPassword('a quiet colonnade')))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  for (const fault of refused) expect(fault instanceof Fault && [fault.code, fault.retryAfterSeconds]).toEqual(['overloaded', 2])
  expect(refused).toHaveLength(3)
})
