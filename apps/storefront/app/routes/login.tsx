import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button } from '@stoa/ui/button.tsx'
import { ErrorSummary, Field } from '@stoa/ui/field.tsx'
import { Notice } from '@stoa/ui/notice.tsx'
import { Door } from '../parts/door.tsx'
import { collect, errorList, textsOf } from '../visit/forms.ts'
import { localPath, type Session } from '../visit/shop.ts'
import { visitContext, type Problem } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  const next = localPath(visit.url.searchParams.get('next'), '/account')
  if (await visit.signedIn()) throw redirect(next)
  return { next, demo: visit.demo, reset: visit.url.searchParams.has('reset') }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const form = await request.formData()
  const { email = '', next } = textsOf(form)
  const password = String(form.get('password') ?? '')
  const errors = collect({
    email: email ? undefined : 'Enter your e-mail address or user name.',
    password: password ? undefined : 'Enter your password.',
  })
  if (Object.keys(errors).length > 0) return data({ errors, email }, { status: 422 })
  const body = { ...(email.includes('@') ? { email } : { username: email }), password }
  visit.forgetSession()
  const answer = await visit.ask<Session>('POST', '/api/login', { body })
  if (!answer.ok)
    return data(
      { errors: { password: refusal(answer.problem, answer.headers) }, email },
      { status: answer.status === 401 ? 422 : answer.status },
    )
  visit.keepSession(answer.data)
  throw redirect(localPath(next ?? null, '/account'))
}

function refusal(problem: Problem, headers: Headers): string {
  if (problem.code === 'too-many-requests') {
    const minutes = Math.max(1, Math.ceil(Number(headers.get('retry-after') ?? 60) / 60))
    return `Too many tries. Wait ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} and try again.`
  }
  if (problem.code === 'invalid-credentials')
    return 'This address and this password do not belong together, or the address is not confirmed yet.'
  return 'Signing in does not work just now. Please try again.'
}

export default function Login() {
  const { next, demo, reset } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const errors: Record<string, string> = failure?.errors ?? {}
  return (
    <Door
      title="Sign in"
      intro={
        <>
          <p>Orders, addresses and your cart on every device.</p>
          <p>
            New here?{' '}
            <a href={`/register?next=${encodeURIComponent(next)}`} className="link text-ink">
              Open an account
            </a>
            . To buy, you need none.
          </p>
          {demo ? (
            <p className="border-l-4 border-line pl-4 text-sm">
              In this demonstration shop, <span className="text-ink">shopper@stoa.example</span> signs in with{' '}
              <span className="text-ink">stoa-demo-2026</span>.
            </p>
          ) : null}
        </>
      }
    >
      <title>{failure ? 'Error: sign in · Stoa' : 'Sign in · Stoa'}</title>
      <form method="post" noValidate data-once="" className="space-y-5">
        {reset ? (
          <Notice tone="good" live>
            Your new password is set. Sign in with it.
          </Notice>
        ) : null}
        {failure ? <ErrorSummary title="That did not work" errors={errorList(errors)} /> : null}
        <input type="hidden" name="next" value={next} />
        <Field
          label="E-mail address or user name"
          name="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          defaultValue={failure?.email ?? ''}
          error={errors['email']}
          required
        />
        <Field label="Password" name="password" type="password" autoComplete="current-password" error={errors['password']} required />
        <div className="flex flex-wrap items-center justify-between gap-4">
          <Button>Sign in</Button>
          <a href="/forgot" className="link py-2 text-sm">
            Password forgotten?
          </a>
        </div>
      </form>
    </Door>
  )
}
