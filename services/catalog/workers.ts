/** Works through imports, batch by batch; killed anywhere, it goes on where the last commit left it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isRefusal } from '@stoa/chassis/contract.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import { isTransient } from '@stoa/chassis/fault.ts'
import { worker, type CallFn, type Task, type Worker } from '@stoa/chassis/service.ts'
import { CountIndexed } from '@stoa/contracts/search.ts'
import { decideBatch, type Checked } from './domain/import.ts'
import type { Entry } from './domain/import-file.ts'
import { messageOf } from './domain/messages.ts'
import { advanceImport, failImport, findImport, finishImport, readBatch, type ImportRow } from './store/imports.ts'
import { countActive, lockProducts, ownersOf, productsById } from './store/products.ts'
import { checkProduct, handOver, saveChanges, SkusTaken } from './usecases.ts'

/** Short leases, so that another process goes on soon after a kill; work is handed back before they end. */
const LEASE_SECONDS = 20
const SLICE_MS = 8000
/** A batch that fails for a reason of its own is given up after this many tries. */
const TRIES_MAX = 5
const INDEX_POLL_MS = 100

type Context = Parameters<Worker['run']>[1]

export const importWork: Worker = worker('catalog.import', { concurrency: 1, leaseSeconds: LEASE_SECONDS }, async (task, context) => {
  try {
    await workSlice(task, context)
  } catch (error) {
    if (isTransient(error) || task.attempts < TRIES_MAX) throw error
    context.log.error({ importId: task.key, error }, 'an import was given up')
    await context.transaction(async (tx) => {
      await failImport(tx, task.key, { line: 0, code: 'internal', message: 'the import met a fault of the shop and was given up here' })
      await task.finish(tx)
    })
  }
})

async function workSlice(task: Task, context: Context): Promise<void> {
  const { db, transaction, call } = context
  const until = performance.now() + SLICE_MS
  while (performance.now() < until) {
    const found = await findImport(db, task.key)
    if (!found || found.state !== 'running') return transaction(async (tx) => void (await task.finish(tx)))
    if (found.pending.length > 0) await handOver(call, await productsById(db, found.pending))
    if (found.applied < found.batches) await applyBatch(found, context)
    else if (found.origin !== 'demo' || (await indexed(context))) return transaction((tx) => finish(tx, task))
    else await sleep(INDEX_POLL_MS)
  }
  await transaction(async (tx) => {
    if (await task.finish(tx)) tx.schedule(importWork, task.key, 0)
  })
}

async function finish(tx: Tx, task: Task): Promise<void> {
  await finishImport(tx, task.key)
  await task.finish(tx)
}

/** The demo shop opens when its goods can be found as well as bought. */
async function indexed({ db, call }: { db: Context['db']; call: CallFn }): Promise<boolean> {
  const answered = await call(CountIndexed, {})
  return !isRefusal(answered) && answered.products >= (await countActive(db))
}

/** One batch in one transaction: rows, events, counts, errors and position, or nothing. */
async function applyBatch(found: ImportRow, { db, transaction, newId, now }: Context): Promise<void> {
  const entries = await readBatch(db, found.id, found.applied)
  if (!entries) throw new Error(`batch ${found.applied} of import ${found.id} is not there`)
  const lines = entries.map(check)
  const skus = [...new Set(lines.flatMap((one) => ('content' in one ? one.content.variants.map((variant) => variant.sku) : [])))]
  await transaction(async (tx) => {
    const owners = await ownersOf(tx, skus)
    const products = await lockProducts(tx, [...new Set(owners.values())])
    const decided = decideBatch(lines, { owners, products }, { newId, now: now.toISOString() })
    if (!(await advanceImport(tx, found.id, found.applied, decided))) throw new Error('another process went on with this import')
    const saved = await saveChanges(tx, decided.changes, newId)
    // Somebody made a product with one of these SKUs since they were looked up: the next try sees it.
    if (saved instanceof SkusTaken) throw new Error('SKUs were taken meanwhile')
  })
}

function check(entry: Entry): Checked {
  if ('code' in entry) return entry
  const given = 'text' in entry ? parsed(entry.text) : { value: entry.product }
  if (!given) return { line: entry.line, code: 'invalid-json', message: 'is not JSON' }
  const checked = checkProduct(given.value)
  if ('errors' in checked) return { line: entry.line, code: 'invalid-request', message: messageOf(checked.errors) }
  if (checked.content.status === 'archived')
    return { line: entry.line, code: 'invalid-request', message: 'status must be "active" or "draft"' }
  return { line: entry.line, content: checked.content }
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
