import { buttonLook } from '@stoa/ui/button.tsx'

const words: Record<number, { title: string; text: string }> = {
  403: { title: 'This door is closed to you', text: 'Sign in with the account this belongs to, or go back to the goods.' },
  404: { title: 'There is nothing here', text: 'The page has moved, or its address has a slip in it. Nothing in your cart is lost.' },
  503: {
    title: 'One moment, please',
    text: 'A part of the shop is not answering. Nothing in your cart is lost; try again in a few seconds.',
  },
}
const otherwise = { title: 'Something broke on our side', text: 'It has been noted. Nothing in your cart is lost; try again in a moment.' }

/** The page for what went wrong, said plainly, with a way on. */
export function Trouble({ status }: { status: number }) {
  const { title, text } = words[status] ?? otherwise
  return (
    <div className="mx-auto max-w-3xl px-4 py-24 md:px-8">
      <title>{`${title} · Stoa`}</title>
      <p className="tabular text-sm text-soft">{status}</p>
      <h1 className="display mt-2 text-2xl md:text-3xl">{title}</h1>
      <p className="mt-4 max-w-prose text-base text-soft">{text}</p>
      <form action="/search" className="mt-8 flex max-w-md gap-2">
        <label htmlFor="trouble-q" className="quiet">
          Search the shop
        </label>
        <input
          id="trouble-q"
          name="q"
          type="search"
          className="min-h-12 w-full rounded-field border border-edge bg-raised px-3 text-base"
        />
        <button className={buttonLook('primary')}>Search</button>
      </form>
      <p className="mt-6">
        <a href="/" className="link">
          Go to the front of the shop
        </a>
      </p>
    </div>
  )
}
