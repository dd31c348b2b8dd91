/** Addresses and subjects lie sealed in the rows; their owner's history opens them. */
import type { KeyObject } from 'node:crypto'
import { seal, unseal } from '@stoa/chassis/secrets.ts'

export interface Secrets {
  secret(purpose: string): KeyObject
}

type Part = 'to' | 'subject' | 'given'

export function sealPart(secrets: Secrets, messageId: string, part: Part, plain: string): string {
  return seal(secrets.secret('messages'), plain, `message:${messageId}:${part}`)
}

export function openPart(secrets: Secrets, messageId: string, part: Part, sealed: string): string {
  return unseal(secrets.secret('messages'), sealed, `message:${messageId}:${part}`)
}

/** The keys of the links that end mails, and of the hashes that guests are known by in them. */
export function unsubscribeKeys(secrets: Secrets): { links: KeyObject; guests: KeyObject } {
  return { links: secrets.secret('unsubscribe-links'), guests: secrets.secret('unsubscribe-guests') }
}
