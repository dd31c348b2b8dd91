/** Timers, tasks, idempotency keys, calls, gates. */
import type { Mutant } from './mutant.ts'

const fire = { file: 'packages/chassis/moments/fire.ts', tier: 'unit', test: 'packages/chassis/moments/fire.unit.test.ts' } as const
const moments = {
  file: 'packages/chassis/moments/postgres-moments.ts',
  tier: 'int',
  test: 'packages/chassis/proof/postgres-ports.int.test.ts',
} as const
const keys = { tier: 'int', test: 'packages/chassis/runtime/idempotency.int.test.ts' } as const
const calls = { file: 'packages/chassis/calls/policy.ts', tier: 'unit', test: 'packages/chassis/calls/policy.unit.test.ts' } as const

export const workMutants: readonly Mutant[] = [
  {
    ...fire,
    breaks: 'a timer that fails leaves its half-done effects',
    edits: [['await store.savepoint(tx, () => run(moment, tx))', 'await run(moment, tx)']],
    title: 'a timer whose handler fails is undone alone',
  },
  {
    ...fire,
    breaks: 'a timer that fails is gone',
    edits: [['await store.postpone(tx, moment, backoffSeconds(moment.attempts), String(error))', '']],
    title: 'a timer whose handler fails is undone alone',
  },
  {
    ...fire,
    breaks: 'the delay of another try has no bound',
    edits: [['Math.min(BACKOFF_SECONDS_MAX, 2 ** Math.min(attempts, 16))', '2 ** Math.min(attempts, 16)']],
    title: 'the delay before another try',
  },
  {
    ...moments,
    breaks: 'rivals wait for timers that are being fired',
    edits: [
      [
        'AND due_at <= now() ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED\n      ) RETURNING name, key, data, attempts, traceparent`',
        'AND due_at <= now() ORDER BY due_at LIMIT ${limit} FOR UPDATE\n      ) RETURNING name, key, data, attempts, traceparent`',
      ],
    ],
    title: 'a timer that a rival is firing is passed over',
  },
  {
    ...moments,
    breaks: 'a task is ended by one who lost its lease',
    edits: [['AND m.lease = t.lease AND m.generation = t.generation', 'AND m.generation = t.generation']],
    title: 'a lost lease can neither finish nor give back',
  },
  {
    ...moments,
    breaks: 'a task scheduled anew while it runs is forgotten',
    edits: [['AND m.lease = t.lease AND m.generation = t.generation', 'AND m.lease = t.lease']],
    title: 'a task scheduled anew while it runs',
  },
  {
    ...moments,
    breaks: 'a leased task is claimed by others',
    edits: [[' AND (leased_until IS NULL OR leased_until <= now())', '']],
    title: 'a claimed task is nobody else',
  },
  {
    ...moments,
    breaks: 'a service without moments looks again at once, for ever',
    edits: [['row.seconds === null ? undefined : Math.max(0, row.seconds)', 'Math.max(0, row.seconds ?? 0)']],
    title: 'the seconds to the next moment',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/execute.ts',
    breaks: 'a refusal is kept as the answer of its key',
    edits: [['if (isRefusal(outcome)) await keys.forget(on.database, of, claim.holder)\n    else if', 'if']],
    title: 'when refused, keeps neither effect nor answer',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'a key answers for another request',
    edits: [["if (found.fingerprint !== of.fingerprint) return { kind: 'reused' }", '']],
    title: 'with the key of another request is refused',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'a key held by another is taken over at once',
    edits: [
      ["if (found.held) return { kind: 'in-use' }", ''],
      [' AND (held_until IS NULL OR held_until <= clock_timestamp())', ''],
    ],
    title: 'a request that does not answer is taken over',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'one whose key was taken over keeps his effects',
    edits: [["if (kept !== 1) throw new Error('another request with the same idempotency key took over')", 'void kept']],
    title: 'a request that does not answer is taken over',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/held-keys.ts',
    breaks: 'the key of a request that takes long is taken over while it runs',
    edits: [['if (long.length > 0) await renewHolds(this.#db, long).catch(() => {})', 'void renewHolds, long']],
    title: 'stays so while its request runs',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'a request that never answers holds its key for ever',
    edits: [
      [
        'least(clock_timestamp() + make_interval(secs => ${HOLD_SECONDS}), held_since + make_interval(secs => ${RUN_SECONDS_MAX}))',
        'clock_timestamp() + make_interval(secs => ${HOLD_SECONDS})',
      ],
    ],
    title: 'is renewed for no longer than a request may run',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'keys lapse while one of them waits for its last transaction',
    edits: [['FOR UPDATE OF k SKIP LOCKED', 'FOR UPDATE OF k']],
    title: 'stays so while another waits for its last transaction',
  },
  {
    ...keys,
    file: 'packages/chassis/runtime/idempotency.ts',
    breaks: 'the sweeper is before the buyer who tries again',
    edits: [['\n      AND coalesce(held_since, created_at) + make_interval(secs => ${RUN_SECONDS_MAX}) < clock_timestamp()', '']],
    title: 'by a process that died is free for a retry',
  },
  {
    file: 'packages/chassis/runtime/idempotency.ts',
    tier: 'int',
    test: 'services/orders/placing.int.test.ts',
    breaks: 'a retry is taken for a first try',
    edits: [['triedBefore: true', 'triedBefore: false']],
    title: 'when a request that held stock goes on and is refused',
  },
  {
    file: 'services/orders/routes/orders.ts',
    tier: 'int',
    test: 'services/orders/simple-order.int.test.ts',
    breaks: 'an order told again is placed again',
    edits: [['triedBefore: context.triedBefore || orderId !== fresh.orderId', 'triedBefore: context.triedBefore']],
    title: 'when it comes again, it is told as it stands',
  },
  {
    file: 'services/notifications/together.ts',
    tier: 'unit',
    test: 'services/notifications/together.unit.test.ts',
    breaks: 'two who have one message both hand it over',
    edits: [['begun.has(one.id) && first.get(one.id) === one', 'begun.has(one.id)']],
    title: 'handovers of one moment begin in one statement',
  },
  {
    file: 'packages/chassis/batcher.ts',
    tier: 'unit',
    test: 'packages/chassis/batcher.unit.test.ts',
    breaks: 'one whose write fails fails the others',
    edits: [['if (items.length === 1) return [{ failed }]', 'if (items.length > 0) return items.map(() => ({ failed }))']],
    title: 'when one fails, he alone hears of it',
  },
  {
    file: 'packages/chassis/runtime/cookies.ts',
    tier: 'int',
    test: 'services/cart/lost-answers.int.test.ts',
    breaks: 'a repeat brings a guest’s cookie to whoever has another',
    edits: [['if (!same) return undefined', 'void same']],
    title: 'when they bring another cart',
  },
  { ...calls, breaks: 'retries have no budget', edits: [['if (this.#tokens < 1) return false', '']], title: 'retries add at most a tenth' },
  {
    ...calls,
    breaks: 'what must not be repeated is repeated',
    edits: [['!contract.repeatable || ', '']],
    title: 'only what may be repeated',
  },
  {
    file: 'packages/chassis/runtime/loops.ts',
    tier: 'unit',
    test: 'packages/chassis/runtime/loops.unit.test.ts',
    breaks: 'a newcomer takes the place of one who waited',
    edits: [
      ['if (next) next()\n      else this.#running--', 'this.#running--\n      next?.()'],
      ['await this.#turn(signal)', 'await this.#turn(signal)\n      this.#running++'],
    ],
    title: 'gives a place that becomes free',
  },
]
