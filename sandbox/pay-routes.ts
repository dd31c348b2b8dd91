import { testCards } from './cards.ts'
import type { Desk, Session } from './desk.ts'
import { answerChallenge, lookUpSession, payOnPage } from './gateway.ts'
import { Refusal } from './http.ts'
import type { Answer, Call, Route } from './http.ts'
import { cardPage, challengePage, closedPage } from './pay-page.ts'

/** The provider's own pages, where the shopper chooses a card and answers 3-D Secure; plain forms, no script. */
export function payRoutes(desk: Desk): Route[] {
  return [
    { method: 'GET', path: '/pay/:session', access: 'public', answer: (call) => show(desk, call) },
    { method: 'POST', path: '/pay/:session', access: 'public', answer: async (call) => act(desk, call) },
  ]
}

function show(desk: Desk, call: Call, error?: string): Answer {
  const { session, charge, closed } = lookUpSession(desk, call.params.session ?? '')
  const status = error === undefined ? 200 : 422
  if (charge?.state === 'requires-action' && !closed) return page(session.return_url, challengePage(session, error), status)
  if (charge && !closed) return back(session.return_url)
  return page(session.return_url, closed ? closedPage(session) : cardPage(session, error), status)
}

async function act(desk: Desk, call: Call): Promise<Answer> {
  const { session, charge, closed } = lookUpSession(desk, call.params.session ?? '')
  if (closed) return page(session.return_url, closedPage(session), 409)
  const form = new URLSearchParams(call.body)
  if (charge?.state === 'requires-action') {
    const decision = form.get('decision')
    if (decision !== 'confirm' && decision !== 'fail') return show(desk, call, 'Choose whether you confirm this payment.')
    answerChallenge(desk, charge, decision === 'confirm')
    return back(session.return_url)
  }
  // A double click or the Back button: the first choice counts.
  if (charge) return back(session.return_url)
  const token = form.get('card') ?? ''
  if (!testCards.some((card) => card.token === token)) return show(desk, call, 'Choose a card to pay with.')
  const paid = await pay(desk, session, token)
  return paid?.state === 'requires-action' ? back(`/pay/${session.id}`) : back(session.return_url)
}

async function pay(desk: Desk, session: Session, token: string) {
  try {
    return await payOnPage(desk, session, token)
  } catch (error) {
    // Another click is being carried out; the shop's page shows what comes of it.
    if (error instanceof Refusal && error.code === 'idempotency-key-in-use') return undefined
    throw error
  }
}

function back(location: string): Answer {
  return { status: 303, headers: { location } }
}

function page(returnUrl: string, html: string, status: number): Answer {
  // Browsers hold the redirect after a form to form-action too, so the shop's origin must be in it.
  const policy = `default-src 'none'; style-src 'unsafe-inline'; form-action 'self' ${new URL(returnUrl).origin}; base-uri 'none'; frame-ancestors 'none'`
  return {
    status,
    html,
    headers: { 'content-security-policy': policy, 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' },
  }
}
