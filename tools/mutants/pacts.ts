/** What services promise each other: a field, its type, a refusal, a question. */
import type { Mutant } from './mutant.ts'

const orders = { tier: 'int', title: 'what orders needs' } as const

export const pactMutants: readonly Mutant[] = [
  {
    ...orders,
    file: 'services/inventory/domain.ts',
    test: 'services/inventory/pacts-kept.int.test.ts',
    breaks: 'a refusal says by another name how many units there are',
    edits: [['({ sku, availableUnits: left })),', '({ sku, leftUnits: left })),']],
  },
  {
    ...orders,
    file: 'contracts/cart.ts',
    test: 'services/cart/pacts-kept.int.test.ts',
    breaks: 'a cart tells its quantities as text',
    edits: [
      [
        'items: Type.Array(object({ sku: Type.String(), quantity: Quantity })) }),\n  repeatable: true,',
        'items: Type.Array(object({ sku: Type.String(), quantity: Type.String() })) }),\n  repeatable: true,',
      ],
    ],
  },
  {
    ...orders,
    file: 'contracts/payments.ts',
    test: 'services/payments/pacts-kept.int.test.ts',
    breaks: 'where a transfer goes is lost on the way by gRPC',
    edits: [['  transfer: Type.Optional(TransferDetails),\n', '']],
  },
  {
    ...orders,
    file: 'services/payments/calls.ts',
    test: 'services/payments/pacts-kept.int.test.ts',
    breaks: 'a receipt is booked of a transfer that nobody awaits',
    edits: [['return received ?', 'return received || true ?']],
  },
  {
    file: 'services/orders/usecases.ts',
    tier: 'int',
    test: 'services/orders/pacts-needed-goods.int.test.ts',
    breaks: 'an order is priced without the quote that its buyer was given',
    edits: [['    ...(purchase.quoteId === undefined ? {} : { quoteId: purchase.quoteId }),\n', '']],
    title: 'refuses a quote that it did not make',
  },
]
