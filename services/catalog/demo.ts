/** The goods of the demo shop come in by the same way as a merchant's. */
import type { Job } from '@stoa/chassis/service.ts'
import { Demo } from '@stoa/chassis/settings.ts'
import { BatchGatherer } from './domain/import-file.ts'
import { beginDemoImport } from './store/imports.ts'
import { isEmpty } from './store/products.ts'
import { importWork } from './workers.ts'

/** The one demo import a shop ever has. */
const DEMO_IMPORT_ID = '00000000-0000-7000-8000-00000000de30'

export const openDemo: Job['run'] = async ({ db, transaction, setting }) => {
  if (setting(Demo) === 'off' || !(await isEmpty(db))) return
  const { demoProducts } = await import('@stoa/demo/products.ts')
  const gatherer = new BatchGatherer()
  const batches: string[] = []
  for (const [index, product] of demoProducts().entries()) {
    const batch = gatherer.add({ line: index + 1, product })
    if (batch !== undefined) batches.push(batch)
  }
  const last = gatherer.end()
  if (last !== undefined) batches.push(last)
  await transaction(async (tx) => {
    if (await beginDemoImport(tx, DEMO_IMPORT_ID, batches)) tx.schedule(importWork, DEMO_IMPORT_ID, 0)
  })
}
