import { describe, expect, test } from 'vitest'
import type { Mark, Residence } from '@stoa/chassis/database/residence.ts'
import { decide, type Finding } from './verdict.ts'

const SHOP = 'shop'
const at = new Date('2026-11-21T00:00:00Z')
const mark = (state: Residence, move = 'm1', more: Partial<Mark> = {}): Mark => ({
  move,
  state,
  direction: 'to',
  other: 'elsewhere',
  shop: SHOP,
  at,
  ...more,
})
const found = (service: string, more: Partial<Finding> = {}): Finding => ({
  service,
  name: service,
  ground: 'current',
  rows: 7,
  others: [],
  ...more,
})
const missing = (service: string) => found(`new_${service}`, { ground: 'missing', rows: 0 })
const plain = { replace: false, undo: false }
const replace = { replace: true, undo: false }
const undo = { replace: false, undo: true }
const both = (more: Partial<Finding>) => [found('cart', more), found('orders', more)]

describe('a move that begins', () => {
  test('from a shop at home to where nothing is copies and removes nothing', () => {
    expect(decide(both({}), [missing('cart'), missing('orders')], plain, SHOP)).toEqual({ plan: 'copy', faults: [], removes: [] })
    expect(decide(both({ mark: mark('home') }), both({ ground: 'empty' }), plain, SHOP).faults).toEqual([])
  })

  test('to where something is asks for --replace, and then tells what it removes', () => {
    const targets = [found('x_cart', { rows: 1234 }), missing('orders')]
    expect(decide(both({}), targets, plain, SHOP).faults).toEqual(['x_cart (1,234 rows): is not empty: --replace removes what is there'])
    expect(decide(both({}), targets, replace, SHOP)).toEqual({ plan: 'copy', faults: [], removes: ['x_cart: 1,234 rows'] })
  })

  test.each(['older', 'newer'] as const)('to where a shop of a version %s left its data replaces it all the same', (ground) => {
    expect(decide(both({}), both({ ground }), replace, SHOP).faults).toEqual([])
  })

  test('names everything that is in the way, each reason once', () => {
    const sources = [found('cart', { ground: 'older', others: ['psql (ada), process 7'] }), found('orders', { ground: 'older' })]
    const targets = [found('x_cart', { ground: 'foreign' }), found('x_orders', { mark: mark('leaving') })]
    const { faults } = decide(sources, targets, replace, SHOP)
    expect(faults).toEqual([
      'cart, orders: was left by an older version: start the shop there once with this one',
      'cart: is used by psql (ada), process 7',
      'x_cart: holds tables that are none of a shop’s',
      expect.stringContaining('x_orders: is being moved to elsewhere'),
    ])
  })

  test.each([
    ['missing', 'is not there'],
    ['empty', 'is empty'],
    ['foreign', 'none of a shop'],
    ['newer', 'newer version'],
  ] as const)('from a database that is %s is refused', (ground, why) => {
    expect(decide(both({ ground }), [missing('cart')], plain, SHOP).faults[0]).toContain(why)
  })

  test('from where the shop has left, or from an unfinished copy, is refused', () => {
    expect(decide(both({ mark: mark('away') }), [missing('cart')], replace, SHOP).faults[0]).toContain(
      'was moved to elsewhere on 2026-11-21',
    )
    expect(decide(both({ mark: mark('loaded') }), [missing('cart')], replace, SHOP).faults[0]).toContain('unfinished copy')
  })

  test('another shop’s databases are left alone, even with --replace', () => {
    const stranger = both({ mark: mark('away', 'm0', { shop: 'other' }) })
    expect(decide(both({}), stranger, replace, SHOP).faults).toEqual(['cart, orders: belongs to another shop (it has another root.key)'])
  })
})

describe('a move that was killed', () => {
  test('before anything was left is begun anew over its own unfinished copy', () => {
    const targets = [found('x_cart', { mark: mark('loaded') }), found('x_orders', { mark: mark('arriving'), ground: 'empty' })]
    expect(decide(both({ mark: mark('leaving') }), targets, plain, SHOP)).toEqual({ plan: 'copy', faults: [], removes: [] })
  })

  test('between two goodbyes is begun anew: nothing lives at the other side yet', () => {
    const sources = [found('cart', { mark: mark('away') }), found('orders', { mark: mark('leaving') })]
    expect(decide(sources, both({ mark: mark('loaded') }), plain, SHOP)).toEqual({ plan: 'copy', faults: [], removes: [] })
  })

  test('after all goodbyes is finished, never copied again', () => {
    const targets = [found('cart', { mark: mark('home') }), found('orders', { mark: mark('loaded') })]
    expect(decide(both({ mark: mark('away') }), targets, plain, SHOP).plan).toBe('finish')
    expect(decide(both({ mark: mark('away') }), targets, replace, SHOP)).toEqual({ plan: 'finish', faults: [], removes: [] })
  })

  test('after its last step has nothing left to do', () => {
    expect(decide(both({ mark: mark('away') }), both({ mark: mark('home') }), replace, SHOP).plan).toBe('done')
  })

  test('is given up with --undo as long as nobody can have sold at the other side', () => {
    const sources = [found('cart', { mark: mark('away') }), found('orders', { mark: mark('leaving') })]
    expect(decide(sources, both({ mark: mark('loaded') }), undo, SHOP)).toEqual({ plan: 'undo', faults: [], removes: [] })
    expect(decide(both({ mark: mark('away') }), both({ mark: mark('loaded') }), undo, SHOP).faults).toEqual([])
    const opened = [found('x_cart', { mark: mark('home') }), found('x_orders', { mark: mark('loaded') })]
    expect(decide(both({ mark: mark('away') }), opened, undo, SHOP).faults[0]).toContain('cart, orders: was moved to elsewhere')
  })

  test('cannot be given up where it is out of sight, or was never begun', () => {
    expect(decide(both({ mark: mark('away') }), [missing('cart')], undo, SHOP).faults[0]).toContain('was moved to elsewhere')
    expect(decide(both({}), [missing('cart')], undo, SHOP).faults).toEqual(['no move was begun here: there is nothing to give up'])
  })
})
