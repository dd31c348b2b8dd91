/** Between what people type and what the API wants. */
import type { FieldProblem, Problem } from './visit.ts'

/** Messages by field name. */
export type FieldErrors = Readonly<Record<string, string>>

/** A form's text fields, trimmed. Files and repeated names do not occur. */
export function textsOf(form: FormData): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of form) if (typeof value === 'string') texts[name] = value.trim()
  return texts
}

/** Only the named texts that are not empty. */
export function given(texts: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (texts[name] ? [[name, texts[name]]] : [])))
}

/** Errors of a problem document by field name: `shippingAddress.city` is the field `city`. */
export function fieldErrors(problem: Problem, say: (error: FieldProblem) => string = (error) => sentence(error.message)): FieldErrors {
  const errors: Record<string, string> = {}
  for (const error of problem.errors ?? []) {
    const name = error.path.split('.').at(-1) ?? error.path
    errors[name] ??= say(error)
  }
  return errors
}

/** As a list for the summary on top of a form. */
export function errorList(errors: FieldErrors): { path: string; message: string }[] {
  return Object.entries(errors).map(([path, message]) => ({ path, message }))
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/

/** What is wrong with an e-mail address, if anything. */
export function mailError(email: string | undefined): string | undefined {
  if (!email) return 'Enter your e-mail address.'
  return MAIL.test(email) ? undefined : 'Enter an e-mail address like name@example.com.'
}

/** What is wrong with a new password, if anything. */
export function passwordError(password: string | undefined): string | undefined {
  if (!password) return 'Choose a password.'
  if (password.length < 8) return 'Choose a password of at least 8 characters.'
  return password.length > 256 ? 'Choose a password of at most 256 characters.' : undefined
}

/** Leaves out fields without an error. */
export function collect(errors: Record<string, string | undefined>): FieldErrors {
  return Object.fromEntries(Object.entries(errors).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
