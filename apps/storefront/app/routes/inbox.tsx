import { data, useLoaderData, type LoaderFunctionArgs } from 'react-router'
import { momentText } from '@stoa/ui/format.ts'
import { MailText } from '../parts/mail-text.tsx'
import { must, type Inbox } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  if (!visit.demo) throw data({ code: 'not-found' }, { status: 404 })
  const to = visit.url.searchParams.get('to')?.trim() ?? ''
  const cursor = visit.url.searchParams.get('cursor')
  const query = new URLSearchParams({ limit: '20', ...(to ? { to } : {}), ...(cursor ? { cursor } : {}) })
  return { inbox: must(await visit.ask<Inbox>('GET', `/api/sandbox/inbox?${query}`)), to }
}

export default function InboxPage() {
  const { inbox, to } = useLoaderData<typeof loader>()
  const more = new URLSearchParams({ ...(to ? { to } : {}), ...(inbox.nextCursor ? { cursor: inbox.nextCursor } : {}) })
  return (
    <div className="mx-auto max-w-[60rem] px-4 md:px-8">
      <title>Inbox · Stoa</title>
      <div className="flex flex-wrap items-end justify-between gap-6 py-8 md:py-12">
        <div>
          <h1 className="display text-2xl md:text-3xl">Inbox</h1>
          <p className="mt-2 text-sm text-soft">Every mail this demonstration shop has sent. None of them left the house.</p>
        </div>
        <form className="flex gap-2">
          <label htmlFor="to" className="quiet">
            Only mails to
          </label>
          <input
            id="to"
            name="to"
            type="email"
            defaultValue={to}
            placeholder="name@example.com"
            className="min-h-11 rounded-field border border-edge bg-raised px-3 text-base placeholder:text-soft"
          />
          <button className="min-h-11 rounded-field border border-edge px-4 text-sm font-semibold hover:border-ink">Show</button>
        </form>
      </div>
      {inbox.items.length === 0 ? (
        <p className="border-t border-line py-12 text-base text-soft">
          Nothing has come{to ? ` for ${to}` : ''} yet. Mails take a few seconds; load the page again.
        </p>
      ) : (
        <ol className="border-b border-line">
          {inbox.items.map((mail, index) => (
            <li key={mail.id} className="border-t border-line">
              <details open={index === 0} className="group">
                <summary className="grid gap-x-6 py-4 hover:text-accent sm:grid-cols-[1fr_auto]">
                  <span className="display text-base">{mail.subject}</span>
                  <span className="tabular text-xs text-soft">
                    {mail.to} · {momentText(mail.at)}
                  </span>
                </summary>
                <MailText text={mail.text} />
              </details>
            </li>
          ))}
        </ol>
      )}
      {inbox.nextCursor ? (
        <p className="py-6">
          <a href={`/inbox?${more}`} className="link">
            Older mails
          </a>
        </p>
      ) : null}
    </div>
  )
}
