/** The files of a new room: small, whole and working, as a beginning to change. */

/** The forms in which a service's name is written. */
export interface Names {
  /** `wish-list`: folder, service, topic. */
  readonly kebab: string
  /** `WishList`: contracts. */
  readonly pascal: string
  /** `wish_list`: tables. */
  readonly snake: string
}

/** Throws: when `name` is no name for a service. */
export function namesOf(name: string): Names {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name)) throw new Error(`'${name}' is no name for a service: lower-case words with hyphens, e.g. wishlist`)
  const pascal = name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
  return { kebab: name, pascal, snake: name.replaceAll('-', '_') }
}

/** Texts by path. */
export function roomFiles(names: Names): Map<string, string> {
  const folder = `services/${names.kebab}`
  return new Map([
    [`contracts/${names.kebab}.ts`, contract(names)],
    [`${folder}/README.md`, readme(names)],
    [`${folder}/service.ts`, service(names)],
    [`${folder}/routes.ts`, routes(names)],
    [`${folder}/store.ts`, store(names)],
    [`${folder}/migrations/0001-create-${names.kebab}-entries.sql`, migration(names)],
    [`${folder}/service.int.test.ts`, test(names)],
  ])
}

function contract({ kebab, pascal }: Names): string {
  return `/** Entries that an account keeps. */
import { event, object, route } from '@stoa/chassis/contract.ts'
import type { Static } from 'typebox'
import { Id, Line } from './shared.ts'

export const ${pascal}Entry = object({ entryId: Id, text: Line })
export type ${pascal}Entry = Static<typeof ${pascal}Entry>

export const Add${pascal}Entry = route('POST /${kebab}/entries', {
  summary: 'Adds an entry of mine.',
  permission: 'customer',
  class: 'cart',
  body: object({ text: Line }),
  output: ${pascal}Entry,
  status: 201,
  idempotencyKey: 'optional',
  refusals: { 'entry-exists': 409 },
})

export const ${pascal}EntryAdded = event('${pascal}EntryAdded', {
  summary: 'An account added an entry.',
  topic: '${kebab}.events',
  version: 1,
  key: 'accountId',
  data: object({ accountId: Id, entryId: Id }),
})
`
}

function readme({ kebab, pascal }: Names): string {
  return `# ${kebab}

Owns the entries that an account keeps.

- **Promises** an entry stands once per account: adding the same text again is refused with \`entry-exists\`, also when both come at once (a
  unique constraint decides). \`${pascal}EntryAdded\` is published with the row or not at all.
- **Never** tells one account of another's entries.

Door: \`POST /${kebab}/entries\` ([contract](../../contracts/${kebab}.ts)). Read on in [service.ts](service.ts), then [routes.ts](routes.ts).
`
}

function service({ kebab, pascal }: Names): string {
  return `import { defineService } from '@stoa/chassis/service.ts'
import { ${pascal}EntryAdded } from '@stoa/contracts/${kebab}.ts'
import { addEntry } from './routes.ts'

export default defineService({
  name: '${kebab}',
  owns: 'Entries that an account keeps.',
  routes: [addEntry],
  publishes: [${pascal}EntryAdded],
})
`
}

function routes({ kebab, pascal }: Names): string {
  return `import assert from 'node:assert/strict'
import { refuse } from '@stoa/chassis/contract.ts'
import { handle } from '@stoa/chassis/service.ts'
import { Add${pascal}Entry, ${pascal}EntryAdded } from '@stoa/contracts/${kebab}.ts'
import { insertEntry } from './store.ts'

export const addEntry = handle(Add${pascal}Entry, async ({ input, caller, tx, newId }) => {
  assert(caller.kind === 'account')
  const entry = { entryId: newId(), text: input.text }
  if (!(await insertEntry(tx, caller.accountId, entry))) return refuse('entry-exists')
  tx.publish(${pascal}EntryAdded, { accountId: caller.accountId, entryId: entry.entryId })
  return entry
})
`
}

function store({ kebab, pascal, snake }: Names): string {
  return `import { sql, type Tx } from '@stoa/chassis/database/sql.ts'
import type { ${pascal}Entry } from '@stoa/contracts/${kebab}.ts'

/** False when the account has an entry with this text. */
export async function insertEntry(tx: Tx, accountId: string, entry: ${pascal}Entry): Promise<boolean> {
  const inserted = await tx.run(sql\`
    INSERT INTO ${snake}_entries (id, account_id, text) VALUES (\${entry.entryId}, \${accountId}, \${entry.text})
    ON CONFLICT (account_id, text) DO NOTHING\`)
  return inserted === 1
}
`
}

function migration({ snake }: Names): string {
  return `CREATE TABLE ${snake}_entries (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (account_id, text)
);
`
}

function test({ kebab, pascal }: Names): string {
  return `import { openRoom, type Room } from '@stoa/chassis/testing/room.ts'
import { ${pascal}EntryAdded } from '@stoa/contracts/${kebab}.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import service from './service.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({ services: [service] })
})
afterAll(() => room.stop())

const add = (text: string, as = room.account()) => room.request('POST /api/${kebab}/entries', { body: { text }, as })

test('when an account adds an entry, answers it and publishes that it was added', async () => {
  const as = room.account()
  const answer = await add('a lamp', as)
  expect(answer).toMatchObject({ status: 201, body: { text: 'a lamp' } })
  await room.settled()
  expect(await room.events(${pascal}EntryAdded)).toContainEqual({ accountId: as.accountId, entryId: answer.body.entryId })
})

test('when the account has that entry, refuses with entry-exists and publishes nothing', async () => {
  const as = room.account()
  await add('a chair', as)
  expect(await add('a chair', as)).toMatchObject({ status: 409, body: { code: 'entry-exists' } })
  await room.settled()
  expect((await room.events(${pascal}EntryAdded)).filter((one) => one.accountId === as.accountId)).toHaveLength(1)
})

test('when another account has that entry, adds it', async () => {
  await add('a kettle')
  expect(await add('a kettle')).toMatchObject({ status: 201 })
})

test('when a guest asks, refuses with unauthenticated', async () => {
  const answer = await room.request('POST /api/${kebab}/entries', { body: { text: 'a mug' } })
  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
})
`
}
