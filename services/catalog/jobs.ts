import { job } from '@stoa/chassis/service.ts'
import { sweepImports } from './store/imports.ts'

const EVERY_SECONDS = 600
/** An upload that stores nothing for this long is broken. */
const BROKEN_AFTER_MINUTES = 60
const ENDED_AFTER_DAYS = 30

export const sweep = job('catalog.sweep-imports', EVERY_SECONDS, async ({ transaction, log }) => {
  const swept = await transaction((tx) => sweepImports(tx, BROKEN_AFTER_MINUTES, ENDED_AFTER_DAYS))
  if (swept > 0) log.info({ swept }, 'old imports were forgotten')
})
