import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '@stoa/kit/ids.ts'
import { openShop, type Shop } from './testing/shop.ts'

let shop: Shop
let bound = ''

beforeAll(async () => {
  shop = await openShop()
  bound = await shop.place()
  await shop.told(bound, 'authorized')
  shop.orderOf(bound).status = 'CONFIRMED'
  const gone = await shop.place()
  await shop.told(gone, 'authorized')
  await shop.facts.shipped(gone)
  await shop.told(gone, 'captured')
  const ended = await shop.place({ token: 'tok_declined' })
  await shop.told(ended, 'declined')
  await shop.facts.cancelled(ended, 'payment-declined')
  await shop.room.settled()
})
afterAll(() => shop.stop())

const REWRITE = (set: string) => `DO $$ BEGIN
  ALTER TABLE ledger_postings DISABLE TRIGGER ledger_postings_append_only;
  UPDATE ledger_postings SET ${set} WHERE (entry_id, account) = (SELECT entry_id, account FROM ledger_postings ORDER BY entry_id, account LIMIT 1);
  ALTER TABLE ledger_postings ENABLE TRIGGER ledger_postings_append_only; END $$`
const CONFIRMED = `(SELECT id FROM payment_ops o JOIN payments p USING (order_id) WHERE o.kind = 'authorize' AND o.state = 'succeeded' AND NOT p.shipped ORDER BY id LIMIT 1)`
const DECLINED = `(SELECT id FROM payment_ops WHERE kind = 'authorize' AND state IN ('failed', 'unknown') ORDER BY id LIMIT 1)`
const ENDED = `(SELECT order_id FROM payments WHERE cancelled ORDER BY order_id LIMIT 1)`

/** Each corrupts one book by one statement, and mends it by another. */
const CORRUPTIONS: readonly [check: string, corrupt: string, mend: string][] = [
  ['ledger sums to zero', REWRITE('amount_minor = amount_minor + 1'), REWRITE('amount_minor = amount_minor - 1')],
  [
    'every card order bound or gone has exactly one live authorisation or capture, and the gateway agrees',
    `UPDATE payment_ops SET charge_state = 'voided' WHERE id = ${CONFIRMED}`,
    `UPDATE payment_ops SET charge_state = 'authorized' WHERE id = ${CONFIRMED}`,
  ],
  [
    'a cancelled order took nothing',
    `UPDATE payments SET captured_minor = amount_minor WHERE order_id = ${ENDED}`,
    `UPDATE payments SET captured_minor = 0 WHERE order_id = ${ENDED}`,
  ],
  [
    'no payment unknown for longer than a day',
    `UPDATE payment_ops SET state = 'unknown', unknown_at = now() - interval '2 days' WHERE id = ${DECLINED}`,
    `UPDATE payment_ops SET state = 'failed' WHERE id = ${DECLINED}`,
  ],
  [
    'a key at the gateway never had two requests',
    `UPDATE payment_ops SET hash_conflicts = 1 WHERE id = ${DECLINED}`,
    `UPDATE payment_ops SET hash_conflicts = 0 WHERE id = ${DECLINED}`,
  ],
  [
    'no open difference between operations, gateway and ledger',
    `INSERT INTO reconciliation_mismatches (class, provider, order_id, subject, detail) VALUES ('amount', 'sandbox', 'x', 'x', 'x')`,
    `UPDATE reconciliation_mismatches SET resolved_at = now()`,
  ],
]

const broken = async () => (await shop.doctor()).filter((one) => one.broken > 0)

describe('the doctor', () => {
  test('is content with whole books, and has looked at each', async () => {
    const checks = await shop.doctor()
    expect(checks.map((one) => [one.name, one.broken])).toEqual(CORRUPTIONS.map(([name]) => [name, 0]))
    expect(checks.filter((one) => one.examined === 0)).toEqual([])
  })

  test.each(CORRUPTIONS)('sees one statement corrupt a book, and only that: %s', async (check, corrupt, mend) => {
    const run = (text: string) => shop.room.db('payments').run({ text, values: [] })
    await run(corrupt)
    const found = await broken()
    await run(mend)
    expect(found.map((one) => one.name)).toEqual([check])
    expect(found[0]?.examples).toHaveLength(1)
    expect(await broken()).toEqual([])
  })

  test('sees what only the gateway did, for an order that is bound and for one that is cancelled', async () => {
    await shop.control('webhooks', { paused: true })
    const [charge] = await shop.charges(bound)
    await shop.ask('POST', `/gateway/charges/${charge?.id}/capture`, { amount: { amount: 1, currency: 'EUR' } }, newId())
    expect(await broken()).toEqual([])
    shop.orderOf(bound).status = 'SHIPPED'
    expect((await broken()).map((one) => one.examples[0])).toEqual([expect.stringContaining(bound)])
    shop.orderOf(bound).status = 'CANCELLED'
    expect((await broken()).map((one) => one.name)).toEqual(['a cancelled order took nothing'])
  })
})
