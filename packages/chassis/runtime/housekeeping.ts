/** The loops of timers, workers and jobs. */
import { SOON_SECONDS } from '../database/database.ts'
import { sql } from '../database/sql.ts'
import { fireTimers, workTask } from '../moments/fire.ts'
import type { ClaimedTask } from '../moments/ports.ts'
import type { PostgresMoments } from '../moments/postgres-moments.ts'
import type { Job, ServiceDefinition, Task, Timer, Worker } from '../service.ts'
import type { Signals } from '../signals.ts'
import { withTrace } from '../telemetry/trace.ts'
import { sweepKeys } from './idempotency.ts'
import { runLoop } from './loops.ts'
import type { ServiceRuntime } from './service-runtime.ts'

const REST_MS_MAX = SOON_SECONDS * 1000
const REST_MS_MIN = 5
const REST_MS_RIVAL = 50
const JOB_REST_MS = 1000
const JOB_LEASE_SECONDS = 120

const timersOf = (service: string) => `timers:${service}`
const tasksOf = (service: string, worker: string) => `tasks:${service}:${worker}`

/** Wakes the loops of a service that wait for these moments, by name; without names, all of them. */
export function wakeMoments(signals: Signals, { name, timers, workers }: ServiceDefinition, names?: ReadonlySet<string>): void {
  if (timers?.some((one) => !names || names.has(one.name))) signals.raise(timersOf(name))
  for (const worker of workers ?? []) if (!names || names.has(worker.name)) signals.raise(tasksOf(name, worker.name))
}

/** Starts the loop of the timers and one loop per worker. */
export function startMoments(service: ServiceRuntime): Promise<void>[] {
  const store = service.moments()
  const timers = service.definition.timers ?? []
  const workers = service.definition.workers ?? []
  return [...(timers.length > 0 ? [timerLoop(service, store, timers)] : []), ...workers.map((worker) => workerLoop(service, store, worker))]
}

function timerLoop(service: ServiceRuntime, store: PostgresMoments, timers: readonly Timer[]): Promise<void> {
  const { signals, log, metrics } = service.parts
  const names = timers.map((one) => one.name)
  const byName = new Map(timers.map((one) => [one.name, one]))
  return runLoop({
    name: `${service.service}.timers`,
    signals,
    wakeUp: timersOf(service.service),
    stop: service.stopSignal,
    log,
    step: async () => {
      const seconds = await store.secondsUntilNext(names)
      if (seconds === undefined || seconds > 0) return restFor(seconds)
      const due = await fireTimers(
        store,
        names,
        async (moment, tx) => {
          await (byName.get(moment.name) as Timer).run(moment.key, { ...service.common(), tx, data: moment.data })
          metrics.moments.inc({ service: service.service, name: moment.name, outcome: 'done' })
        },
        (moment, error) => {
          metrics.moments.inc({ service: service.service, name: moment.name, outcome: 'failed' })
          log.error({ timer: moment.name, error }, 'a timer failed and will fire again')
        },
      )
      // None although one is due: a rival is firing it.
      return due > 0 ? 0 : REST_MS_RIVAL
    },
  })
}

function workerLoop(service: ServiceRuntime, store: PostgresMoments, worker: Worker): Promise<void> {
  const { signals, log } = service.parts
  const wakeUp = tasksOf(service.service, worker.name)
  const running = new Set<Promise<void>>()
  const start = (task: ClaimedTask) => {
    const work = runTask(service, store, worker, task).then((isOver) => {
      // A task that is over makes nothing due; it only makes room, if somebody waits for that.
      const madeRoom = running.size >= worker.concurrency
      running.delete(work)
      if (madeRoom || !isOver) signals.raise(wakeUp)
    })
    running.add(work)
  }
  const loop = runLoop({
    name: `${service.service}.${worker.name}`,
    signals,
    wakeUp,
    stop: service.stopSignal,
    log,
    step: async () => {
      const free = worker.concurrency - running.size
      const tasks = free > 0 ? await store.claim(worker.name, free, worker.leaseSeconds) : []
      for (const task of tasks) start(task)
      if (tasks.length < free) return restFor(await store.secondsUntilNext([worker.name]))
      // More may be due: looked for at once if there is room by now, else when there is.
      return running.size < worker.concurrency ? 0 : REST_MS_MAX
    },
  })
  return loop.then(async () => {
    await Promise.allSettled(running)
  })
}

function restFor(seconds: number | undefined): number {
  return seconds === undefined ? REST_MS_MAX : Math.min(REST_MS_MAX, Math.max(REST_MS_MIN, seconds * 1000))
}

/** Works a task. Answers whether it is over: false when it comes again, by its own will or because it failed. Never throws. */
async function runTask(service: ServiceRuntime, store: PostgresMoments, worker: Worker, claimed: ClaimedTask): Promise<boolean> {
  const { log, metrics } = service.parts
  const count = (outcome: string) => metrics.moments.inc({ service: service.service, name: worker.name, outcome })
  let settled = false
  let isOver = false
  const task: Task = {
    key: claimed.key,
    data: claimed.data,
    attempts: claimed.attempts,
    finish: async (tx) => {
      const finish = await store.finish(tx, claimed)
      settled = finish !== 'lost'
      isOver = finish === 'done'
      return settled
    },
    retryIn: async (tx, seconds) => {
      await store.release(claimed, seconds, null, tx)
      settled = true
    },
  }
  // Not AbortSignal.timeout: its timer outlives the task, and thousands of them would wait for their lease to pass.
  const lease = new AbortController()
  const leaseTimer = setTimeout(
    () => lease.abort(new DOMException('the lease of the task has passed', 'TimeoutError')),
    worker.leaseSeconds * 1000,
  )
  leaseTimer.unref()
  const context = {
    ...service.common(),
    db: service.database,
    transaction: service.database.retriedTransaction.bind(service.database),
    call: service.call,
    signal: lease.signal,
  }
  await workTask(
    store,
    claimed,
    async () => {
      await worker.run(task, context)
      count('done')
      return settled
    },
    (_, error) => {
      count('failed')
      isOver = false
      log.warn({ worker: worker.name, attempts: claimed.attempts, error }, 'a task failed and will be tried again')
    },
  ).finally(() => clearTimeout(leaseTimer))
  return isOver
}

/** Starts the loop of the jobs: the service's own and the chassis' (abandoned requests, old keys). */
export function startJobs(service: ServiceRuntime): Promise<void>[] {
  const own = service.definition.jobs ?? []
  const resumes = (service.definition.routes ?? []).some(
    (one) => one.style === 'orchestrate' && one.contract.kind === 'route' && one.contract.idempotencyKey === 'required',
  )
  const jobs: Job[] = [...own, { name: 'chassis.sweep-keys', everySeconds: 3600, run: async ({ db }) => void (await sweepKeys(db)) }]
  if (resumes) jobs.push({ name: 'chassis.resume-requests', everySeconds: 10, run: async () => void (await service.resumeAbandoned()) })
  return [jobLoop(service, jobs)]
}

function jobLoop(service: ServiceRuntime, jobs: readonly Job[]): Promise<void> {
  const { signals, log } = service.parts
  const { database } = service
  const next = new Map<string, number>()
  let raised = 0
  return runLoop({
    name: `${service.service}.jobs`,
    signals,
    wakeUp: `jobs:${service.service}`,
    stop: service.stopSignal,
    log,
    step: async () => {
      // Somebody asked for a look at once (a test that moved the clock).
      if (signals.count(`jobs:${service.service}`) !== raised) next.clear()
      raised = signals.count(`jobs:${service.service}`)
      for (const job of jobs) {
        if (service.stopSignal.aborted || (next.get(job.name) ?? 0) > Date.now()) continue
        next.set(job.name, Date.now() + job.everySeconds * 1000)
        if (!(await leaseJob(service, job))) continue
        await withTrace(null, () => runJob(service, job))
        await database.run(sql`UPDATE chassis.job_runs SET leased_until = NULL WHERE name = ${job.name}`)
      }
      return JOB_REST_MS
    },
  })
}

/** Runs a job. Never throws: it comes again anyway. */
async function runJob(service: ServiceRuntime, job: Job): Promise<void> {
  const { log, metrics } = service.parts
  const { database } = service
  try {
    await job.run({
      ...service.common(),
      db: database,
      transaction: database.retriedTransaction.bind(database),
      call: service.call,
      signal: service.stopSignal,
    })
    metrics.moments.inc({ service: service.service, name: job.name, outcome: 'done' })
  } catch (error) {
    metrics.moments.inc({ service: service.service, name: job.name, outcome: 'failed' })
    log.warn({ job: job.name, error }, 'a job failed and will run again')
  }
}

/** One process at a time, and not sooner than it is due, by the database's clock. */
async function leaseJob(service: ServiceRuntime, job: Job): Promise<boolean> {
  const leased = await service.database.run(sql`
    INSERT INTO chassis.job_runs AS j (name, due_at, leased_until)
    VALUES (${job.name}, clock_timestamp() + make_interval(secs => ${job.everySeconds}::float8), clock_timestamp() + make_interval(secs => ${JOB_LEASE_SECONDS}))
    ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at, leased_until = excluded.leased_until
    WHERE j.due_at <= clock_timestamp() + interval '50 milliseconds' AND (j.leased_until IS NULL OR j.leased_until <= clock_timestamp())`)
  return leased === 1
}
