import { data, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { Field } from '@stoa/ui/field.tsx'
import { Door } from '../parts/door.tsx'
import { mailError, textsOf } from '../visit/forms.ts'
import { visitContext } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return { demo: context.get(visitContext).demo }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const { email = '' } = textsOf(await request.formData())
  const error = mailError(email)
  if (error !== undefined) return data({ error, email, sent: false }, { status: 422 })
  const answer = await context.get(visitContext).ask('POST', '/api/password/forgot', { body: { email } })
  if (answer.ok) return data({ error: undefined, email, sent: true })
  return data({ error: 'That did not work just now. Please try again in a few minutes.', email, sent: false }, { status: answer.status })
}

export default function Forgot() {
  const { demo } = useLoaderData<typeof loader>()
  const result = useActionData<typeof action>()
  return (
    <Door
      title="Set a new password"
      intro={<p>Tell us the address of your account. We write to it, and the link in that mail lets you choose a new password.</p>}
    >
      <title>{result?.error ? 'Error: new password · Stoa' : 'New password · Stoa'}</title>
      {result?.sent ? (
        <div role="status">
          <p className="text-base">
            If <strong>{result.email}</strong> has an account here, a mail is on its way.
          </p>
          {demo ? (
            <p className="mt-6">
              <a href={`/inbox?to=${encodeURIComponent(result.email)}`} className={buttonLook('primary')}>
                Open the demo inbox
              </a>
            </p>
          ) : null}
        </div>
      ) : (
        <form method="post" noValidate data-once="" className="space-y-5">
          <Field
            label="E-mail address"
            name="email"
            type="email"
            autoComplete="email"
            defaultValue={result?.email}
            error={result?.error}
            required
            autoFocus={Boolean(result?.error)}
          />
          <Button>Send me the link</Button>
        </form>
      )}
    </Door>
  )
}
