/** Timers and tasks. */
import assert from 'node:assert/strict'
import type { ClaimedTask, Finish } from '../moments/ports.ts'
import { withoutTrace, withTrace } from '../telemetry/trace.ts'
import { gate, isStillWaiting } from './patience.ts'
import type { Case, Rig } from './ports-suite.ts'

const NAME = 'bell'
const LEASE_SECONDS = 10

async function schedule<Tx>({ here }: Rig<Tx>, key: string, delaySeconds: number, data: unknown = null): Promise<void> {
  await here.moments.transaction(async (tx) => here.schedule(tx, NAME, key, delaySeconds, data))
}

async function takeDue<Tx>({ here }: Rig<Tx>, limit = 10): Promise<string[]> {
  return (await here.moments.transaction((tx) => here.moments.takeDue(tx, [NAME], limit))).map((one) => one.key)
}

async function claim<Tx>(rig: Rig<Tx>, limit = 10): Promise<ClaimedTask[]> {
  return rig.here.moments.claim(NAME, limit, LEASE_SECONDS)
}

async function claimOne<Tx>(rig: Rig<Tx>): Promise<ClaimedTask> {
  const [task] = await claim(rig)
  assert.ok(task, 'nothing to claim')
  return task
}

async function finish<Tx>({ here }: Rig<Tx>, task: ClaimedTask): Promise<Finish> {
  return here.moments.transaction((tx) => here.moments.finish(tx, task))
}

const ONE = { parent: `00-${'1'.repeat(32)}-${'e'.repeat(16)}-01`, id: '1'.repeat(32) }
const OTHER = { parent: `00-${'2'.repeat(32)}-${'e'.repeat(16)}-01`, id: '2'.repeat(32) }
const traceOf = (moment: { traceparent: string | null } | undefined) => moment?.traceparent?.slice(3, 35)

class Undo extends Error {}
const undo = (error: unknown) => assert.ok(error instanceof Undo, String(error))

const timerCases: Case[] = [
  {
    title: 'the seconds to the next moment are those to the earliest of the names asked for',
    run: async (rig) => {
      const { moments } = rig.here
      assert.equal(await moments.secondsUntilNext([NAME]), undefined)
      await schedule(rig, 'far', 600)
      await schedule(rig, 'near', 60)
      const seconds = (await moments.secondsUntilNext([NAME, 'other'])) ?? -1
      assert.ok(seconds > 50 && seconds <= 60, `${seconds}`)
      assert.equal(await moments.secondsUntilNext(['other']), undefined)
      await rig.world.advance(61)
      assert.equal(await moments.secondsUntilNext([NAME]), 0)
    },
  },
  {
    title: 'timers are taken when they are due, at most as many as asked for, with their data',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 10, { so: 'much' })
      await schedule(rig, 'b', 20)
      await schedule(rig, 'c', 300)
      assert.deepEqual(await takeDue(rig), [])
      await rig.world.advance(30)
      const [first, ...others] = await moments.transaction((tx) => moments.takeDue(tx, [NAME], 1))
      assert.deepEqual([first, others], [{ name: NAME, key: 'a', data: { so: 'much' }, attempts: 0, traceparent: null }, []])
      assert.deepEqual(await takeDue(rig), ['b'])
      assert.deepEqual(await takeDue(rig), [])
    },
  },
  {
    title: 'a timer taken by a transaction that rolls back is there again',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 0)
      const failed = moments.transaction(async (tx) => {
        assert.equal((await moments.takeDue(tx, [NAME], 10)).length, 1)
        throw new Undo()
      })
      await failed.catch(undo)
      assert.deepEqual(await takeDue(rig), ['a'])
    },
  },
  {
    title: 'a timer that a rival is firing is passed over',
    run: async (rig) => {
      await schedule(rig, 'a', 0)
      const taken = gate()
      const end = gate()
      const rival = rig.rival.moments.transaction(async (tx) => {
        const due = await rig.rival.moments.takeDue(tx, [NAME], 10)
        taken.open()
        await end.passed
        return due
      })
      await taken.passed
      try {
        assert.deepEqual(await takeDue(rig), [])
      } finally {
        end.open()
        await rival
      }
      assert.deepEqual(
        (await rival).map((one) => one.key),
        ['a'],
      )
      assert.deepEqual(await takeDue(rig), [])
    },
  },
  {
    title: 'a timer put back after its handler failed comes later, one attempt older',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 0, 7)
      await moments.transaction(async (tx) => {
        const [moment] = await moments.takeDue(tx, [NAME], 10)
        assert.ok(moment)
        await moments.postpone(tx, moment, 60, 'Error: no')
      })
      assert.deepEqual(await takeDue(rig), [])
      await rig.world.advance(61)
      const again = { name: NAME, key: 'a', data: 7, attempts: 1, traceparent: null }
      assert.deepEqual(await moments.transaction((tx) => moments.takeDue(tx, [NAME], 10)), [again])
    },
  },
  {
    title: 'a timer scheduled again is moved, and fires once',
    run: async (rig) => {
      await schedule(rig, 'a', 0, 'first')
      await schedule(rig, 'a', 60, 'second')
      assert.deepEqual(await takeDue(rig), [])
      await rig.world.advance(61)
      const due = await rig.here.moments.transaction((tx) => rig.here.moments.takeDue(tx, [NAME], 10))
      assert.deepEqual(
        due.map((one) => one.data),
        ['second'],
      )
    },
  },
  {
    title: 'a timer that schedules itself while it fires comes again',
    run: async (rig) => {
      const { here } = rig
      await schedule(rig, 'a', 0)
      await here.moments.transaction(async (tx) => {
        assert.equal((await here.moments.takeDue(tx, [NAME], 10)).length, 1)
        here.schedule(tx, NAME, 'a', 60, 'again')
      })
      assert.deepEqual(await takeDue(rig), [])
      await rig.world.advance(61)
      assert.deepEqual(await takeDue(rig), ['a'])
    },
  },
  {
    title: 'a moment scheduled while a rival fires it waits for the rival and is there after it',
    run: async (rig) => {
      await schedule(rig, 'a', 0)
      const taken = gate()
      const end = gate()
      const firing = rig.rival.moments.transaction(async (tx) => {
        await rig.rival.moments.takeDue(tx, [NAME], 10)
        taken.open()
        await end.passed
      })
      await taken.passed
      const scheduling = schedule(rig, 'a', 60)
      try {
        assert.equal(await isStillWaiting(scheduling, rig.patienceMs), true)
      } finally {
        end.open()
      }
      await Promise.all([firing, scheduling])
      await rig.world.advance(61)
      assert.deepEqual(await takeDue(rig), ['a'])
    },
  },
  {
    title: 'what is unscheduled does not come, unless it has begun',
    run: async (rig) => {
      const { here } = rig
      const unschedule = () => here.moments.transaction(async (tx) => here.unschedule(tx, NAME, 'a'))
      await schedule(rig, 'a', 0)
      await unschedule()
      assert.deepEqual(await takeDue(rig), [])
      await schedule(rig, 'a', 0)
      const task = await claimOne(rig)
      await unschedule()
      assert.equal(await finish(rig, task), 'done')
    },
  },
]

const taskCases: Case[] = [
  {
    title: 'a claimed task is nobody else’s until its lease runs out',
    run: async (rig) => {
      await schedule(rig, 'a', 0, 'data')
      const task = await claimOne(rig)
      assert.deepEqual([task.name, task.key, task.data, task.attempts], [NAME, 'a', 'data', 0])
      assert.deepEqual(await claim(rig), [])
      await rig.world.advance(LEASE_SECONDS + 1)
      const again = await claimOne(rig)
      assert.equal(again.attempts, 1)
      assert.notEqual(again.lease, task.lease)
    },
  },
  {
    title: 'a lost lease can neither finish nor give back',
    run: async (rig) => {
      await schedule(rig, 'a', 0)
      const lost = await claimOne(rig)
      await rig.world.advance(LEASE_SECONDS + 1)
      const held = await claimOne(rig)
      assert.equal(await finish(rig, lost), 'lost')
      await rig.here.moments.release(lost, 600, 'late')
      assert.equal(await finish(rig, held), 'done')
      assert.deepEqual((await rig.world.books()).moments, [])
      assert.equal(await finish(rig, held), 'lost')
    },
  },
  {
    title: 'a task finished in a transaction that rolls back is not finished',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 0)
      const task = await claimOne(rig)
      const failed = moments.transaction(async (tx) => {
        assert.equal(await moments.finish(tx, task), 'done')
        throw new Undo()
      })
      await failed.catch(undo)
      assert.equal(await finish(rig, task), 'done')
    },
  },
  {
    title: 'a task scheduled anew while it runs is done again after it',
    run: async (rig) => {
      await schedule(rig, 'a', 0, 'old')
      const task = await claimOne(rig)
      await schedule(rig, 'a', 0, 'new')
      assert.deepEqual(await claim(rig), [])
      assert.equal(await finish(rig, task), 'again')
      const again = await claimOne(rig)
      assert.deepEqual([again.data, again.attempts], ['new', 0])
    },
  },
  {
    title: 'a task given back comes later; one scheduled anew meanwhile keeps its new time',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 0)
      const task = await claimOne(rig)
      await moments.release(task, 60, 'busy')
      assert.deepEqual(await claim(rig), [])
      await rig.world.advance(61)
      const second = await claimOne(rig)
      assert.equal(second.attempts, 1)
      await schedule(rig, 'a', 0)
      await moments.release(second, 600, 'busy')
      assert.equal((await claim(rig)).length, 1)
    },
  },
  {
    title: 'a task given back in a transaction is given back with it',
    run: async (rig) => {
      const { moments } = rig.here
      await schedule(rig, 'a', 0)
      const task = await claimOne(rig)
      const failed = moments.transaction(async (tx) => {
        await moments.release(task, 0, null, tx)
        throw new Undo()
      })
      await failed.catch(undo)
      assert.deepEqual(await claim(rig), [])
      await moments.transaction((tx) => moments.release(task, 0, null, tx))
      assert.equal((await claim(rig)).length, 1)
    },
  },
  {
    title: 'rivals that claim at once share the tasks, each to one of them',
    run: async (rig) => {
      for (let index = 0; index < 20; index++) await schedule(rig, `task-${index}`, 0)
      const claimed = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 ? rig.here : rig.rival).moments.claim(NAME, 4, LEASE_SECONDS)),
      )
      const keys = [...claimed.flat(), ...(await claim(rig, 50))].map((one) => one.key)
      assert.deepEqual([keys.length, new Set(keys).size], [20, 20])
    },
  },
]

const traceCases: Case[] = [
  {
    title: 'a timer keeps the trace of what scheduled it, also when it is put back',
    run: async (rig) => {
      const { moments } = rig.here
      await withTrace(ONE.parent, () => schedule(rig, 'a', 0))
      await withTrace(OTHER.parent, () =>
        moments.transaction(async (tx) => {
          const [moment] = await moments.takeDue(tx, [NAME], 10)
          assert.ok(moment)
          assert.equal(traceOf(moment), ONE.id)
          await moments.postpone(tx, moment, 60, 'Error: no')
        }),
      )
      await rig.world.advance(61)
      const [again] = await moments.transaction((tx) => moments.takeDue(tx, [NAME], 10))
      assert.equal(traceOf(again), ONE.id)
    },
  },
  {
    title: 'a task keeps the trace of what scheduled it, whoever claims it and however often',
    run: async (rig) => {
      await withTrace(ONE.parent, () => schedule(rig, 'a', 0))
      const task = await withTrace(OTHER.parent, () => claimOne(rig))
      assert.equal(traceOf(task), ONE.id)
      await withTrace(OTHER.parent, () => rig.here.moments.release(task, 60, 'busy'))
      await rig.world.advance(61)
      assert.equal(traceOf(await claimOne(rig)), ONE.id)
    },
  },
  {
    title: 'a moment scheduled again goes on with the newest trace, or with its own when there is no newer one',
    run: async (rig) => {
      await withTrace(ONE.parent, () => schedule(rig, 'a', 0))
      await withTrace(OTHER.parent, () => schedule(rig, 'a', 0))
      await withoutTrace(() => schedule(rig, 'a', 0))
      assert.equal(traceOf(await claimOne(rig)), OTHER.id)
    },
  },
  {
    title: 'what is scheduled by several in one transaction has the trace of each',
    run: async (rig) => {
      await rig.here.moments.transaction(async (tx) => {
        withTrace(ONE.parent, () => rig.here.schedule(tx, NAME, 'a', 0, null))
        withTrace(OTHER.parent, () => rig.here.schedule(tx, NAME, 'b', 0, null))
        withoutTrace(() => rig.here.schedule(tx, NAME, 'c', 0, null))
      })
      const tasks = await claim(rig)
      assert.deepEqual(
        new Map(tasks.map((task) => [task.key, traceOf(task)])),
        new Map([
          ['a', ONE.id],
          ['b', OTHER.id],
          ['c', undefined],
        ]),
      )
    },
  },
]

export const momentCases: readonly Case[] = [...timerCases, ...taskCases, ...traceCases]
