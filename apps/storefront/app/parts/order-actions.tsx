import { Button, buttonLook } from '@stoa/ui/button.tsx'
import { Notice } from '@stoa/ui/notice.tsx'
import { dateText, moneyText, momentText } from '@stoa/ui/format.ts'
import { awaitsTransfer, isSettling, missingText } from '../visit/order-words.ts'
import type { Order, Reordered } from '../visit/shop.ts'

/** What the shopper must do for the payment, if anything. */
export function PaymentHelp({ order, pass }: { order: Order; pass: string }) {
  if (order.cancelReason === 'payment-declined') {
    return (
      <p className="mb-12">
        <a href="/cart" className={buttonLook('primary')}>
          Try again from the cart
        </a>
      </p>
    )
  }
  if (order.status !== 'PENDING') return null
  if (order.payment.state === 'requires-action' && order.payment.nextAction) {
    return (
      <p className="mb-12">
        <a href={`/orders/${order.orderId}/pay${pass}`} className={buttonLook('primary')}>
          Pay {moneyText(order.totals.total)} now
        </a>
      </p>
    )
  }
  if (!awaitsTransfer(order)) return null
  const transfer = order.payment.transfer
  return (
    <section aria-labelledby="transfer" className="mb-12 border border-line bg-raised p-4 md:p-6">
      <h2 id="transfer" className="display text-lg">
        Please transfer
      </h2>
      <dl className="tabular mt-4 grid gap-x-12 gap-y-3 text-sm sm:grid-cols-2">
        <Fact name="Amount" value={moneyText(order.totals.total)} />
        {transfer ? (
          <>
            <Fact name="To" value={transfer.recipient} />
            <Fact name="IBAN" value={inFours(transfer.iban)} />
            <Fact name="BIC" value={transfer.bic} />
            <Fact name="Reference" value={transfer.reference} />
            <Fact name="Until" value={dateText(transfer.payBy)} />
          </>
        ) : null}
      </dl>
      <form method="post" data-once="" className="mt-5 border-t border-line pt-4">
        <button name="intent" value="pay" className="link min-h-11 text-sm text-accent">
          Rather pay by card
        </button>
      </form>
    </section>
  )
}

/** An IBAN as people read and copy it. */
function inFours(iban: string): string {
  return iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="text-base">{value}</dd>
    </div>
  )
}

/** Cancelling takes two presses, so that none happens by a slip. */
export function CancelOrder({ until }: { until: string }) {
  return (
    <details id="cancel" className="no-print border-t border-line pt-4">
      <summary className="link inline-block py-2 text-sm text-soft">Cancel this order</summary>
      <form method="post" data-once="" className="mt-3 space-y-3">
        <p className="text-sm">It ends at once, and what was reserved on your card is released. Possible until {momentText(until)}.</p>
        <Button kind="danger" name="intent" value="cancel">
          Yes, cancel it
        </Button>
      </form>
    </details>
  )
}

/** Puts the same goods into the cart once more. An order that is being paid comes first; what a decline left is in the cart already. */
export function BuyAgain({ order }: { order: Order }) {
  if (isSettling(order) || order.cancelReason === 'payment-declined') return null
  return (
    <form method="post" data-once="" className="no-print -mt-6 flex justify-end">
      <Button kind="plain" name="intent" value="again">
        Buy again
      </Button>
    </form>
  )
}

/** What of an order bought again is not in the cart, and why. */
export function Missing({ order, missing }: { order: Order; missing: Reordered['notAdded'] }) {
  const nothing = missing.filter((one) => one.inCart === 0).length === order.lines.length
  return (
    <div className="mb-8">
      <Notice tone="warn" live>
        <h2 className="display text-lg">{nothing ? 'Nothing of it can be bought just now' : 'In your cart, but for this'}</h2>
        <ul className="mt-2 list-inside list-disc text-base">
          {missing.map((one) => (
            <li key={one.sku}>{missingText(one)}</li>
          ))}
        </ul>
        {nothing ? null : (
          <a href="/cart" className="link mt-3 inline-block py-1 text-sm font-semibold text-accent">
            See the cart
          </a>
        )}
      </Notice>
    </div>
  )
}
