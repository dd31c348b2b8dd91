import { data, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { ErrorSummary } from '@stoa/ui/field.tsx'
import { Notice } from '@stoa/ui/notice.tsx'
import { spanText } from '@stoa/ui/format.ts'
import { AddressAnswer, AddressStep, DeliveryStep, StepFrame } from '../parts/checkout-steps.tsx'
import { CheckoutSummary } from '../parts/checkout-summary.tsx'
import { PayStep } from '../parts/pay-step.tsx'
import { loadCheckout, placeOrder, takeAddress, takeOption, type CheckoutFailure } from '../visit/checkout.server.ts'
import { errorList, textsOf } from '../visit/forms.ts'
import { visitContext } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return loadCheckout(context.get(visitContext))
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const { intent, ...texts } = textsOf(await request.formData())
  const take = intent === 'pay' ? placeOrder : intent === 'delivery' ? takeOption : takeAddress
  const failure: CheckoutFailure = await take(visit, texts)
  return data(failure, { status: 422 })
}

export default function Checkout() {
  const view = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const step = failure?.step ?? view.step
  const errors = failure?.errors ?? {}
  const values = step === 'address' && failure ? failure.values : view.draft
  const list = errorList(errors)
  return (
    <div className="mx-auto max-w-[76rem] px-4 md:px-8">
      <title>{list.length > 0 ? 'Error: checkout · Stoa' : 'Checkout · Stoa'}</title>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 py-8 md:py-12">
        <h1 className="display text-2xl md:text-3xl">Checkout</h1>
        {view.signedIn ? null : (
          <p className="text-sm text-soft">
            You have an account?{' '}
            <a href="/login?next=/checkout" className="link text-ink">
              Sign in
            </a>
            . You need none.
          </p>
        )}
      </div>
      <div className="grid gap-x-16 gap-y-8 md:grid-cols-[1fr_20rem] lg:grid-cols-[1fr_24rem]">
        <aside className="md:order-2 md:self-start lg:sticky lg:top-8">
          <CheckoutSummary cart={view.cart} quote={step === 'pay' ? view.quote : null} chosen={step === 'address' ? null : view.chosen} />
        </aside>
        <div className="min-w-0">
          {failure?.notice ? (
            <div className="mb-6">
              <Notice tone="warn" live>
                <p className="font-medium">{failure.notice}</p>
                <p className="mt-1 text-sm">
                  <a href="/cart" className="link">
                    Look into the cart
                  </a>
                </p>
              </Notice>
            </div>
          ) : null}
          {list.length > 0 ? (
            <div className="mb-6">
              <ErrorSummary title="Something is missing or not right" errors={list} />
            </div>
          ) : null}
          <ol className="border-b border-line">
            <StepFrame
              step="address"
              current={step}
              title="Where to"
              answered={<AddressAnswer draft={view.draft} signedIn={view.signedIn} />}
            >
              <AddressStep view={view} values={values} errors={errors} />
            </StepFrame>
            <StepFrame
              step="delivery"
              current={step}
              title="How it comes"
              answered={view.chosen ? `${view.chosen.name}, ${spanText(view.chosen.promise.earliest, view.chosen.promise.latest)}` : null}
            >
              <DeliveryStep view={view} errors={errors} />
            </StepFrame>
            <StepFrame step="pay" current={step} title="Payment">
              <PayStep view={view} failure={failure} />
            </StepFrame>
          </ol>
        </div>
      </div>
    </div>
  )
}
