/** What this room seals, and the keyed hashes it finds things by. */
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { seal, unseal } from '@stoa/chassis/secrets.ts'
import { normaliseEmail } from './domain/identifiers.ts'

/** Where secrets come from: any handler's context. */
export interface Secrets {
  secret(purpose: string): KeyObject
}

/** A person's data key, opened. */
export interface PersonKey {
  readonly personId: string
  readonly key: KeyObject
}

type Field = 'email' | 'name' | `address:${string}`

/** Blind index of an address: finds an account without storing whose it is. */
export function emailIndexOf(secrets: Secrets, email: string): string {
  return keyedHash(secrets, 'email-index', normaliseEmail(email))
}

/** The mark under which failures of an address, a user name or a client are counted. */
export function failureMarkOf(secrets: Secrets, kind: 'email' | 'username' | 'account' | 'client', value: string): string {
  return `${kind}:${keyedHash(secrets, 'login-failures', `${kind}:${value}`)}`
}

/** What makes two requests come from the same client: its program and its network. */
export function clientMarkOf(secrets: Secrets, userAgent: string | undefined, prefix: string): string {
  return keyedHash(secrets, 'client-mark', JSON.stringify([userAgent ?? '', prefix]))
}

/** A new data key for `personId`, sealed by the key-encryption key `kekId`. */
export function newPersonKey(secrets: Secrets, personId: string, kekId: string): PersonKey & { sealed: string } {
  const key = randomBytes(32)
  return { personId, key: createSecretKey(key), sealed: sealUnderKek(secrets, kekId, `person:${personId}`, key.toString('base64url')) }
}

/** Opens a person's data key. */
export function openPersonKey(secrets: Secrets, row: { personId: string; kekId: string; sealedKey: string }): PersonKey {
  const opened = openUnderKek(secrets, row.kekId, `person:${row.personId}`, row.sealedKey)
  return { personId: row.personId, key: createSecretKey(opened, 'base64url') }
}

export function sealUnderKek(secrets: Secrets, kekId: string, context: string, plain: string): string {
  return seal(secrets.secret(`key-encryption/${kekId}`), plain, context)
}

export function openUnderKek(secrets: Secrets, kekId: string, context: string, sealed: string): string {
  return unseal(secrets.secret(`key-encryption/${kekId}`), sealed, context)
}

/** Encrypts a field of a person with the person's own key. */
export function sealField(person: PersonKey, field: Field, plain: string): string {
  return seal(person.key, plain, `person:${person.personId}:${field}`)
}

export function openField(person: PersonKey, field: Field, sealed: string): string {
  return unseal(person.key, sealed, `person:${person.personId}:${field}`)
}

/** Seals what an accepted request carries until it is looked at. */
export function sealRequest(secrets: Secrets, id: string, content: unknown): string {
  return seal(secrets.secret('accepted-requests'), JSON.stringify(content), `request:${id}`)
}

export function openRequest(secrets: Secrets, id: string, sealed: string): unknown {
  return JSON.parse(unseal(secrets.secret('accepted-requests'), sealed, `request:${id}`))
}

function keyedHash(secrets: Secrets, purpose: string, text: string): string {
  return createHmac('sha256', secrets.secret(purpose)).update(text).digest('base64url')
}
