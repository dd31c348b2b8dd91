import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRequest, settingsOfFile } from './request.ts'

const folder = mkdtempSync(join(tmpdir(), 'stoa-request-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const services = ['cart', 'orders']
const file = (text: string) => {
  const path = join(folder, 'shop.env')
  writeFileSync(path, text)
  return path
}

test('a direction, its file and the flags are read in any order', () => {
  expect(readRequest(['--to', 'a.env'])).toEqual({ direction: 'to', file: 'a.env', replace: false, undo: false })
  expect(readRequest(['--replace', '--settings', 'x', '--from', 'a.env', '--undo'])).toEqual({
    direction: 'from',
    file: 'a.env',
    replace: true,
    undo: true,
  })
})

test.each([
  [[], 'say either --to FILE or --from FILE'],
  [['--to', 'a', '--from', 'b'], 'say either --to FILE or --from FILE'],
  [['--to'], '--to needs a file'],
  [['--to', '--replace'], '--to needs a file'],
  [['--to', 'a', '--force'], "'--force' is not known"],
])('%j is refused with the usage', (argv, message) => {
  expect(() => readRequest(argv)).toThrow(message)
  expect(() => readRequest(argv)).toThrow('npm run move -- --from FILE')
})

test('databases are those of the file alone, whatever the environment names', () => {
  const here = { STOA_DATABASE_URL: 'postgresql://here', STOA_DATABASE_URL_CART: 'postgresql://cart', STOA_DATA_DIR: '/srv/shop' }
  const { settings, keyFile } = settingsOfFile(
    file('STOA_DATABASE_URL=postgresql://a:b@there/postgres\nSTOA_DATABASE_PREFIX=x_\nSTOA_DATA_DIR=/elsewhere\n# a remark\n'),
    here,
    services,
  )
  expect([settings.databaseUrl, settings.databasePrefix, [...settings.databaseUrls], settings.dataDir, keyFile]).toEqual([
    'postgresql://a:b@there/postgres',
    'x_',
    [],
    '/srv/shop',
    undefined,
  ])
  expect(settingsOfFile(file('STOA_DATABASE_URL=x\nSTOA_ROOT_KEY_FILE=/keys/root.key'), here, services).keyFile).toBe('/keys/root.key')
})

test('a file that leaves the database of a service open is refused, with its name', () => {
  expect(() => settingsOfFile(file('STOA_PORT=1'), {}, services)).toThrow('names no STOA_DATABASE_URL')
  expect(() => settingsOfFile(file('STOA_DATABASE_URL_CART=x'), {}, services)).toThrow('nor a database of its own for orders')
  expect(settingsOfFile(file('STOA_DATABASE_URL_CART=x\nSTOA_DATABASE_URL_ORDERS=y'), {}, services).settings.databaseUrl).toBe('')
  expect(() => settingsOfFile(join(folder, 'none.env'), {}, services)).toThrow('there is no such file')
})
