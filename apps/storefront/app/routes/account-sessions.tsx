import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button } from '@stoa/ui/button.tsx'
import { ErrorSummary, Field } from '@stoa/ui/field.tsx'
import { momentText } from '@stoa/ui/format.ts'
import { Notice } from '@stoa/ui/notice.tsx'
import { collect, errorList, passwordError } from '../visit/forms.ts'
import { mustOwn, requireSession, type SessionList } from '../visit/shop.ts'
import { visitContext, type Visit } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  return {
    sessions: mustOwn(visit, await visit.ask<SessionList>('GET', '/api/sessions')).items,
    saved: visit.url.searchParams.has('saved'),
  }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const form = await request.formData()
  if (form.get('intent') === 'everywhere') {
    await visit.ask('POST', '/api/logout-all', { body: {} })
    visit.forgetSession()
    throw redirect('/login')
  }
  return changePassword(visit, String(form.get('current') ?? ''), String(form.get('next') ?? ''))
}

async function changePassword(visit: Visit, current: string, next: string) {
  const errors = collect({ current: current ? undefined : 'Enter your present password.', next: passwordError(next) })
  if (Object.keys(errors).length > 0) return data({ errors }, { status: 422 })
  const answer = await visit.ask('POST', '/api/password/change', { body: { current, next } })
  if (answer.ok) throw redirect('/account/sessions?saved=1')
  const { code } = answer.problem
  if (code === 'invalid-credentials') return data({ errors: { current: 'This is not your present password.' } }, { status: 422 })
  if (code === 'invalid-request')
    return data({ errors: { next: 'This password is among the commonest. Choose another.' } }, { status: 422 })
  if (code === 'too-many-requests')
    return data({ errors: { current: 'Too many tries. Wait a few minutes and try again.' } }, { status: 429 })
  return data({ errors: { current: 'That did not work just now. Please try again.' } }, { status: answer.status })
}

export default function Sessions() {
  const { sessions, saved } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const errors: Record<string, string> = failure?.errors ?? {}
  return (
    <>
      <title>{failure ? 'Error: password and devices · Stoa' : 'Password and devices · Stoa'}</title>
      <h1 className="display pb-6 text-2xl md:text-3xl">Password and devices</h1>
      {saved && !failure ? (
        <div className="mb-6">
          <Notice tone="good" live>
            Your new password is set. Every other device has been signed out.
          </Notice>
        </div>
      ) : null}
      <section aria-labelledby="devices">
        <h2 id="devices" className="display pb-4 text-xl">
          Where you are signed in
        </h2>
        <ul className="border-b border-line">
          {sessions.map((session) => (
            <li key={session.id} className="flex flex-wrap items-baseline justify-between gap-x-6 border-t border-line py-3 text-sm">
              <span className="font-medium">
                {session.device}
                {session.current ? <span className="ml-2 text-xs font-semibold text-good">this one</span> : null}
              </span>
              <span className="tabular text-soft">
                since {momentText(session.createdAt)}, last seen {momentText(session.lastSeenAt)}
              </span>
            </li>
          ))}
        </ul>
        <form method="post" data-once="" className="mt-4">
          <Button kind="plain" name="intent" value="everywhere">
            Sign out everywhere
          </Button>
        </form>
      </section>
      <section aria-labelledby="password" className="mt-14 max-w-md">
        <h2 id="password" className="display pb-4 text-xl">
          Another password
        </h2>
        <form method="post" noValidate data-once="" className="space-y-5 border-t border-line pt-5">
          {failure ? <ErrorSummary title="That did not work" errors={errorList(errors)} /> : null}
          <Field
            label="Present password"
            name="current"
            type="password"
            autoComplete="current-password"
            error={errors['current']}
            required
          />
          <Field
            label="New password"
            name="next"
            type="password"
            autoComplete="new-password"
            hint="At least 8 characters."
            error={errors['next']}
            required
          />
          <Button kind="plain" name="intent" value="password">
            Change the password
          </Button>
        </form>
      </section>
    </>
  )
}
