import type { FieldError } from '@stoa/chassis/contract.ts'

/** All faults of a line in one sentence. It is stored: what no database takes, a field's name may hold, is told as nearly as can be. */
export function messageOf(errors: readonly FieldError[]): string {
  const told = errors.map((one) => (one.path === '' ? one.message : `${one.path} ${one.message}`)).join('; ')
  return told.toWellFormed().replaceAll('\0', '\ufffd')
}
