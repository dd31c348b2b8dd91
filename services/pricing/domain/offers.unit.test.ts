import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bestOffer, offerInWords, publicOffer, type Demand, type Offer, type OfferingList } from './offers.ts'

const own = (amountMinor: number, currency = 'EUR'): Offer => ({ currency, amountMinor, compareAtMinor: null, minQuantity: 1, list: null })
const listed = (amountMinor: number, list: Partial<OfferingList> = {}, more: Partial<Offer> = {}): Offer => ({
  ...own(amountMinor),
  list: { name: 'Trade', position: 1, group: null, channel: null, ...list },
  ...more,
})
const guest: Demand = { groups: [], channel: 'web', currency: 'EUR', quantity: 1 }
const trader: Demand = { ...guest, groups: ['trade'] }

const anOffer: fc.Arbitrary<Offer> = fc.record({
  currency: fc.constantFrom('EUR', 'USD'),
  amountMinor: fc.integer({ min: 0, max: 20 }),
  compareAtMinor: fc.option(fc.nat({ max: 30 }), { nil: null }),
  minQuantity: fc.integer({ min: 1, max: 5 }),
  list: fc.record({
    name: fc.constant('A list'),
    position: fc.nat({ max: 3 }),
    group: fc.constantFrom(null, 'trade', 'vip'),
    channel: fc.constantFrom(null, 'web' as const, 'pos' as const),
  }),
})
const offers = fc.array(anOffer, { maxLength: 12 })
const aDemand: fc.Arbitrary<Demand> = fc.record({
  groups: fc.subarray(['trade', 'vip', 'staff']),
  channel: fc.constantFrom('web' as const, 'pos' as const),
  currency: fc.constantFrom('EUR', 'USD'),
  quantity: fc.integer({ min: 1, max: 6 }),
})
const dearest = Number.POSITIVE_INFINITY

describe('bestOffer', () => {
  test('when a list is for a group, its price counts for that group alone', () => {
    const both = [own(100), listed(80, { group: 'trade' })]
    expect([bestOffer(both, guest), bestOffer(both, trader)]).toMatchObject([{ amountMinor: 100 }, { amountMinor: 80 }])
  })

  test('when a list is for a channel, its price counts there alone', () => {
    const both = [own(100), listed(80, { channel: 'pos' })]
    expect([bestOffer(both, guest), bestOffer(both, { ...guest, channel: 'pos' })]).toMatchObject([
      { amountMinor: 100 },
      { amountMinor: 80 },
    ])
  })

  test('when a list has steps, the step that is reached counts', () => {
    const steps = [own(100), listed(90), listed(70, {}, { minQuantity: 10 })]
    expect([1, 9, 10, 11].map((quantity) => bestOffer(steps, { ...guest, quantity })?.amountMinor)).toEqual([90, 90, 70, 70])
  })

  test('when prices are equal, the product’s own counts, then the older list, then the smaller step', () => {
    const [older, newer] = [listed(100, { name: 'old', position: 1 }), listed(100, { name: 'new', position: 2 })]
    const step = listed(100, { name: 'old', position: 1 }, { minQuantity: 2 })
    expect(bestOffer([newer, own(100), older], guest)?.list).toBeNull()
    expect(bestOffer([newer, step, older], { ...guest, quantity: 5 })).toBe(older)
  })

  test('when nothing is priced in the currency, there is no price', () => {
    expect(bestOffer([own(100)], { ...guest, currency: 'USD' })).toBeUndefined()
    expect(bestOffer([own(100), listed(110, {}, { currency: 'USD' })], { ...guest, currency: 'USD' })).toMatchObject({ amountMinor: 110 })
  })

  test('whatever the lists say, nobody pays more than the own price', () => {
    fc.assert(
      fc.property(offers, aDemand, fc.nat({ max: 20 }), (lists, demand, amount) => {
        expect(bestOffer([...lists, own(amount, demand.currency)], demand)?.amountMinor).toBeLessThanOrEqual(amount)
      }),
    )
  })

  test('whoever buys more, or is in more groups, pays no more for a unit', () => {
    fc.assert(
      fc.property(offers, aDemand, fc.nat({ max: 5 }), fc.constantFrom('trade', 'vip', 'staff'), (lists, demand, units, group) => {
        const price = (asked: Demand) => bestOffer(lists, asked)?.amountMinor ?? dearest
        expect(price({ ...demand, quantity: demand.quantity + units })).toBeLessThanOrEqual(price(demand))
        expect(price({ ...demand, groups: [...demand.groups, group] })).toBeLessThanOrEqual(price(demand))
      }),
    )
  })

  test('in whatever order the prices come, the same one counts', () => {
    const key = (offer: Offer) => `${offer.currency} ${offer.list?.position} ${offer.minQuantity}`
    const distinct = fc.uniqueArray(anOffer, { selector: key, maxLength: 10 })
    fc.assert(
      fc.property(distinct, aDemand, (lists, demand) => {
        expect(bestOffer(lists.toReversed(), demand)).toEqual(bestOffer(lists, demand))
        expect(
          bestOffer(
            lists.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
            demand,
          ),
        ).toEqual(bestOffer(lists, demand))
      }),
    )
  })
})

describe('publicOffer', () => {
  test('when a list is for everybody, it counts; one for a group or from two pieces does not', () => {
    const lists = [own(100), listed(90), listed(50, { group: 'trade' }), listed(40, { channel: 'pos' }), listed(30, {}, { minQuantity: 2 })]
    expect(publicOffer(lists, 'EUR', 'EUR')?.amountMinor).toBe(90)
  })

  test('when the shop’s currency has no price, the product’s own is told', () => {
    expect(publicOffer([own(100, 'USD')], 'EUR', 'USD')).toMatchObject({ currency: 'USD', amountMinor: 100 })
    expect(publicOffer([own(100, 'USD'), listed(90)], 'EUR', 'USD')).toMatchObject({ currency: 'EUR', amountMinor: 90 })
  })
})

describe('offerInWords', () => {
  test('when a list counts, it is named with its step', () => {
    expect(offerInWords(null, 1)).toBe('List price')
    expect(offerInWords({ name: 'Trade' }, 10)).toBe('Trade price from 10 pieces')
    expect(offerInWords({ name: 'Winter prices' }, 1)).toBe('Winter prices')
  })
})
