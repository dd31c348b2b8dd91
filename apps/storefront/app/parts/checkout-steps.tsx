import type { ReactNode } from 'react'
import { Button } from '@stoa/ui/button.tsx'
import { Field } from '@stoa/ui/field.tsx'
import { moneyText, spanText } from '@stoa/ui/format.ts'
import { addressLines, addressOf } from '../visit/address.ts'
import type { CheckoutView, Draft, Step } from '../visit/checkout.server.ts'
import type { FieldErrors } from '../visit/forms.ts'
import { AddressFields } from './address-fields.tsx'

const order: readonly Step[] = ['address', 'delivery', 'pay']

/** One of the three steps: open, answered with a way back, or still to come. */
export function StepFrame({
  step,
  current,
  title,
  answered,
  children,
}: {
  step: Step
  current: Step
  title: string
  answered?: ReactNode
  children: ReactNode
}) {
  const place = order.indexOf(step)
  const here = order.indexOf(current)
  return (
    <li className="border-t border-ink py-6" aria-current={place === here ? 'step' : undefined}>
      <div className="flex items-baseline justify-between gap-4">
        <h2 className={`display flex items-baseline gap-3 text-xl ${place > here ? 'text-soft' : ''}`}>
          <span aria-hidden="true" className="money text-base text-soft">
            {place + 1}
          </span>
          {title}
        </h2>
        {place < here ? (
          <a href={`/checkout?step=${step}`} className="link inline-block py-2 text-sm text-accent">
            Change<span className="quiet"> {title.toLowerCase()}</span>
          </a>
        ) : null}
      </div>
      {place === here ? <div className="pt-5">{children}</div> : null}
      {place < here ? <div className="pt-2 pl-7 text-sm text-soft">{answered}</div> : null}
    </li>
  )
}

/** Step one. */
export function AddressStep({ view, values, errors }: { view: CheckoutView; values: Draft; errors: FieldErrors }) {
  return (
    <form method="post" noValidate data-once="" data-draft="checkout" className="space-y-6">
      {view.signedIn ? null : (
        <Field
          label="E-mail address"
          name="email"
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          hint="For the confirmation. No account is made."
          defaultValue={values['email'] ?? ''}
          error={errors['email']}
        />
      )}
      {view.saved.length > 0 ? <SavedAddresses view={view} /> : null}
      <AddressFields values={values} errors={errors} />
      <Button name="intent" value="address" wide className="sm:w-auto">
        Go on to delivery
      </Button>
    </form>
  )
}

function SavedAddresses({ view }: { view: CheckoutView }) {
  return (
    <fieldset>
      <legend className="mb-2 text-sm font-medium">Where to</legend>
      <div className="divide-y divide-line border border-line bg-raised">
        {view.saved.map((address) => (
          <label key={address.id} className="flex min-h-12 items-center gap-3 px-4 py-3 text-sm">
            <input type="radio" name="saved" value={address.id} className="size-[1.125rem]" />
            <span>{addressLines(address).join(', ')}</span>
          </label>
        ))}
        <label className="flex min-h-12 items-center gap-3 px-4 py-3 text-sm">
          <input type="radio" name="saved" value="" defaultChecked className="size-[1.125rem]" />
          <span>The address below</span>
        </label>
      </div>
    </fieldset>
  )
}

/** The address as it was answered. */
export function AddressAnswer({ draft, signedIn }: { draft: Draft; signedIn: boolean }) {
  return (
    <>
      {signedIn ? null : <p>{draft['email']}</p>}
      <p>{addressLines(addressOf(draft)).join(', ')}</p>
    </>
  )
}

/** Step two. */
export function DeliveryStep({ view, errors }: { view: CheckoutView; errors: FieldErrors }) {
  const preset = view.chosen?.id ?? view.options[0]?.id
  return (
    <form method="post" data-once="" className="space-y-6">
      <fieldset aria-describedby={errors['option'] ? 'option-error' : undefined}>
        <legend className="quiet">How should it come?</legend>
        {errors['option'] ? (
          <p id="option-error" className="mb-2 text-sm font-medium text-bad">
            {errors['option']}
          </p>
        ) : null}
        <div className="divide-y divide-line border border-line bg-raised">
          {view.options.map((option, index) => (
            <label key={option.id} className="grid min-h-16 grid-cols-[auto_1fr_auto] items-center gap-4 px-4 py-3">
              <input
                type="radio"
                id={index === 0 ? 'option' : undefined}
                name="option"
                value={option.id}
                defaultChecked={option.id === preset}
                className="size-[1.125rem]"
              />
              <span>
                <span className="block text-sm font-semibold">{option.name}</span>
                <span className="tabular text-sm text-soft">{spanText(option.promise.earliest, option.promise.latest)}</span>
              </span>
              <span className="money text-base">{option.price.amount === 0 ? 'free' : moneyText(option.price)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Button name="intent" value="delivery" wide className="sm:w-auto">
        Go on to payment
      </Button>
    </form>
  )
}
