import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button } from '@stoa/ui/button.tsx'
import { ErrorSummary, Field } from '@stoa/ui/field.tsx'
import { Notice } from '@stoa/ui/notice.tsx'
import { MailWishes } from '../parts/mail-wishes.tsx'
import { OrderList } from '../parts/order-list.tsx'
import { errorList, fieldErrors, given, textsOf } from '../visit/forms.ts'
import { refusedWishes, wishErrors, wishesOf, wishTexts } from '../visit/mail-wishes.ts'
import { mustOwn, requireSession, type OrderPage, type Profile } from '../visit/shop.ts'
import { visitContext, type Visit } from '../visit/visit.ts'

const LATEST_ORDERS = 3

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const [profile, orders] = await Promise.all([
    visit.ask<Profile>('GET', '/api/profile'),
    visit.ask<OrderPage>('GET', `/api/orders?limit=${LATEST_ORDERS}`),
  ])
  const { searchParams } = visit.url
  return {
    profile: mustOwn(visit, profile),
    orders: orders.ok ? orders.data.items : [],
    saved: searchParams.has('saved'),
    welcome: searchParams.has('welcome'),
  }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const texts = textsOf(await request.formData())
  if (texts['intent'] === 'mails') return saveWishes(visit, texts)
  const answer = await visit.ask('PUT', '/api/users/update', { body: given(texts, 'name', 'username') })
  if (answer.ok) throw redirect('/account?saved=1')
  if (answer.problem.code === 'username-taken')
    return data({ form: 'you', errors: { username: 'This user name is taken.' }, values: texts }, { status: 422 })
  const errors = fieldErrors(answer.problem, ({ path }) =>
    path === 'username' ? 'Use 3 to 40 letters, digits, dots, dashes or underscores.' : 'This is not right.',
  )
  return data(
    {
      form: 'you',
      errors: Object.keys(errors).length > 0 ? errors : { name: 'That did not work just now. Please try again.' },
      values: texts,
    },
    { status: answer.status },
  )
}

async function saveWishes(visit: Visit, texts: Record<string, string>) {
  const errors = wishErrors(texts)
  if (Object.keys(errors).length > 0) return data({ form: 'mails', errors, values: texts }, { status: 422 })
  const answer = await visit.ask('PUT', '/api/users/update', { body: { preferences: wishesOf(texts) } })
  if (answer.ok) throw redirect('/account?saved=1')
  return data({ form: 'mails', errors: refusedWishes(answer.problem), values: texts }, { status: answer.status })
}

export default function Account() {
  const { profile, orders, saved, welcome } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const you = failure?.form === 'you' ? failure : undefined
  const mails = failure?.form === 'mails' ? failure : undefined
  const errors: Record<string, string> = you?.errors ?? {}
  const values: Record<string, string | undefined> = you?.values ?? { name: profile.name ?? '', username: profile.username ?? '' }
  const firstName = profile.name?.split(' ')[0]
  return (
    <>
      <title>{failure ? 'Error: your account · Stoa' : 'Your account · Stoa'}</title>
      <h1 className="display text-2xl md:text-3xl">{firstName ? `Good day, ${firstName}` : 'Good day'}</h1>
      {welcome || saved ? (
        <div className="mt-6">
          <Notice tone="good" live>
            {welcome ? 'Your address is confirmed and your account is open.' : 'Saved.'}
          </Notice>
        </div>
      ) : null}
      <section aria-labelledby="latest" className="mt-10">
        <h2 id="latest" className="display pb-4 text-xl">
          Your latest orders
        </h2>
        <OrderList orders={orders} />
      </section>
      <section aria-labelledby="you" className="mt-14">
        <h2 id="you" className="display pb-4 text-xl">
          About you
        </h2>
        <form method="post" noValidate data-once="" className="max-w-md space-y-5 border-t border-line pt-5">
          {you ? <ErrorSummary title="That did not work" errors={errorList(errors)} /> : null}
          <p className="text-sm">
            <span className="block font-medium">E-mail address</span>
            <span className="text-base text-soft">{profile.email}</span>
          </p>
          <Field label="Name" name="name" autoComplete="name" maxLength={300} defaultValue={values['name']} error={errors['name']} />
          <Field
            label="User name"
            name="username"
            autoComplete="username"
            optional
            maxLength={40}
            defaultValue={values['username']}
            error={errors['username']}
          />
          <Button kind="plain">Save</Button>
        </form>
      </section>
      <section aria-labelledby="mails" className="mt-14">
        <h2 id="mails" className="display pb-4 text-xl">
          Mails
        </h2>
        <MailWishes texts={mails?.values ?? wishTexts(profile.preferences)} errors={mails?.errors} />
        <form method="post" action="/logout" data-once="" className="mt-8 md:hidden">
          <button className="link min-h-11 text-sm">Sign out</button>
        </form>
      </section>
    </>
  )
}
