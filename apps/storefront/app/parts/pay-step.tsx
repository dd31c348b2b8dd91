import type { ReactNode } from 'react'
import { Button } from '@stoa/ui/button.tsx'
import { moneyText } from '@stoa/ui/format.ts'
import type { CheckoutFailure, CheckoutView } from '../visit/checkout.server.ts'

/** The sandbox's cards by what they do (demo mode). */
const testCards = [
  ['tok_ok', 'Is authorised'],
  ['tok_slow', 'Is authorised after a while'],
  ['tok_3ds', 'Asks for a step at the bank'],
  ['tok_declined', 'Is declined'],
  ['tok_insufficient_funds', 'Is not covered'],
  ['tok_error_then_ok', 'Fails twice, then is authorised'],
  ['tok_timeout_charged', 'Is authorised, the answer gets lost'],
  ['tok_timeout_lost', 'Never answers'],
  ['tok_webhook_first', 'Is authorised, told by webhook first'],
  ['tok_late', 'Fails, then succeeds too late'],
] as const

/** Step three: how to pay, and the button that binds. */
export function PayStep({ view, failure }: { view: CheckoutView; failure: CheckoutFailure | undefined }) {
  const error = failure?.errors['method']
  const method = failure?.values['method'] ?? (view.demo ? 'test-card' : 'bank-transfer')
  return (
    <form method="post" data-once="" className="space-y-6">
      <input type="hidden" name="key" value={failure?.key ?? view.key} />
      <input type="hidden" name="quoteId" value={view.quote?.quoteId ?? ''} />
      <fieldset aria-describedby={error ? 'method-error' : undefined}>
        <legend className="quiet">How do you pay?</legend>
        {error ? (
          <p id="method-error" className="mb-2 text-sm font-medium text-bad">
            {error}
          </p>
        ) : null}
        <div className="divide-y divide-line border border-line bg-raised">
          {view.demo ? <Cards chosen={method} testCard={failure?.values['testCard'] ?? 'tok_ok'} /> : null}
          <Method
            {...(view.demo ? {} : { id: 'method' })}
            value="cash-on-delivery"
            chosen={method}
            name="Cash on delivery"
            text="You pay whoever brings the parcel."
          />
          <Method
            value="bank-transfer"
            chosen={method}
            name="Bank transfer"
            text="It leaves once the money is here; your goods wait up to 7 days."
          />
        </div>
      </fieldset>
      <div>
        <Button name="intent" value="pay" wide>
          Order and pay {view.quote ? moneyText(view.quote.total) : ''}
        </Button>
        <p className="mt-3 text-xs text-soft">You can cancel for 30 minutes, as long as we have not begun to pack.</p>
      </div>
    </form>
  )
}

/** The ways that lead through the sandbox: a real shop has no provider of cards yet. */
function Cards({ chosen, testCard }: { chosen: string; testCard: string }) {
  return (
    <>
      <Method id="method" value="card" chosen={chosen} name="Card" text="On the page of the payment provider; we never see its number." />
      <Method value="test-card" chosen={chosen} name="Test card" text="Only in this demonstration shop: choose how the card behaves.">
        <label htmlFor="testCard" className="quiet">
          How the test card behaves
        </label>
        <select
          id="testCard"
          name="testCard"
          defaultValue={testCard}
          className="mt-2 min-h-11 w-full rounded-field border border-edge bg-ground px-2 text-base"
        >
          {testCards.map(([token, says]) => (
            <option key={token} value={token}>
              {says} ({token})
            </option>
          ))}
        </select>
      </Method>
    </>
  )
}

function Method({
  id,
  value,
  chosen,
  name,
  text,
  children,
}: {
  id?: string
  value: string
  chosen: string
  name: string
  text: string
  children?: ReactNode
}) {
  return (
    <div className="px-4 py-3">
      <label className="grid grid-cols-[auto_1fr] items-center gap-x-4">
        <input
          type="radio"
          id={id}
          name="method"
          value={value}
          defaultChecked={value === chosen}
          aria-labelledby={`${value}-name`}
          aria-describedby={`${value}-text`}
          className="row-span-2 size-[1.125rem]"
        />
        <span id={`${value}-name`} className="text-sm font-semibold">
          {name}
        </span>
        <span id={`${value}-text`} className="text-sm text-soft">
          {text}
        </span>
      </label>
      {children ? <div className="pl-[2.125rem]">{children}</div> : null}
    </div>
  )
}
