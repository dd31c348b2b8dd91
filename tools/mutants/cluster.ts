/** Many processes: which replica is asked, what is passed on, who reads what. */
import type { Mutant } from './mutant.ts'

const wire = { tier: 'int', test: 'packages/chassis/http/forward-wire.int.test.ts' } as const
const share = {
  tier: 'unit',
  test: 'packages/chassis/events/consume-share.unit.test.ts',
  file: 'packages/chassis/events/consume.ts',
} as const

export const clusterMutants: readonly Mutant[] = [
  {
    file: 'packages/chassis/calls/replicas.ts',
    tier: 'unit',
    test: 'packages/chassis/calls/replicas.unit.test.ts',
    breaks: 'a replica that is about to end gets new requests',
    edits: [['Number(b.takes) - Number(a.takes),', '']],
    title: 'one that says it takes no more is asked only where there is no other',
  },
  {
    ...wire,
    file: 'packages/chassis/calls/upstreams.ts',
    breaks: 'an order without a key is sent again when its connection breaks',
    edits: [['const mayRepeat = repeatable && (', 'const mayRepeat = (']],
    title: 'a question is asked again when its connection breaks, an order only when its key makes that harmless',
  },
  {
    ...wire,
    file: 'packages/chassis/http/end-to-end.ts',
    breaks: 'headers that Connection names go on to the service',
    edits: [[' && !named.has(entry[0])', ' && named.size >= 0']],
    title: 'a service is told who asks by us alone, and nothing that is about the connection',
  },
  {
    ...share,
    breaks: 'a reader goes on from where it was itself when a partition comes back to it',
    edits: [['if (share.term !== this.#term) {', 'if (share.term < 0) {']],
    title: 'a reader without a share reads nothing; two readers read what is theirs, and together everything',
  },
  {
    ...share,
    breaks: 'a reader halts for ever at a gap that a rival closed unseen',
    edits: [
      ["return isFresh ? { outcome: 'halted', reason: next.problem } : this.step()", "return { outcome: 'halted', reason: next.problem }"],
    ],
    title: 'after a rival that worked here unseen, what the stream no longer holds is no gap',
  },
  {
    file: 'packages/chassis/events/share.ts',
    tier: 'unit',
    test: 'packages/chassis/events/share.unit.test.ts',
    breaks: 'a partition belongs to two replicas, or to none',
    edits: [['return (start + part) % members.length === index', 'return (start + part) % 2 === index']],
    title: 'each partition belongs to exactly one of the members, whoever they are',
  },
]
