/** Search: what a list promises while goods change, and an index that is made anew. */
import type { Mutant } from './mutant.ts'

const rebuilt = { tier: 'int', test: 'services/search/rebuild.int.test.ts' } as const
const repeated = { tier: 'int', test: 'services/search/adapters/postgres/repeated.int.test.ts' } as const
const headed = { tier: 'int', test: 'services/search/adapters/postgres/heads.int.test.ts' } as const

export const searchMutants: readonly Mutant[] = [
  {
    ...rebuilt,
    file: 'services/search/adapters/postgres/put.ts',
    breaks: 'a change that comes while the index is made anew is lost with the old one',
    edits: [["active ? (['', '_next'] as const) : ([''] as const)", "active ? ([''] as const) : ([''] as const)"]],
    title: 'what changes meanwhile is in both',
  },
  {
    ...rebuilt,
    file: 'services/search/adapters/postgres/rebuild.ts',
    breaks: 'an index is asked before it is full',
    edits: [['let isFilled = false', 'let isFilled = true']],
    title: 'nobody sees a half-empty shop',
  },
  {
    tier: 'int',
    test: 'services/search/service.int.test.ts',
    file: 'services/search/calls.ts',
    breaks: 'a product that was shown before it was indexed has nothing like it for long',
    edits: [['(ids) => ids.length > 0', '() => true']],
    title: 'who asks before a product is indexed',
  },
  {
    tier: 'int',
    test: 'services/search/standing.int.test.ts',
    file: 'services/search/adapters/postgres/rank.ts',
    breaks: 'a page is put in order by what sold since the first one',
    edits: [['THEN f.standing ELSE f.standing_before END', 'THEN f.standing ELSE f.standing END']],
    title: 'pages that began before goods sold out',
  },
  {
    tier: 'int',
    test: 'services/search/wishes.int.test.ts',
    file: 'services/search/store/wishes.ts',
    breaks: 'a shop has more wishes than it may',
    edits: [['WHERE (SELECT count(*) FROM placements) < ${max}::integer', 'WHERE (SELECT count(*) FROM placements) <= ${max}::integer']],
    title: 'a shop has no more of them than it may',
  },
  {
    ...headed,
    file: 'services/search/adapters/postgres/put.ts',
    breaks: 'a product that changes is not put into the heads of its words',
    edits: [['await keepHeads(tx, [...products.map((one) => one.productId), ...gone])', '']],
    title: 'whatever changes, the first page is the one',
  },
  {
    ...headed,
    file: 'services/search/adapters/postgres/best.ts',
    breaks: 'the best of a head are shown though somebody outside of it may be as good',
    edits: [[' || last.place_0 <= most(last.floor)', '']],
    title: 'where somebody outside of the head may be as good',
  },
  {
    ...repeated,
    file: 'services/search/adapters/postgres/put.ts',
    breaks: 'who asks again is answered as if no words had changed',
    edits: [['  tx.touch([WORDS])\n', '']],
    title: 'words that came, changed or went',
  },
  {
    ...repeated,
    file: 'services/search/adapters/postgres/find.ts',
    breaks: 'a page ends early when somebody has just gone',
    edits: [['placed.length <= limit && weighed.ids.length > placed.length ? undefined : placed', 'placed']],
    title: 'although somebody on it went unheard',
  },
  {
    ...repeated,
    file: 'services/search/adapters/postgres/repeated.ts',
    breaks: 'what was weighed is kept without what might overtake it',
    edits: [
      [
        'scoredHitsOf(ranking, wishes, values, best)} LIMIT ${WEIGHED_MAX + 1}',
        'scoredHitsOf(ranking, wishes, values, best)} ORDER BY tier DESC, score DESC LIMIT ${best}',
      ],
    ],
    title: 'nothing is weighed for who asks again',
  },
]
