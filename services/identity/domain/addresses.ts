/** The address book of an account. */
import type { FieldError } from '@stoa/chassis/contract.ts'
import type { Address } from '@stoa/contracts/shared.ts'

export type SavedAddress = Address & { readonly id: string; readonly default: boolean }
export type GivenAddress = Address & { readonly id?: string; readonly default?: boolean }

/**
 * The address book after a change: known ids are kept, new entries get `newId`, the first is the default unless one is marked.
 * Refuses: more than one default, an unknown id, one id twice.
 */
export function replaceAddresses(
  known: readonly string[],
  given: readonly GivenAddress[],
  newId: () => string,
): SavedAddress[] | FieldError[] {
  const errors = faultsOf(known, given)
  if (errors.length > 0) return errors
  const marked = given.findIndex((one) => one.default === true)
  return given.map((one, index) => ({ ...one, id: one.id ?? newId(), default: index === Math.max(0, marked) }))
}

/** Whether `replaceAddresses` refused. */
export function areFaults(outcome: SavedAddress[] | FieldError[]): outcome is FieldError[] {
  return outcome.some((one) => 'code' in one && 'path' in one)
}

function faultsOf(known: readonly string[], given: readonly GivenAddress[]): FieldError[] {
  const errors: FieldError[] = []
  const firstDefault = given.findIndex((one) => one.default === true)
  for (const [index, one] of given.entries()) {
    if (one.default === true && index !== firstDefault) {
      errors.push({ path: `addresses[${index}].default`, code: 'only-one', message: 'Only one address can be the default.' })
    }
    if (one.id === undefined) continue
    if (!known.includes(one.id)) {
      errors.push({
        path: `addresses[${index}].id`,
        code: 'unknown',
        message: 'There is no such address in your address book. Leave `id` out for a new one.',
      })
    } else if (given.findIndex((other) => other.id === one.id) !== index) {
      errors.push({ path: `addresses[${index}].id`, code: 'repeated', message: 'This address is in the list already.' })
    }
  }
  return errors
}
