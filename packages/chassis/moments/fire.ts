/** One step of timers and tasks. A late timer is only another compare-and-set: its handler looks at the state it finds. */
import { failPoint } from '../fail-point.ts'
import { withTrace } from '../telemetry/trace.ts'
import type { ClaimedTask, DueMoment, MomentStore } from './ports.ts'

const TIMERS_AT_ONCE_MAX = 100
const BACKOFF_SECONDS_MAX = 300

/** Fires due timers, each under its trace and in a savepoint of one transaction; a failing one is put back with growing delay. Answers how many were due. */
export async function fireTimers<Tx>(
  store: MomentStore<Tx>,
  names: readonly string[],
  run: (moment: DueMoment, tx: Tx) => Promise<void>,
  onError: (moment: DueMoment, error: unknown) => void,
): Promise<number> {
  if (names.length === 0) return 0
  return store.transaction(async (tx) => {
    const due = await store.takeDue(tx, names, TIMERS_AT_ONCE_MAX)
    failPoint('timers.after-take')
    for (const moment of due)
      await withTrace(moment.traceparent, async () => {
        try {
          await store.savepoint(tx, () => run(moment, tx))
        } catch (error) {
          onError(moment, error)
          await store.postpone(tx, moment, backoffSeconds(moment.attempts), String(error))
        }
      })
    failPoint('timers.before-commit')
    return due.length
  })
}

/**
 * Works one claimed task, under its trace. `run` answers whether it finished or postponed the task; what it leaves open, or throws, gives the task
 * back for later. Never throws: a task that cannot even be given back is free again when its lease runs out.
 */
export function workTask<Tx>(
  store: MomentStore<Tx>,
  task: ClaimedTask,
  run: (task: ClaimedTask) => Promise<boolean>,
  onError: (task: ClaimedTask, error: unknown) => void,
): Promise<void> {
  return withTrace(task.traceparent, async () => {
    let failure: string | null = null
    let done = false
    try {
      done = await run(task)
    } catch (error) {
      onError(task, error)
      failure = String(error)
    }
    failPoint('task.after-run')
    if (done) return
    try {
      await store.release(task, backoffSeconds(task.attempts), failure)
    } catch (error) {
      onError(task, error)
    }
  })
}

/** Growing delay with jitter: 1, 2, 4 … 300 s. */
export function backoffSeconds(attempts: number): number {
  const whole = Math.min(BACKOFF_SECONDS_MAX, 2 ** Math.min(attempts, 16))
  return whole * (0.75 + Math.random() * 0.5)
}
