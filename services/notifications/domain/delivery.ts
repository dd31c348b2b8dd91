/** What becomes of a message after a try to hand it over. At most once: when in doubt, it is asked about and not sent again. */

/** What a mail server did with a message. */
export type Handover =
  /** It said that it took it. */
  | { readonly kind: 'accepted' }
  /** It said no for good: no such mailbox, forbidden. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It was never given the message, or said no for now. */
  | { readonly kind: 'not-sent'; readonly why: string }
  /** The message was on its way when the connection or the process ended. */
  | { readonly kind: 'unknown'; readonly why: string }

/** What a mail server knows of a message, for those that can be asked. `unknown`: it cannot be asked, or did not answer. */
export type Inquiry = 'accepted' | 'absent' | 'unknown'

export type NextStep =
  | { readonly state: 'sent' }
  | { readonly state: 'failed'; readonly why: string }
  | { readonly state: 'waiting'; readonly retryInSeconds: number; readonly why: string }
  | { readonly state: 'in-doubt'; readonly askInSeconds: number | undefined; readonly why: string }

/** A message that could not be sent within a day is of no use any more. */
export const GIVE_UP_SECONDS = 24 * 3600
/** A whole handover: a try on a kept connection, connecting anew, and a try there. */
export const HANDOVER_SECONDS_MAX = 36
/** A `no` counts only when nothing of the former try can still be under way. The lease of the task is as long. */
export const INQUIRY_TRUST_SECONDS = 45
const RETRY_SECONDS_MAX = 900

/** After a handover. `canAsk`: the provider has a book that can be asked. */
export function afterHandover(handover: Handover, tries: number, ageSeconds: number, canAsk: boolean): NextStep {
  switch (handover.kind) {
    case 'accepted':
      return { state: 'sent' }
    case 'refused':
      return { state: 'failed', why: handover.why }
    case 'not-sent':
      return again(tries, ageSeconds, handover.why)
    case 'unknown':
      return { state: 'in-doubt', askInSeconds: canAsk ? INQUIRY_TRUST_SECONDS : undefined, why: handover.why }
  }
}

/** After asking about a message in doubt. */
export function afterInquiry(inquiry: Inquiry, tries: number, ageSeconds: number, secondsSinceHandover: number, canAsk: boolean): NextStep {
  if (inquiry === 'accepted') return { state: 'sent' }
  if (inquiry === 'absent' && secondsSinceHandover >= INQUIRY_TRUST_SECONDS) return again(tries, ageSeconds, 'the provider never got it')
  const why = 'not known whether it was delivered'
  if (!canAsk || ageSeconds > GIVE_UP_SECONDS) return { state: 'in-doubt', askInSeconds: undefined, why }
  const wait = inquiry === 'absent' ? INQUIRY_TRUST_SECONDS - secondsSinceHandover : retrySeconds(tries)
  return { state: 'in-doubt', askInSeconds: Math.max(1, Math.ceil(wait)), why }
}

function again(tries: number, ageSeconds: number, why: string): NextStep {
  if (ageSeconds > GIVE_UP_SECONDS) return { state: 'failed', why }
  return { state: 'waiting', retryInSeconds: retrySeconds(tries), why }
}

/** 2, 4, 8 … 900 s. */
function retrySeconds(tries: number): number {
  return Math.min(RETRY_SECONDS_MAX, 2 ** Math.min(Math.max(1, tries), 16))
}
