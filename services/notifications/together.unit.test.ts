import type { Db, Statement, Tx } from '@stoa/chassis/database/sql.ts'
import type { Task } from '@stoa/chassis/service.ts'
import { expect, test } from 'vitest'
import type { MessageRow } from './store.ts'
import { beginHandover, endTry, type Outcome } from './together.ts'

/** A database in which every message is as it is wished to be; it remembers how many statements came. */
function willing() {
  const statements: Statement[] = []
  const rows = (statement: Statement) => {
    statements.push(statement)
    return Promise.resolve((statement.values[0] as string[]).map((id) => ({ id })))
  }
  return { statements, db: { rows } as unknown as Db }
}

const handing = (id: string) => ({ id, accountId: null, toSealed: 'to', subjectSealed: 'subject' })

test('handovers of one moment begin in one statement; of two of one message, one alone begins', async () => {
  const { statements, db } = willing()
  const begun = await Promise.all(['a', 'b', 'a', 'c'].map((id) => beginHandover(db)(handing(id))))
  expect(begun).toEqual([true, true, false, true])
  expect(statements).toHaveLength(1)
  expect(new Set(statements[0]?.values[0] as string[])).toEqual(new Set(['a', 'b', 'c']))
})

test('tries of one moment end in one transaction; of two of one message the first is told, and both tasks are let go', async () => {
  const { statements, db } = willing()
  const told: unknown[] = []
  const finished: string[] = []
  const tx = { ...db, publish: (_: unknown, data: { messageId: string }) => told.push(data.messageId) } as unknown as Tx
  const ending = (id: string, key: string): Outcome => ({
    task: { key, finish: async () => finished.push(key) > 0 } as unknown as Task,
    message: { id, template: 'welcome' } as MessageRow,
    from: 'sending',
    step: { state: 'sent' },
    context: { transaction: (work) => work(tx) },
  })
  await Promise.all([ending('a', 'first'), ending('b', 'second'), ending('a', 'third')].map((one) => endTry(db)(one)))
  expect([statements.length, told.toSorted(), finished.toSorted()]).toEqual([1, ['a', 'b'], ['first', 'second', 'third']])
})
