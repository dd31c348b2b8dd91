import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startShop } from '../support/shop.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'stoa-start-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

/** Command lines of processes that work on the data folder. */
function processesOn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [command] : []
      } catch {
        return []
      }
    })
}

test('when one part cannot start, the shop says why, ends, and leaves nothing running; the next start works', async () => {
  const obstacle = join(dataDir, 'sandbox')
  writeFileSync(obstacle, 'a file where a folder should be')
  await expect(startShop({ dataDir })).rejects.toThrow('Stoa did not start')
  await expect.poll(() => processesOn(dataDir), { timeout: 30_000 }).toEqual([])
  rmSync(obstacle)
  const shop = await startShop({ dataDir })
  expect(await shop.stop()).toBe(0)
  expect(processesOn(dataDir)).toEqual([])
}, 120_000)
