/** The trace of a request, through whatever becomes of it. */
import type { Mutant } from './mutant.ts'

const rooms = { tier: 'int', test: 'packages/chassis/telemetry/trace.int.test.ts' } as const
const ports = {
  tier: 'int',
  test: 'packages/chassis/proof/postgres-ports.int.test.ts',
  file: 'packages/chassis/moments/postgres-moments.ts',
} as const
const rules = { tier: 'unit', test: 'packages/chassis/telemetry/trace.unit.test.ts', file: 'packages/chassis/telemetry/trace.ts' } as const
const payments = { tier: 'int', test: 'services/payments/trace.int.test.ts' } as const
const mails = {
  tier: 'int',
  test: 'services/notifications/trace.int.test.ts',
  title: 'each mail is sent, logged and told under the trace of its order',
} as const

export const traceMutants: readonly Mutant[] = [
  {
    ...rooms,
    file: 'packages/chassis/telemetry/trace.ts',
    breaks: 'a batch of events is all under the trace of its first',
    edits: [['if (events.length <= 1 || (shared', 'if (events.length > 0 || (shared']],
    title: 'in a batch of many orders',
  },
  {
    ...rules,
    breaks: 'of two traces of one key one is said',
    edits: [['!ids.has(key) || ids.get(key) === id ? id : undefined', 'id']],
    title: 'where events of one key have several traces',
  },
  {
    ...rules,
    breaks: 'each event of a key without a trace begins another one',
    edits: [[' ?? begun.get(key)', '']],
    title: 'events without a trace begin one for each key',
  },
  {
    ...rules,
    breaks: 'a trace of zeros is taken for one',
    edits: [['(?!0{32})', '']],
    title: 'without a trace that is one',
  },
  {
    ...rooms,
    file: 'packages/chassis/database/database.ts',
    breaks: 'what is published forgets its trace',
    edits: [
      [
        'this.#outgoing.push({ event, key, data, traceparent: traceparentFor(key) ?? null })',
        'this.#outgoing.push({ event, key, data, traceparent: null })',
      ],
    ],
    title: 'goes on in its events, timers and tasks',
  },
  {
    ...rooms,
    file: 'packages/chassis/moments/fire.ts',
    breaks: 'a timer fires under a trace of its own',
    edits: [['await withTrace(moment.traceparent, async', 'await withTrace(null, async']],
    title: 'goes on in its events, timers and tasks',
  },
  {
    ...rooms,
    file: 'packages/chassis/moments/fire.ts',
    breaks: 'a task is worked under a trace of its own',
    edits: [['return withTrace(task.traceparent, async', 'return withTrace(null, async']],
    title: 'goes on in its events, timers and tasks',
  },
  {
    ...rooms,
    file: 'packages/chassis/service.ts',
    breaks: 'events that are handled one by one are not under the trace of each',
    edits: [['await withTrace(one.traceparent, () => run(one, context))', 'await run(one, context)']],
    title: 'works under the trace of each',
  },
  {
    ...rooms,
    file: 'packages/chassis/runtime/execute.ts',
    breaks: 'an abandoned request is taken up under the trace of who takes it up',
    edits: [
      [
        'await withTrace(traceparent, () => executeRoute(on, handler, request, signal))',
        'await executeRoute(on, handler, request, signal)',
      ],
    ],
    title: 'goes on with its trace',
  },
  {
    ...rooms,
    file: 'packages/chassis/runtime/housekeeping.ts',
    breaks: 'a job has no trace',
    edits: [['await withTrace(null, () => runJob(service, job))', 'await runJob(service, job)']],
    title: 'each run of a job, begin one',
  },
  {
    ...ports,
    breaks: 'a timer that is put back loses its trace',
    edits: [['${error}, ${moment.traceparent})', '${error}, NULL)']],
    title: 'a timer keeps the trace',
  },
  {
    ...ports,
    file: 'packages/chassis/database/database.ts',
    breaks: 'who schedules without a trace takes that of the moment away',
    edits: [['traceparent = coalesce(excluded.traceparent, moments.traceparent)', 'traceparent = excluded.traceparent']],
    title: 'a moment scheduled again',
  },
  {
    ...ports,
    file: 'packages/chassis/database/database.ts',
    breaks: 'a moment scheduled again keeps the trace of who was first',
    edits: [['coalesce(excluded.traceparent, moments.traceparent)', 'coalesce(moments.traceparent, excluded.traceparent)']],
    title: 'a moment scheduled again',
  },
  {
    tier: 'unit',
    test: 'packages/chassis/batcher.unit.test.ts',
    file: 'packages/chassis/batcher.ts',
    breaks: 'a micro-batch lends the trace of its first to the others',
    edits: [
      [
        'withTracesOf(\n        batch,\n        (one) => keysOf(one.item),\n        () => run(batch.map((one) => one.item)),\n      )',
        'run(batch.map((one) => one.item))',
      ],
    ],
    title: 'has the trace of that item',
  },
  {
    tier: 'int',
    test: 'services/inventory/trace.int.test.ts',
    file: 'services/inventory/batch.ts',
    breaks: 'stock moved by one order of a batch is told without its trace',
    edits: [['[request.orderId, ...request.lines.map((line) => line.sku)]', '[request.orderId]']],
    title: 'that only one of them moved has its trace',
  },
  {
    ...payments,
    file: 'services/payments/usecases.ts',
    breaks: 'the operations of a batch are worked under no trace of their orders',
    edits: [['withTraceOf(decision.payment.orderId, () => announce(tx, context, decision))', 'announce(tx, context, decision)']],
    title: 'what is told of each payment has the trace',
  },
  {
    ...payments,
    file: 'services/payments/usecases.ts',
    breaks: 'what is recorded of many payments at once has no trace',
    edits: [['createSharedWrite(BATCH, record, ({ op }) => [op.orderId])', 'createSharedWrite(BATCH, record)']],
    title: 'what is told of each payment has the trace',
  },
  {
    ...payments,
    file: 'services/payments/workers.ts',
    breaks: 'what a notice tells is under a trace of the notice',
    edits: [['await withTrace(traceparent, () => settle(', 'await withTrace(null, () => settle(']],
    title: 'what a notice of the provider tells',
  },
  {
    ...payments,
    file: 'services/payments/usecases.ts',
    breaks: 'a payment that begins in a batch forgets the trace of its request',
    edits: [['({ wanted }) => [wanted.orderId],', '() => [],']],
    title: 'what a notice of the provider tells',
  },
  {
    ...payments,
    file: 'services/payments/jobs.ts',
    breaks: 'operations that are woken together get the trace of who woke them',
    edits: [
      [
        'withoutTrace(() => stale.forEach((opId) => tx.schedule(operations, opId, 0)))',
        'stale.forEach((opId) => tx.schedule(operations, opId, 0))',
      ],
    ],
    title: 'when operations stand still and are woken together',
  },
  {
    ...mails,
    file: 'services/notifications/usecases/asking.ts',
    breaks: 'a mail is sent without the trace of its order',
    edits: [
      [
        'withTraceOf(message.about, () => tx.schedule(sendMessage, message.id, delaySeconds(message)))',
        'tx.schedule(sendMessage, message.id, delaySeconds(message))',
      ],
    ],
  },
  {
    ...mails,
    file: 'services/notifications/together.ts',
    breaks: 'mails of one moment are told without the traces of their orders',
    edits: [['({ message }) => [message.id],', '() => [],']],
  },
  {
    ...mails,
    file: 'packages/chassis/telemetry/log.ts',
    breaks: 'log lines do not say their trace',
    edits: [['    mixin: traced,\n', '']],
  },
]
