import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apply, CART_LINES_MAX, covers, decide, giveBack, merge, plan, shortOf, show, take, type CartLine, type Goods } from './domain.ts'

const now = new Date('2026-11-21T12:00:00Z')
const description = (sku: string) => ({
  productId: '01900000-0000-7000-8000-000000000001',
  slug: sku.toLowerCase(),
  name: `The ${sku}`,
  options: {},
  image: null,
})
const line = (sku: string, quantity: number, more: Partial<CartLine> = {}): CartLine => ({
  sku,
  quantity,
  seenPriceMinor: 1000,
  description: description(sku),
  addedAt: now.toISOString(),
  ...more,
})
const goods = (units: Record<string, number>, more: Partial<Goods> = {}): Goods => {
  const skus = Object.keys(units)
  return {
    asked: new Map(Object.entries(units)),
    described: new Map(skus.map((sku) => [sku, { ...description(sku), active: true }])),
    prices: new Map(skus.map((sku) => [sku, { unitMinor: 1000, discountMinor: 0, taxMinor: 160 * (units[sku] ?? 0) }])),
    available: new Map(skus.map((sku) => [sku, 5])),
    taxIncluded: true,
    currency: 'EUR',
    ...more,
  }
}
const units = (lines: readonly CartLine[]) => Object.fromEntries(lines.map((one) => [one.sku, one.quantity]))

describe('decide', () => {
  test('when a SKU is new, a line is put in with the price seen', () => {
    const decided = decide([], { kind: 'add', sku: 'A', quantity: 2 }, goods({ A: 2 }), now)
    expect(decided).toEqual({ put: [line('A', 2)], remove: [] })
  })

  test('when a SKU is there, its units add up and its place and the newest price are kept', () => {
    const old = line('A', 2, { seenPriceMinor: 900, addedAt: '2026-01-01T00:00:00.000Z' })
    const decided = decide([old], { kind: 'add', sku: 'A', quantity: 3 }, goods({ A: 5 }), now)
    expect(decided).toEqual({ put: [line('A', 5, { addedAt: old.addedAt })], remove: [] })
  })

  test('when more is asked for than can be had, refuses with insufficient-stock and the units there are', () => {
    expect(decide([line('A', 3)], { kind: 'add', sku: 'A', quantity: 3 }, goods({ A: 6 }), now)).toMatchObject({
      refused: 'insufficient-stock',
      availableUnits: 5,
    })
    expect(decide([line('A', 3)], { kind: 'set', sku: 'A', quantity: 6 }, goods({ A: 6 }), now)).toMatchObject({
      refused: 'insufficient-stock',
    })
    const plenty = goods({ A: 10_001 }, { available: new Map([['A', 1_000_000]]) })
    expect(decide([], { kind: 'add', sku: 'A', quantity: 10_001 }, plenty, now)).toMatchObject({
      refused: 'insufficient-stock',
      availableUnits: 10_000,
    })
  })

  test('when a SKU is unknown, archived or without a price, refuses with unknown-sku', () => {
    const add = { kind: 'add', sku: 'A', quantity: 1 } as const
    expect(decide([], add, goods({}), now)).toMatchObject({ refused: 'unknown-sku' })
    const archived = goods({ A: 1 }, { described: new Map([['A', { ...description('A'), active: false }]]) })
    expect(decide([], add, archived, now)).toMatchObject({ refused: 'unknown-sku' })
    expect(decide([], add, goods({ A: 1 }, { prices: new Map() }), now)).toMatchObject({ refused: 'unknown-sku' })
  })

  test('when a line is not there, changing or removing it is refused with unknown-sku', () => {
    expect(decide([], { kind: 'set', sku: 'A', quantity: 1 }, goods({ A: 1 }), now)).toMatchObject({ refused: 'unknown-sku' })
    expect(decide([], { kind: 'set', sku: 'A', quantity: 0 }, goods({}), now)).toMatchObject({ refused: 'unknown-sku' })
  })

  test('when a line is set to nothing, it goes, whatever became of its goods', () => {
    expect(decide([line('A', 3)], { kind: 'set', sku: 'A', quantity: 0 }, goods({}), now)).toEqual({ put: [], remove: ['A'] })
  })

  test('when the cart has a hundred lines, another one is refused with cart-full and a known one still grows', () => {
    const full = Array.from({ length: CART_LINES_MAX }, (_, index) => line(`S${index}`, 1))
    expect(decide(full, { kind: 'add', sku: 'A', quantity: 1 }, goods({ A: 1 }), now)).toMatchObject({ refused: 'cart-full' })
    expect(decide(full, { kind: 'add', sku: 'S0', quantity: 1 }, goods({ S0: 2 }), now)).toMatchObject({
      put: [{ sku: 'S0', quantity: 2 }],
    })
  })

  test('when the catalogue is away, a known line may change and a new SKU is unavailable', () => {
    const away = goods({ A: 2 }, { described: undefined })
    expect(decide([line('A', 1)], { kind: 'add', sku: 'A', quantity: 1 }, away, now)).toMatchObject({ put: [{ quantity: 2 }] })
    expect(decide([], { kind: 'add', sku: 'A', quantity: 2 }, away, now)).toMatchObject({ refused: 'unavailable' })
  })

  test('when inventory is away, units are taken at their word', () => {
    const away = goods({ A: 50 }, { available: undefined })
    expect(decide([], { kind: 'add', sku: 'A', quantity: 50 }, away, now)).toMatchObject({ put: [{ quantity: 50 }] })
  })
})

const someLines = fc
  .uniqueArray(fc.record({ sku: fc.constantFrom(...'ABCDEFGH'), quantity: fc.integer({ min: 1, max: 10_000 }) }), {
    selector: (one) => one.sku,
  })
  .map((all) => all.map((one) => line(one.sku, one.quantity)))
const stock = fc.dictionary(fc.constantFrom(...'ABCDEFGH'), fc.integer({ min: 0, max: 20_000 })).map((all) => new Map(Object.entries(all)))

describe('merge', () => {
  test('when both have a SKU, its units add up to what is available', () => {
    const merged = apply(
      [line('A', 2), line('B', 1)],
      merge(
        [line('A', 2), line('B', 1)],
        [line('A', 2), line('C', 9)],
        new Map([
          ['A', 3],
          ['C', 5],
        ]),
      ),
    )
    expect(units(merged)).toEqual({ A: 3, B: 1, C: 5 })
  })

  test('when a SKU is sold out, a line that was there stays and one that came along keeps a unit', () => {
    const own = [line('A', 2)]
    expect(
      units(
        apply(
          own,
          merge(
            own,
            [line('A', 1), line('C', 9)],
            new Map([
              ['A', 0],
              ['C', 0],
            ]),
          ),
        ),
      ),
    ).toEqual({ A: 2, C: 1 })
  })

  test('when there are more lines than a cart may have, the account’s come first', () => {
    const own = Array.from({ length: 99 }, (_, index) => line(`S${index}`, 1))
    const merged = apply(own, merge(own, [line('S0', 1), line('X', 1), line('Y', 1)], undefined))
    expect(merged).toHaveLength(CART_LINES_MAX)
    expect(units(merged)).toMatchObject({ S0: 2, X: 1 })
  })

  test('whatever is merged, no unit that can be had is lost and none is invented', () => {
    fc.assert(
      fc.property(someLines, someLines, fc.option(stock, { nil: undefined }), (own, guest, available) => {
        const merged = units(apply(own, merge(own, guest, available)))
        const [mine, theirs] = [units(own), units(guest)]
        for (const sku of 'ABCDEFGH') {
          const [a, b] = [mine[sku] ?? 0, theirs[sku] ?? 0]
          const full = Math.min(a + b, 10_000)
          const can = available?.get(sku) ?? full
          expect(merged[sku] ?? 0).toBeLessThanOrEqual(full)
          expect(merged[sku] ?? 0).toBeGreaterThanOrEqual(Math.max(a, Math.min(full, can)))
          expect(merged[sku] ?? 0).toBe(b > 0 ? Math.min(full, Math.max(can, a, 1)) : a)
        }
      }),
    )
  })
})

describe('take and giveBack', () => {
  test('when an order takes lines and gives them back, the cart is as before, whatever it held', () => {
    fc.assert(
      fc.property(someLines, someLines, (lines, ordered) => {
        const { taken, ...change } = take(lines, ordered)
        const left = apply(lines, change)
        const back = apply(left, giveBack(left, taken))
        expect(units(back)).toEqual(units(lines))
        for (const one of ordered) expect(units(left)[one.sku] ?? 0).toBe(Math.max(0, (units(lines)[one.sku] ?? 0) - one.quantity))
      }),
    )
  })

  test('when units came in meanwhile, what comes back adds to them', () => {
    const { taken } = take([line('A', 2)], [{ sku: 'A', quantity: 2 }])
    expect(units(apply([line('A', 1)], giveBack([line('A', 1)], taken)))).toEqual({ A: 3 })
  })

  test('when the cart has filled up meanwhile, at most two hundred lines are kept', () => {
    const filled = Array.from({ length: 150 }, (_, index) => line(`S${index}`, 1))
    const taken = Array.from({ length: 100 }, (_, index) => line(`T${index}`, 1))
    expect(apply(filled, giveBack(filled, [line('S0', 4), ...taken]))).toHaveLength(200)
  })
})

describe('show', () => {
  test('when all is well, sums agree with the lines and no line has a problem', () => {
    const cart = show({ id: null, version: 3, lines: [line('A', 2), line('B', 1)] }, goods({ A: 2, B: 1 }))
    expect(cart).toMatchObject({ version: 3, subtotal: { amount: 3000 }, tax: { amount: 480 }, total: { amount: 3000 }, coupons: [] })
    expect(cart.items.map((item) => [item.sku, item.lineTotal.amount, item.available, item.problem])).toEqual([
      ['A', 2000, 5, undefined],
      ['B', 1000, 5, undefined],
    ])
  })

  test('when tax is not included, it stands on top of the total', () => {
    expect(show({ id: null, version: 1, lines: [line('A', 2)] }, goods({ A: 2 }, { taxIncluded: false })).total.amount).toBe(2320)
  })

  test('when goods are archived or unpriced, the line is unavailable, keeps its name and counts for nothing', () => {
    const archived = goods({ A: 2, B: 1 }, { described: new Map([['B', { ...description('B'), active: true }]]) })
    const cart = show({ id: null, version: 1, lines: [line('A', 2), line('B', 1)] }, archived)
    expect(cart.items[0]).toMatchObject({
      name: 'The A',
      problem: 'unavailable',
      available: 0,
      lineTotal: { amount: 0 },
      unitPrice: { amount: 1000 },
    })
    expect(cart).toMatchObject({ subtotal: { amount: 1000 }, tax: { amount: 160 }, total: { amount: 1000 } })
  })

  test('when there is less than wanted, or the price is another, the line says so', () => {
    const lines = [line('A', 6), line('B', 1, { seenPriceMinor: 999 })]
    expect(show({ id: null, version: 1, lines }, goods({ A: 6, B: 1 })).items.map((item) => item.problem)).toEqual([
      'insufficient-stock',
      'price-changed',
    ])
  })

  test('when catalogue and inventory are away, the last known facts are shown without a problem', () => {
    const away = goods({ A: 6 }, { described: undefined, available: undefined })
    expect(show({ id: null, version: 1, lines: [line('A', 6)] }, away).items[0]).toMatchObject({ name: 'The A', available: 6 })
    expect(show({ id: null, version: 1, lines: [line('A', 6)] }, away).items[0]).not.toHaveProperty('problem')
  })
})

describe('plan and covers', () => {
  test('when goods were asked for the planned units, they cover the lines that follow, and no others', () => {
    const lines = [line('A', 2)]
    const planned = plan(lines, { kind: 'add', sku: 'A', quantity: 1 })
    const asked = { ...goods({}), asked: planned }
    expect(covers(asked, [line('A', 3)])).toBe(true)
    expect(covers(asked, [line('A', 4)])).toBe(false)
    expect(covers(asked, [line('A', 3), line('B', 1)])).toBe(false)
    expect(plan(lines, { kind: 'set', sku: 'A', quantity: 0 }).size).toBe(0)
  })
})

describe('refilling', () => {
  const wanted = [
    { sku: 'A', quantity: 3 },
    { sku: 'B', quantity: 9 },
    { sku: 'C', quantity: 1 },
  ]
  const refill = (lines: readonly CartLine[], told: Goods) => {
    const change = decide(lines, { kind: 'refill', lines: wanted }, told, now)
    if ('refused' in change) throw new Error(change.refused)
    return apply(lines, change)
  }

  test('when some of it can be had, lines come up to that, none shrinks, and the rest is told with its reason', () => {
    const lines = [line('A', 1), line('D', 4)]
    const asked = plan(lines, { kind: 'refill', lines: wanted })
    expect(Object.fromEntries(asked)).toEqual({ A: 3, B: 9, C: 1, D: 4 })
    const gone = new Map(['A', 'B', 'C', 'D'].map((sku) => [sku, { ...description(sku), active: sku !== 'C' }]))
    const told = goods(Object.fromEntries(asked), { described: gone })
    const after = refill(lines, told)
    expect(units(after)).toEqual({ A: 3, B: 5, D: 4 })
    expect(shortOf(after, wanted, told)).toEqual([
      { sku: 'B', wanted: 9, inCart: 5, reason: 'insufficient-stock' },
      { sku: 'C', wanted: 1, inCart: 0, reason: 'unavailable' },
    ])
    expect(refill(after, told)).toEqual(after)
    expect(units(refill([line('A', 4)], told))).toEqual({ A: 4, B: 5 })
  })

  test('when the cart is full, lines that are there still grow, new ones are told', () => {
    const lines = [line('A', 1), ...Array.from({ length: CART_LINES_MAX - 2 }, (_, index) => line(`X${index}`, 1))]
    const asked = plan(lines, { kind: 'refill', lines: wanted })
    expect([asked.size, asked.has('B'), asked.has('C')]).toEqual([CART_LINES_MAX, true, false])
    const told = goods(Object.fromEntries(asked))
    const after = refill(lines, told)
    expect(after).toHaveLength(CART_LINES_MAX)
    expect(shortOf(after, wanted, told)).toMatchObject([
      { sku: 'B', inCart: 5, reason: 'insufficient-stock' },
      { sku: 'C', inCart: 0, reason: 'cart-full' },
    ])
  })

  test('when the catalogue is away and a SKU is new here, refuses; when inventory is, the order decides', () => {
    const told = goods({ A: 3, B: 9, C: 1 }, { described: undefined })
    expect(decide([], { kind: 'refill', lines: wanted }, told, now)).toMatchObject({ refused: 'unavailable' })
    expect(units(refill([], goods({ A: 3, B: 9, C: 1 }, { available: undefined })))).toEqual({ A: 3, B: 9, C: 1 })
  })
})
