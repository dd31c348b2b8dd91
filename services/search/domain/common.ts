/** What shoppers ask for, kept without who they are. */
import { keyOf, tokensOf } from './text.ts'

/** A question is common when so many stretches of time had it: one person's evening is one or a few. */
export const STRETCHES_MIN = 3
const STRETCH_MS = 600_000
/** Stretches after which a question that nobody asks any more is forgotten: 90 days. */
export const STRETCHES_KEPT = 90 * 24 * 6
const LENGTH_MAX = 60
const TOKENS_MAX = 6

/** The question as it is counted; undefined where it is none that others would ask: too long, or too many words. */
export function countable(text: string): string | undefined {
  const question = keyOf(text)
  const tokens = tokensOf(question)
  // An e-mail address, a telephone or order number is nobody else's question, even where something was found by a part of it.
  const isPersonal = /@|\d{6,}/.test(question)
  return question.length > LENGTH_MAX || tokens.length === 0 || tokens.length > TOKENS_MAX || isPersonal ? undefined : question
}

/** The stretch of time that a moment lies in. */
export function stretchOf(now: Date): number {
  return Math.floor(now.getTime() / STRETCH_MS)
}
