import { data, useActionData, type ActionFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { textsOf } from '../visit/forms.ts'
import type { Unsubscribed } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

/** What a mail program presses by itself (RFC 8058) sends a body of its own, perhaps of a type that is no form's: only our undo counts. */
async function undoAsked(request: Request): Promise<boolean> {
  const form = await request.formData().catch(() => undefined)
  return form !== undefined && textsOf(form)['intent'] === 'undo'
}

/** Ends mails by a press, not by the visit: mail filters open links too. Answers with a page, as mail programs follow no redirects here. */
export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  const token = visit.url.searchParams.get('token') ?? ''
  const wanted = await undoAsked(request)
  const answer = await visit.ask<Unsubscribed>('POST', '/api/notifications/unsubscribe', { body: { token, wanted } })
  if (answer.ok) return data({ ...answer.data, dead: false })
  return data({ kind: null, wanted, dead: answer.status === 422 }, { status: answer.status })
}

const kinds = { 'order-progress': 'about the progress of orders', 'account-news': 'with news of the account' } as const

export default function Unsubscribe() {
  const done = useActionData<typeof action>()
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 md:px-8">
      <title>Fewer mails · Stoa</title>
      {done?.kind ? <Done kind={done.kind} wanted={done.wanted} /> : <Ask failed={done !== undefined} dead={done?.dead === true} />}
    </div>
  )
}

function Ask({ failed, dead }: { failed: boolean; dead: boolean }) {
  return (
    <>
      <h1 className="display text-2xl md:text-3xl">{dead ? 'This link is not whole' : 'No more of these mails?'}</h1>
      <p className="mt-4 max-w-prose text-base text-soft" role={failed ? 'alert' : undefined}>
        {dead
          ? 'Open it once more from the mail itself. With an account, the choice stands on your account page as well.'
          : failed
            ? 'That did not work just now. Please try again.'
            : 'Mails that conclude an order, move money or guard an account are sent all the same.'}
      </p>
      {dead ? (
        <p className="mt-8">
          <a href="/account#mails" className={buttonLook('plain')}>
            To my account
          </a>
        </p>
      ) : (
        <form method="post" data-once="" className="mt-8">
          <Button>Send me no more of them</Button>
        </form>
      )}
    </>
  )
}

function Done({ kind, wanted }: { kind: keyof typeof kinds; wanted: boolean }) {
  return (
    <>
      <h1 className="display text-2xl md:text-3xl">{wanted ? 'You will get them again' : 'That was the last one'}</h1>
      <p className="mt-4 max-w-prose text-base text-soft" role="status">
        {wanted ? `We send you mails ${kinds[kind]} again.` : `We send you no more mails ${kinds[kind]}.`}
      </p>
      {wanted ? null : (
        <form method="post" data-once="" className="mt-8">
          <Button kind="plain" name="intent" value="undo">
            Send them after all
          </Button>
        </form>
      )}
    </>
  )
}
