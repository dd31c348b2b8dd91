import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { Field } from '@stoa/ui/field.tsx'
import { Door } from '../parts/door.tsx'
import { passwordError, textsOf } from '../visit/forms.ts'
import { visitContext } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return { token: context.get(visitContext).url.searchParams.get('token') ?? '' }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const form = await request.formData()
  const { token = '' } = textsOf(form)
  const password = String(form.get('password') ?? '')
  const error = passwordError(password)
  if (error !== undefined) return data({ error, dead: false }, { status: 422 })
  const answer = await visit.ask('POST', '/api/password/reset', { body: { token, password } })
  if (answer.ok) {
    visit.forgetSession()
    throw redirect('/login?reset=1')
  }
  const { code, errors } = answer.problem
  if (code === 'invalid-token') return data({ error: undefined, dead: true }, { status: 422 })
  if (errors?.some(({ path }) => path === 'password'))
    return data({ error: 'This password is among the commonest. Choose another.', dead: false }, { status: 422 })
  return data({ error: 'That did not work just now. Please try again.', dead: false }, { status: answer.status })
}

export default function Reset() {
  const { token } = useLoaderData<typeof loader>()
  const result = useActionData<typeof action>()
  if (result?.dead || token === '') {
    return (
      <Door title="This link no longer works" intro={<p>It has been used or has grown old.</p>}>
        <title>New password · Stoa</title>
        <a href="/forgot" className={buttonLook('primary')}>
          Ask for a new one
        </a>
      </Door>
    )
  }
  return (
    <Door title="Choose a new password" intro={<p>Every device is signed out afterwards, and you sign in with the new one.</p>}>
      <title>{result?.error ? 'Error: new password · Stoa' : 'New password · Stoa'}</title>
      <form method="post" noValidate data-once="" className="space-y-5">
        <input type="hidden" name="token" value={token} />
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters."
          error={result?.error}
          required
        />
        <Button>Set the password</Button>
      </form>
    </Door>
  )
}
