import { data, redirect, useActionData, useLoaderData, type ActionFunctionArgs, type LoaderFunctionArgs } from 'react-router'
import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { ErrorSummary } from '@stoa/ui/field.tsx'
import { Notice } from '@stoa/ui/notice.tsx'
import { AddressFields } from '../parts/address-fields.tsx'
import { addressErrors, addressLines, addressOf } from '../visit/address.ts'
import { errorList, fieldErrors, textsOf, type FieldErrors } from '../visit/forms.ts'
import { mustOwn, requireSession, type Profile, type SavedAddress } from '../visit/shop.ts'
import { visitContext } from '../visit/visit.ts'

export async function loader({ context }: LoaderFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const profile = mustOwn(visit, await visit.ask<Profile>('GET', '/api/profile'))
  const edited = profile.addresses.find((one) => one.id === visit.url.searchParams.get('edit'))
  const adding = visit.url.searchParams.has('add') || profile.addresses.length === 0
  return {
    addresses: profile.addresses,
    edited: edited ?? null,
    adding,
    name: profile.name ?? '',
    saved: visit.url.searchParams.has('saved'),
  }
}

/** The book is written whole: each intent makes the book it wants. */
export async function action({ context, request }: ActionFunctionArgs) {
  const visit = context.get(visitContext)
  await requireSession(visit)
  const { intent, id, ...texts } = textsOf(await request.formData())
  const { addresses } = mustOwn(visit, await visit.ask<Profile>('GET', '/api/profile'))
  if (intent === 'save') {
    const errors = addressErrors(texts)
    if (Object.keys(errors).length > 0) return data({ errors, values: texts }, { status: 422 })
  }
  const answer = await visit.ask('PUT', '/api/users/update', { body: { addresses: bookAfter(addresses, intent ?? '', id ?? '', texts) } })
  if (answer.ok) throw redirect('/account/addresses?saved=1')
  const errors: FieldErrors = answer.problem.errors
    ? fieldErrors(answer.problem)
    : { name: 'That did not work just now. Please try again.' }
  return data({ errors, values: texts }, { status: answer.status })
}

type Entry = Omit<SavedAddress, 'id' | 'default'> & { id?: string; default?: boolean }

function bookAfter(book: readonly SavedAddress[], intent: string, id: string, texts: Record<string, string>): Entry[] {
  if (intent === 'remove') {
    const rest: Entry[] = book.filter((one) => one.id !== id)
    const [first] = rest
    return first && !rest.some((one) => one.default) ? [{ ...first, default: true }, ...rest.slice(1)] : rest
  }
  if (intent === 'default') return book.map((one) => ({ ...one, default: one.id === id }))
  const entry: Entry = { ...addressOf(texts), default: book.length === 0 }
  const known = book.find((one) => one.id === id)
  return known ? book.map((one) => (one.id === id ? { ...entry, id, default: one.default } : one)) : [...book, entry]
}

export default function Addresses() {
  const { addresses, edited, adding, name, saved } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const errors: FieldErrors = failure?.errors ?? {}
  const open = edited !== null || adding || failure !== undefined
  return (
    <>
      <title>{failure ? 'Error: your addresses · Stoa' : 'Your addresses · Stoa'}</title>
      <h1 className="display pb-6 text-2xl md:text-3xl">Your addresses</h1>
      {saved && !failure ? (
        <div className="mb-6">
          <Notice tone="good" live>
            Saved.
          </Notice>
        </div>
      ) : null}
      {addresses.length > 0 ? (
        <ul className="mb-8 grid border-b border-line sm:grid-cols-2 sm:gap-x-12">
          {addresses.map((address) => (
            <Entry key={address.id} address={address} />
          ))}
        </ul>
      ) : null}
      {open ? (
        <section aria-labelledby="form" className="max-w-xl">
          <h2 id="form" className="display pb-4 text-xl">
            {edited ? 'Change the address' : 'Another address'}
          </h2>
          <form method="post" noValidate data-once="" className="space-y-5">
            {failure ? <ErrorSummary title="Something is missing or not right" errors={errorList(errors)} /> : null}
            <input type="hidden" name="id" value={edited?.id ?? ''} />
            <AddressFields values={failure?.values ?? addressTexts(edited) ?? { name }} errors={errors} />
            <div className="flex gap-3">
              <Button name="intent" value="save">
                Save the address
              </Button>
              {addresses.length > 0 ? (
                <a href="/account/addresses" className={buttonLook('quiet')}>
                  Leave it
                </a>
              ) : null}
            </div>
          </form>
        </section>
      ) : (
        <a href="/account/addresses?add=1" className={buttonLook('plain')}>
          Add an address
        </a>
      )}
    </>
  )
}

function addressTexts(address: SavedAddress | null): Record<string, string> | null {
  if (address === null) return null
  const { default: _default, ...texts } = address
  return texts
}

function Entry({ address }: { address: SavedAddress }) {
  return (
    <li className="border-t border-line py-4 text-sm">
      {address.default ? <p className="mb-1 text-xs font-semibold text-good">Used first</p> : null}
      <address className="not-italic">
        {addressLines(address).map((line) => (
          <span key={line} className="block">
            {line}
          </span>
        ))}
      </address>
      <form method="post" data-once="" className="mt-2 flex flex-wrap gap-x-5">
        <input type="hidden" name="id" value={address.id} />
        <a href={`/account/addresses?edit=${address.id}`} className="link inline-flex min-h-11 items-center">
          Change
        </a>
        {address.default ? null : (
          <button name="intent" value="default" className="link min-h-11">
            Use first
          </button>
        )}
        <button name="intent" value="remove" className="link min-h-11 text-soft">
          Remove<span className="quiet"> {addressLines(address).join(', ')}</span>
        </button>
      </form>
    </li>
  )
}
