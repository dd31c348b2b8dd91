import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveSecret, seal, unseal } from './secrets.ts'

const root = randomBytes(32)
const key = deriveSecret(root, 'orders', 'addresses')

test('what was sealed opens with the same key and context', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.string(), (plain, context) => {
      expect(unseal(key, seal(key, plain, context), context)).toBe(plain)
    }),
  )
})

test('the same text sealed twice does not look the same, nor does it show', () => {
  const sealed = seal(key, 'Unter den Linden 1', 'order:1')
  expect(seal(key, 'Unter den Linden 1', 'order:1')).not.toBe(sealed)
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('Linden')
})

test('a value moved to another place, opened with another key or changed in any bit does not open', () => {
  const sealed = seal(key, 'secret', 'order:1')
  expect(() => unseal(key, sealed, 'order:2')).toThrow()
  expect(() => unseal(deriveSecret(root, 'orders', 'phones'), sealed, 'order:1')).toThrow()
  const bytes = Buffer.from(sealed, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    expect(() => unseal(key, changed.toString('base64url'), 'order:1')).toThrow()
  }
})

test('a value that was cut short does not open, down to nothing', () => {
  const bytes = Buffer.from(seal(key, 'secret', 'order:1'), 'base64url')
  for (let length = 0; length < bytes.length; length++)
    expect(() => unseal(key, bytes.subarray(0, length).toString('base64url'), 'order:1')).toThrow()
})

test('secrets of different purposes, services and roots differ; the same one comes again', () => {
  const secrets = [
    deriveSecret(root, 'orders', 'a'),
    deriveSecret(root, 'orders', 'b'),
    deriveSecret(root, 'cart', 'a'),
    deriveSecret(randomBytes(32), 'orders', 'a'),
  ].map((one) => one.export().toString('hex'))
  expect(new Set(secrets).size).toBe(4)
  expect(deriveSecret(root, 'orders', 'a').export().toString('hex')).toBe(secrets[0])
  expect(deriveSecret(root, 'orders', 'a').symmetricKeySize).toBe(32)
})
