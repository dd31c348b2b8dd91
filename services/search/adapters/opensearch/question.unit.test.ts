import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { impactsOf, productWords } from '../../domain/words.ts'
import { indexedOf } from '../../domain/document.ts'
import { queryOf, type Query, type Sort } from '../../domain/query.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { FoundQuery, Wishes } from '../../engine.ts'
import { document } from '../../testing/market.ts'
import { judged } from './mirror.ts'
import { hitsOf, isPlaceOf, pageQuestion } from './question.ts'
import { documentOf, featureOf } from './shape.ts'

const ranking = (depth: Ranking['depth'], ...terms: (string | string[])[]): Ranking => ({
  depth,
  products: 1000,
  terms: terms.map((forms, place) => ({ forms: [forms].flat(), idf: 6 - place * 2, place })),
})
const term = (word: string) => ({ terms: { words: [word] } })
const none: Wishes = { synonyms: [], pinned: [], buried: [] }
const question = (given: Record<string, unknown>, wishes = none): FoundQuery => {
  const { filters, ...query } = queryOf(given) as Query
  return { ...query, filters: { ...filters, category: undefined }, wishes, factors: true }
}

describe('the tiers of a question', () => {
  test('all words; all but one, never the rarest; the rare ones', () => {
    expect(hitsOf(ranking(1, 'zx', 'laptop', 'black'), none)).toEqual({ bool: { filter: ['zx', 'laptop', 'black'].map(term) } })
    expect(hitsOf(ranking(2, 'zx', 'laptop', 'black'), none)).toEqual({
      bool: { filter: [term('zx')], should: [term('laptop'), term('black')], minimum_should_match: 1 },
    })
    expect(hitsOf(ranking(3, 'zx', 'laptop', 'black'), none)).toEqual({
      bool: { should: [term('zx'), term('laptop')], minimum_should_match: 1 },
    })
  })

  test('a single word has one tier, however deep the list goes; what was pinned answers too, and alone where no word is left', () => {
    expect(hitsOf(ranking(3, 'zx'), none)).toEqual({ bool: { filter: [term('zx')] } })
    const pinned = { ...none, pinned: ['p'] }
    expect(hitsOf(ranking(3, 'zx'), pinned)).toEqual({
      bool: { should: [{ bool: { filter: [term('zx')] } }, { terms: { id: ['p'] } }], minimum_should_match: 1 },
    })
    expect(hitsOf(ranking(1), pinned)).toEqual({ terms: { id: ['p'] } })
  })

  test('a thing may have several names, some of them of several words', () => {
    const words = (...all: string[]) => ({ bool: { filter: all.map((word) => ({ term: { words: word } })) } })
    expect(hitsOf(ranking(1, ['tv', 'de.fernseh', 'flat screen']), none)).toEqual({
      bool: {
        filter: [{ bool: { should: [{ terms: { words: ['tv', 'de_fernseh'] } }, words('flat', 'screen')], minimum_should_match: 1 } }],
      },
    })
  })

  test('words rank a list by relevance only; under another order they only choose', () => {
    const clauses = (sort: Sort) =>
      (
        pageQuestion(question({ q: 'zx laptop', sort }), ranking(2, 'zx', 'laptop'), undefined, 24) as {
          query: { bool: { should: unknown[] } }
        }
      ).query.bool.should
    expect(clauses('relevance')).toHaveLength(2)
    expect(clauses('price')).toEqual([])
  })
})

describe('places in a list', () => {
  test('whatever a made-up cursor holds, it is a place of the right kind or none', () => {
    for (const sort of ['relevance', 'newest', 'price', '-price', 'rating', 'sales'] as const)
      fc.assert(
        fc.property(fc.jsonValue(), fc.boolean(), (value, isRanked) => {
          expect(typeof isPlaceOf(sort, isRanked, value)).toBe('boolean')
        }),
      )
    const id = '01a227a4-a3ab-7312-8a94-bf04f69306ac'
    expect(isPlaceOf('relevance', true, [2_000_345.25, id])).toBe(true)
    expect(isPlaceOf('relevance', true, [Number.NaN, id])).toBe(false)
    expect(isPlaceOf('price', false, [1000, id])).toBe(true)
    expect(isPlaceOf('price', false, [1000.5, id])).toBe(false)
    expect(isPlaceOf('price', false, [1000, 'x'])).toBe(false)
  })
})

describe('products', () => {
  const { content } = indexedOf(document({ name: 'Toner TN-2110, 13.3" toner', brand: 'Brother', description: 'A toner.' }), 'en')
  const facts = {
    priceMinor: 1,
    currency: 'EUR',
    available: 0,
    low: true,
    ratingHundredths: 0,
    ratingCount: 0,
    sales: 0,
    standing: -60,
    standingBefore: 4,
    standingAt: 5,
  }

  test('a word tells more the heavier its fields are, each place in the name counts, elsewhere twice is not more than once, and never everything', () => {
    const impacts = impactsOf(productWords(content))
    const of = (word: string) => impacts.get(word) as number
    expect(of('toner')).toBeGreaterThan(of('tn'))
    expect(of('tn')).toBe(of('2110'))
    expect(of('tn')).toBeGreaterThan(of('a'))
    const fields = { A: ['a', 'a', 'b', ...Array.from({ length: 20 }, () => 'c')], B: [], C: ['b', 'b'], D: [] }
    expect([...impactsOf({ fields, norms: { A: 1, B: 1, C: 1, D: 1 } })]).toEqual([
      ['a', 6 / 7.2],
      ['b', 4 / 5.2],
      ['c', 24 / 25.2],
    ])
    expect([...impacts.values()].every((impact) => impact > 0 && impact < 1)).toBe(true)
  })

  test('decimals are features without a dot, and the name keeps its words in order', () => {
    expect(featureOf('13.3')).toBe('13_3')
    expect(documentOf({ content, facts })).toMatchObject({
      name: 'toner tn 2110 13.3 toner',
      words: expect.arrayContaining(['13_3', 'brother']),
      impacts: { '13_3': expect.any(Number) as number },
      availability: 'out',
      inStock: false,
      standing: 940,
      standingBefore: 1004,
    })
  })
})

describe('the answer to a bulk', () => {
  const item = (_id: string, status: number, type?: string) => ({
    index: { _id, status, ...(type ? { error: { type, reason: 'because' } } : {}) },
  })

  test('older news and what was gone already are as good as done; what is refused is named', () => {
    expect(judged([item('a', 201), item('b', 409, 'version_conflict_engine_exception'), { delete: { _id: 'c', status: 404 } }])).toEqual([])
    expect(judged([item('a', 201), item('b', 400, 'mapper_parsing_exception')])).toEqual([
      { productId: 'b', reason: 'mapper_parsing_exception: because' },
    ])
  })

  test('an index that is gone is lost; what is too much for it, or its own fault, is told again', () => {
    expect(judged([item('a', 404, 'index_not_found_exception')])).toBe('lost')
    expect(() => judged([item('a', 201), item('b', 429, 'rejected_execution_exception')])).toThrow('did not take a product')
    expect(() => judged([item('b', 500, 'io_exception')])).toThrow('did not take a product')
  })
})
