import { data, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { ErrorSummary, Field } from '@stoa/ui/field.tsx'
import { Door } from '../parts/door.tsx'
import { collect, errorList, fieldErrors, given, mailError, passwordError, textsOf, type FieldErrors } from '../visit/forms.ts'
import { visitContext, type FieldProblem } from '../visit/visit.ts'

export function loader({ context }: LoaderFunctionArgs) {
  return { demo: context.get(visitContext).demo }
}

interface Result {
  readonly sentTo?: string
  readonly errors: FieldErrors
  readonly values: Record<string, string>
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const form = await request.formData()
  const texts = textsOf(form)
  const password = String(form.get('password') ?? '')
  const { password: _password, ...values } = texts
  const again = (errors: FieldErrors, status = 422) => data<Result>({ errors, values }, { status })
  const errors = collect({ email: mailError(texts['email']), password: passwordError(password) })
  if (Object.keys(errors).length > 0) return again(errors)
  const answer = await visit.ask('POST', '/api/register', { body: { ...given(texts, 'email', 'name', 'username'), password } })
  if (answer.ok) return data<Result>({ sentTo: texts['email'] ?? '', errors: {}, values: {} })
  if (answer.problem.code === 'username-taken') return again({ username: 'This user name is taken.' })
  if (answer.problem.errors) return again(fieldErrors(answer.problem, plainly))
  return again(
    {
      email:
        answer.status === 429
          ? 'Too many tries. Wait a few minutes and try again.'
          : 'Opening accounts does not work just now. Please try again.',
    },
    answer.status,
  )
}

function plainly(error: FieldProblem): string {
  if (error.path === 'password')
    return /common/.test(`${error.code} ${error.message}`)
      ? 'This password is among the commonest. Choose another.'
      : 'Choose a password of 8 to 256 characters.'
  if (error.path === 'username') return 'Use 3 to 40 letters, digits, dots, dashes or underscores.'
  if (error.path === 'email') return 'Enter an e-mail address like name@example.com.'
  return 'This is not right.'
}

export default function Register() {
  const { demo } = useLoaderData<typeof loader>()
  const result = useActionData<typeof action>()
  if (result?.sentTo) return <ConfirmationSent to={result.sentTo} demo={demo} />
  const errors = result?.errors ?? {}
  const values = result?.values ?? {}
  return (
    <Door
      title="Open an account"
      intro={
        <p>
          Your cart and your orders on every device. You have one already?{' '}
          <a href="/login" className="link text-ink">
            Sign in
          </a>
          .
        </p>
      }
    >
      <title>{result ? 'Error: open an account · Stoa' : 'Open an account · Stoa'}</title>
      <form method="post" noValidate data-once="" className="space-y-5">
        {result ? <ErrorSummary title="Something is missing or not right" errors={errorList(errors)} /> : null}
        <Field label="Name" name="name" autoComplete="name" optional maxLength={300} defaultValue={values['name']} error={errors['name']} />
        <Field
          label="E-mail address"
          name="email"
          type="email"
          autoComplete="email"
          maxLength={254}
          defaultValue={values['email']}
          error={errors['email']}
          required
        />
        <Field
          label="User name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          optional
          hint="Signs you in as well as your address does."
          maxLength={40}
          defaultValue={values['username']}
          error={errors['username']}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters. A short sentence is a good one."
          minLength={8}
          maxLength={256}
          error={errors['password']}
          required
        />
        <Button>Open the account</Button>
      </form>
    </Door>
  )
}

function ConfirmationSent({ to, demo }: { to: string; demo: boolean }) {
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 md:px-8">
      <title>Look into your mail · Stoa</title>
      <h1 className="display text-2xl md:text-3xl">Look into your mail</h1>
      <p className="mt-4 max-w-prose text-base text-soft" role="status">
        We have written to <span className="text-ink">{to}</span>. The link in that mail opens your account. Nothing there? Look among the
        unwanted mail, or check the address.
      </p>
      {demo ? (
        <p className="mt-8">
          <a href={`/inbox?to=${encodeURIComponent(to)}`} className={buttonLook('primary')}>
            Open the demo inbox
          </a>
        </p>
      ) : null}
    </div>
  )
}
