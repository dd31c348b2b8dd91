import type { FieldError } from '@stoa/chassis/contract.ts'

/** All faults of a line in one sentence. */
export function messageOf(errors: readonly FieldError[]): string {
  return errors.map((one) => (one.path === '' ? one.message : `${one.path} ${one.message}`)).join('; ')
}
