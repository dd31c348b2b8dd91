/** What the gateway does with a card, and how its answer travels. */
export interface CardPlan {
  outcome: 'authorize' | 'decline' | 'fail' | 'challenge' | 'nothing'
  answer: 'prompt' | 'slow' | 'lost' | 'after-webhook'
  reason?: string
  /** How many tries with one key are answered 500 before anything happens. */
  errorsFirst?: number
  /** Whether a failed charge succeeds by itself later. */
  succeedsLater?: boolean
  /** Whether no webhook tells the outcome of the authorisation, so that only asking does. */
  silentWebhook?: boolean
}

const plans: Record<string, CardPlan> = {
  tok_ok: { outcome: 'authorize', answer: 'prompt' },
  tok_slow: { outcome: 'authorize', answer: 'slow' },
  tok_timeout_charged: { outcome: 'authorize', answer: 'lost', silentWebhook: true },
  tok_error_then_ok: { outcome: 'authorize', answer: 'prompt', errorsFirst: 2 },
  tok_webhook_first: { outcome: 'authorize', answer: 'after-webhook' },
  tok_declined: { outcome: 'decline', answer: 'prompt', reason: 'card-declined' },
  tok_insufficient_funds: { outcome: 'decline', answer: 'prompt', reason: 'insufficient-funds' },
  tok_timeout_lost: { outcome: 'nothing', answer: 'lost' },
  tok_late: { outcome: 'fail', answer: 'prompt', reason: 'issuer-unavailable', succeedsLater: true },
  tok_3ds: { outcome: 'challenge', answer: 'prompt' },
}

/** The plan of a card token; a token that nobody issued is declined. */
export function planOf(token: string): CardPlan {
  return Object.hasOwn(plans, token) ? (plans[token] as CardPlan) : { outcome: 'decline', answer: 'prompt', reason: 'unknown-token' }
}

export interface TestCard {
  token: string
  name: string
  digits: string
  says: string
}

/** The cards a shopper can choose on the hosted page. */
export const testCards: readonly TestCard[] = [
  { token: 'tok_ok', name: 'Everyday card', digits: '4242', says: 'Pays at once' },
  { token: 'tok_3ds', name: 'Careful card', digits: '3220', says: 'Asks you to confirm first (3-D Secure)' },
  { token: 'tok_slow', name: 'Unhurried card', digits: '5005', says: 'Pays after five seconds' },
  { token: 'tok_webhook_first', name: 'Talkative card', digits: '7001', says: 'Pays; the shop hears of it before you do' },
  { token: 'tok_declined', name: 'Refused card', digits: '0002', says: 'Is declined' },
  { token: 'tok_insufficient_funds', name: 'Empty card', digits: '9995', says: 'Has too little on it' },
  { token: 'tok_late', name: 'Fickle card', digits: '6060', says: 'Fails, and succeeds a minute later' },
]
