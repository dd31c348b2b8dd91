import { moneyText, type Minor } from './format.ts'

/** A price; with `compareAt`, the reduction beside it. */
export function Price({
  price,
  compareAt,
  from = false,
  className = 'text-base',
}: {
  price: Minor
  compareAt?: Minor | null | undefined
  from?: boolean
  className?: string
}) {
  const reduced = compareAt !== undefined && compareAt !== null && compareAt.amount > price.amount
  return (
    <span className={`money whitespace-nowrap ${className}`}>
      {from ? <span className="font-sans text-xs text-soft">from </span> : null}
      {reduced ? <span className="quiet">Now </span> : null}
      <span data-price={price.amount} className={reduced ? 'text-bad' : undefined}>
        {moneyText(price)}
      </span>
      {reduced ? (
        <>
          {' '}
          <span className="quiet">was </span>
          <s className="text-[0.8em] text-soft">{moneyText(compareAt)}</s>
        </>
      ) : null}
    </span>
  )
}
