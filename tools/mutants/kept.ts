/** What is kept until something it shows is touched: no race, no stranger, nothing old. */
import type { Mutant } from './mutant.ts'

const memory = {
  file: 'packages/chassis/cache/memory-keeper.ts',
  tier: 'unit',
  test: 'packages/chassis/cache/memory-keeper.unit.test.ts',
} as const
const doors = { tier: 'int', test: 'packages/chassis/http/kept-answers.int.test.ts' } as const

export const keptMutants: readonly Mutant[] = [
  {
    ...memory,
    breaks: 'what was read too early replaces what was read after the change',
    edits: [['if (!fits(value, keeping) || !this.#isFresh(keeping)) return false', 'if (!fits(value, keeping)) return false']],
    title: 'what was read before something it shows was forgotten is not kept, and does not replace what was read after it',
  },
  {
    ...memory,
    breaks: 'what was forgotten is found',
    edits: [['if (kept.until <= this.#now() || !this.#isFresh(kept)) {', 'if (kept.until <= this.#now()) {']],
    title: 'nobody is told what is older than a change that was acknowledged before he asked',
  },
  {
    ...memory,
    breaks: 'a mark of another epoch counts',
    edits: [['mark.epoch === this.#epoch && ', '']],
    title: 'too much that is forgotten begins a new epoch: nothing is kept, no old mark counts, and then all goes on',
  },
  {
    ...memory,
    file: 'packages/chassis/cache/kept.ts',
    breaks: 'whoever asks after a change waits for what was begun before it',
    edits: [['if (other && isSame(other.mark, mark)) {', 'if (other) {']],
    title: 'nobody is told what is older than a change that was acknowledged before he asked',
  },
  {
    ...doors,
    file: 'packages/chassis/database/database.ts',
    breaks: 'what is published touches nothing',
    edits: [['    this.touch(touchedBy(event, data))\n', '']],
    title: 'is made once, until something it shows is published or touched',
  },
  {
    ...doors,
    file: 'packages/chassis/database/database.ts',
    breaks: 'a change of which nobody knows whether it took place is not told',
    edits: [
      ["failPoint('transaction.after-commit')", "failPoint('transaction.after-commit')\n      tx.known = true"],
      ['  ended = false\n', '  ended = false\n  known = false\n'],
      ['if (tx.ended && tx.touched.size > 0)', 'if (tx.known && tx.touched.size > 0)'],
    ],
    title: 'is forgotten also when nobody knows whether the change took place',
  },
  {
    ...doors,
    file: 'packages/chassis/runtime/service-runtime.ts',
    breaks: 'what is made of an event is shown as it was before',
    edits: [['          tx.touch(records.flatMap(({ data }) => touchedBy(event, data)))\n', '']],
    title: 'follows what another service makes of an event, too',
  },
  {
    ...doors,
    file: 'packages/chassis/http/mount.ts',
    breaks: 'an answer for anybody knows who asked',
    edits: [['impersonal(asked)', 'asked']],
    title: 'knows nothing of who asked',
  },
  {
    ...doors,
    file: 'packages/chassis/http/kept-answers.ts',
    breaks: 'whoever says who he is gets what is for anybody',
    edits: [['contract.keptMs !== undefined && request.headers.authorization === undefined', 'contract.keptMs !== undefined']],
    title: 'whoever says who he is gets an answer of his own, which nobody keeps',
  },
  {
    file: 'services/orders/usecases.ts',
    tier: 'int',
    test: 'services/orders/sold-out.int.test.ts',
    breaks: 'an order that holds its stock is told that it is sold out',
    edits: [['if (triedBefore || !line', 'if (!line']],
    title: 'an order that was tried before asks, and gets what it holds',
  },
]
