import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { textsOf } from '../visit/forms.ts'
import type { Session } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return { token: context.get(visitContext).url.searchParams.get('token') ?? '' }
}

/** Confirms by a press, not by the visit itself: mail filters open links too, and must not spend the token. */
export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const { token = '' } = textsOf(await request.formData())
  const answer = await visit.ask<Session>('POST', '/api/users/verify', { body: { token } })
  if (!answer.ok) return data({ spent: answer.status === 422 || answer.status === 404 }, { status: answer.status })
  visit.keepSession(answer.data)
  throw redirect('/account?welcome=1')
}

export default function Verify() {
  const { token } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const dead = failure?.spent === true || token === ''
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 md:px-8">
      <title>Confirm your address · Stoa</title>
      <h1 className="display text-2xl md:text-3xl">{dead ? 'This link no longer works' : 'One press, and the account is yours'}</h1>
      {dead ? (
        <>
          <p className="mt-4 max-w-prose text-base text-soft" role="alert">
            It has been used or has grown old. If the account is confirmed, just sign in; else open it once more and take the newest mail.
          </p>
          <div className="mt-8 flex flex-wrap gap-3">
            <a href="/login" className={buttonLook('primary')}>
              Sign in
            </a>
            <a href="/register" className={buttonLook('plain')}>
              Open an account
            </a>
          </div>
        </>
      ) : (
        <form method="post" data-once="" className="mt-8">
          {failure ? (
            <p role="alert" className="mb-4 font-medium text-bad">
              That did not work just now. Please try again.
            </p>
          ) : null}
          <input type="hidden" name="token" value={token} />
          <Button>Confirm my address</Button>
        </form>
      )}
    </div>
  )
}
