import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { isPlace, packRanking, placeTypes, unpackRanking } from './place.ts'
import { queryOf, scopeOf } from './query.ts'
import { askedOf } from './asked.ts'
import { partsOf } from './german.ts'
import { adjacencies, depthFor, idf, tiersOf, weighted } from './ranking.ts'
import { distance, joinsOf, nearest, splitsOf, surfaceOf } from './spelling.ts'
import { isWord, wordsOf } from './text.ts'

describe('the normal form', () => {
  test.each([
    ['TN-2110', ['tn', '2110']],
    ['tn2110', ['tn', '2110']],
    ['Notebook 13.3" (4GB)', ['notebook', '13.3', '4', 'gb']],
    ['Cameras, batteries, boxes, brushes, glasses', ['camera', 'battery', 'box', 'brush', 'glass']],
    ['bus gas glass analysis his series', ['bus', 'gas', 'glass', 'analysis', 'his', 'sery']],
    ['Café Größe Łódź', ['cafe', 'grosse', 'łodz']],
    ["men's", ['men']],
    ['— … !!', []],
    ['中文', ['中文']],
  ])('%s is %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('it is its own normal form, and holds nothing that means something to a query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = wordsOf(text)
        for (const word of words) expect(word).toMatch(/^(\p{L}+|\d+(\.\d+)?)$/u)
        expect(words.every((word) => word.length <= 40)).toBe(true)
        expect([...words, ...wordsOf(text, 'de')].every(isWord)).toBe(true)
      }),
    )
  })

  test.each([
    ['Kühlschränke', 'Kühlschrank'],
    ['Kuehlschrank', 'Kühlschrank'],
    ['Straße', 'Strassen'],
    ['Lampen', 'Lampe'],
    ['Bücher', 'Buch'],
    ['Drucker', 'Druckern'],
    ['Freundinnen', 'Freundin'],
    ['Handtücher', 'Handtuchs'],
  ])('in German %s and %s are one word, which no English text holds', (one, other) => {
    expect(wordsOf(one, 'de')).toEqual(wordsOf(other, 'de'))
    expect(wordsOf(one, 'de')).not.toEqual(wordsOf(one, 'en'))
  })

  test('numbers are of no language', () => {
    expect(wordsOf('TN-2110', 'de')).toEqual(['de.tn', '2110'])
  })

  test('a German compound is read as its parts, what joins them left out', () => {
    expect(partsOf('ladekabel')).toContainEqual(['lade', 'kabel'])
    expect(partsOf('arbeitsplatte')).toContainEqual(['arbeit', 'platte'])
    expect(partsOf('lampe')).toEqual([])
  })
})

describe('what is asked for', () => {
  test('each word is looked for in every language, once where they agree', () => {
    expect(askedOf(['drucker', '2110'], [], ['en', 'de'])).toEqual([
      { tokens: ['drucker'], forms: ['drucker', 'de.druck'] },
      { tokens: ['2110'], forms: ['2110'] },
    ])
  })

  test('a synonym brings the others of its group along, the longest phrase first', () => {
    const groups = [
      { phrases: ['tv', 'television'] },
      { phrases: ['solid state disks', 'ssd'] },
      { phrases: ['disk', 'platter'] },
      { phrases: ['handy', 'cellphone'], language: 'de' as const },
    ]
    expect(askedOf(['fast', 'solid', 'state', 'disk'], groups, ['en'])).toEqual([
      { tokens: ['fast'], forms: ['fast'] },
      { tokens: ['solid', 'state', 'disk'], forms: ['solid state disk', 'ssd'] },
    ])
    expect(askedOf(['televisions'], groups, ['en'])).toEqual([{ tokens: ['televisions'], forms: ['television', 'tv'] }])
    expect(askedOf(['handy'], groups, ['en', 'de'])[0]?.forms).toEqual(['handy', 'de.handy', 'de.cellphon'])
  })
})

describe('ranking', () => {
  const words = weighted(
    [['black'], ['laptop'], ['zx']],
    new Map([
      ['black', 900],
      ['laptop', 40],
      ['zx', 1],
    ]),
    1000,
  )

  test('rare words weigh more, none weighs less than nothing', () => {
    expect(words.map((one) => one.forms)).toEqual([['zx'], ['laptop'], ['black']])
    fc.assert(fc.property(fc.nat(100_000), fc.nat(100_000), (products, holding) => idf(products, holding) >= 0))
  })

  test('tiers: all words; all but one, never the rarest; the rare ones', () => {
    expect(tiersOf(words, 1000)).toEqual(["'zx' & 'laptop' & 'black'", "('zx' & 'black') | ('zx' & 'laptop')", "'zx' | 'laptop'"])
    expect(tiersOf(words.slice(0, 1), 1000)).toEqual(["'zx'", undefined, undefined])
  })

  test('a term of several forms is any of them, and as common as all of them together', () => {
    const held = new Map([
      ['tv', 30],
      ['television', 10],
    ])
    const [term] = weighted([['tv', 'television set']], held, 1000)
    expect(term?.idf).toBe(idf(1000, 30))
    expect(weighted([['tv', 'television']], held, 1000)[0]?.idf).toBe(idf(1000, 40))
    expect(tiersOf(term ? [term] : [], 1000)[0]).toBe("('tv' | ('television' & 'set'))")
  })

  test('terms are near each other when they follow as in the question', () => {
    expect(adjacencies(words)).toEqual(["('black':A <-> 'laptop':A)", "('laptop':A <-> 'zx':A)"])
    expect(adjacencies(words.slice(0, 1))).toEqual([])
  })

  test('a list goes no deeper than it must', () => {
    expect([depthFor(24, 0), depthFor(23, 1), depthFor(3, 3)]).toEqual([1, 2, 3])
  })
})

describe('spelling', () => {
  test('distance counts swaps once and is the same both ways', () => {
    expect(distance('laptop', 'latpop')).toBe(1)
    expect(distance('laptop', 'notebook')).toBeGreaterThan(4)
    expect(distance('camera', 'camrea')).toBe(1)
    fc.assert(
      fc.property(
        fc.string({ maxLength: 8 }),
        fc.string({ maxLength: 8 }),
        (a, b) => distance(a, b) === distance(b, a) && (distance(a, b) === 0) === (a === b),
      ),
    )
  })

  test('the nearest word is meant, of equally near ones the commonest, far ones never', () => {
    const known = [
      { word: 'phone', products: 5 },
      { word: 'stone', products: 50 },
      { word: 'phones', products: 9 },
    ]
    expect(nearest('phobe', known)).toBe('phone')
    expect(nearest('shone', known)).toBe('stone')
    expect(nearest('xyzzyx', known)).toBeUndefined()
    expect(nearest('ab', [{ word: 'ac', products: 9 }])).toBeUndefined()
  })

  test('a mended word is shown as a name spells it, the spelling nearest to what was typed', () => {
    expect(surfaceOf(['Blue Headphones', 'Headphone stand'], 'headphone', 'hedphones')).toBe('headphones')
    expect(surfaceOf(['Großer Kühlschrank'], 'de.kuhlschrank', 'kühlschrnk')).toBe('kühlschrank')
    expect(surfaceOf([], 'de.kuhlschrank', 'kuhlschrnk')).toBe('kuhlschrank')
  })

  test('words can be joined and split', () => {
    expect(joinsOf(['lap', 'top', 'bag'])).toEqual([
      { at: 0, word: 'laptop' },
      { at: 1, word: 'topbag' },
    ])
    expect(splitsOf('usbcable')).toContainEqual(['usb', 'cable'])
    expect(splitsOf('abc')).toEqual([])
  })
})

describe('questions and cursors', () => {
  test('filters are read in their normal form, attributes by name', () => {
    expect(queryOf({ q: 'Lamps lamp', brand: [' HP '], 'attr.Colour': ['Black'], 'attr.colour': ['white'] })).toMatchObject({
      text: 'Lamps lamp',
      words: ['lamps', 'lamp'],
      sort: 'relevance',
      filters: { brand: ['hp'], inStock: false, attributes: new Map([['colour', ['colour\u001fblack', 'colour\u001fwhite']]]) },
    })
    expect(queryOf(Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`attr.a${index}`, ['x']])))).toHaveProperty('errors')
  })

  test('the order of attributes does not make another list', () => {
    const scope = (given: Record<string, unknown>) => JSON.stringify(scopeOf(queryOf(given) as never))
    expect(scope({ 'attr.a': ['1'], 'attr.b': ['2'] })).toBe(scope({ 'attr.b': ['2'], 'attr.a': ['1'] }))
    expect(scope({ q: 'a' })).not.toBe(scope({ q: 'b' }))
  })

  test('a ranking survives its cursor', () => {
    const ranking = {
      depth: 2 as const,
      products: 100,
      terms: [{ forms: ['tn', 'de.tn'], idf: 3.2, place: 0 }],
      named: undefined,
      standingAt: 5,
    }
    expect(unpackRanking(JSON.parse(JSON.stringify(packRanking(ranking))))).toEqual(ranking)
  })

  test('whatever stands in a made-up cursor, it is a place of the right types or refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(unpackRanking(value) === 'invalid' || typeof unpackRanking(value) === 'object').toBe(true)
        for (const sort of ['price', 'newest', 'rating', 'relevance'] as const)
          expect(typeof isPlace(placeTypes(sort, true), value)).toBe('boolean')
      }),
    )
    expect(isPlace(['timestamptz', 'uuid'], ['2026-02-30', 'x'])).toBe(false)
    expect(isPlace(['timestamptz'], ['2026-02-31T00:00:00.000Z'])).toBe(false)
    expect(isPlace(['timestamptz'], ['2026-02-28T00:00:00.000Z'])).toBe(true)
    expect(isPlace(['integer'], [3_000_000_000])).toBe(false)
    expect(isPlace(['bigint'], [3_000_000_000])).toBe(true)
    const packed = (forms: unknown, weight: unknown) => unpackRanking([1, 5, [[forms, weight, 0]], null, null])
    expect(packed(['two words'], 1)).toMatchObject({ depth: 1 })
    for (const forms of [['two  words'], ["it's"], ['a | b'], [], ['x'.repeat(60)], 'word']) expect(packed(forms, 1)).toBe('invalid')
    expect(packed(['word'], Number.NaN)).toBe('invalid')
    expect(unpackRanking([1, 5, Array.from({ length: 13 }, () => [['a'], 1, 0]), null, null])).toBe('invalid')
  })
})
