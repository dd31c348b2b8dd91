import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, afterEach, expect, test } from 'vitest'
import { migrate } from '../database/migrate.ts'
import { makeDatabaseOf } from '../database/provision.ts'
import { readMark, type Mark } from '../database/residence.ts'
import { copyDatabase } from './copy.ts'
import { groundOf, rowsIn } from './ground.ts'
import { othersIn, setMark, takeHold, tryConnect, type Station } from './station.ts'
import { sumOf } from './sums.ts'
import { contentsOf } from './tables.ts'
import { atNext, atOld, dropHomes, makeHomes, type Homes } from './testing/homes.ts'

const SCHEMA = `
  CREATE SEQUENCE numbers START 100001;
  CREATE SEQUENCE never_used START 7;
  CREATE TABLE "Odd ""table""" ("select" text PRIMARY KEY, "Größe" real);
  CREATE TABLE kinds (name text PRIMARY KEY, parent text REFERENCES kinds);
  INSERT INTO kinds VALUES ('seed', NULL);
  CREATE TABLE people (id uuid PRIMARY KEY, friend uuid);
  CREATE TABLE a_pets (id uuid PRIMARY KEY, owner uuid NOT NULL REFERENCES people (id), kind text REFERENCES kinds);
  ALTER TABLE people ADD FOREIGN KEY (friend) REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED;
  CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
  CREATE TABLE postings (entry bigint NOT NULL REFERENCES entries (id), minor bigint NOT NULL);
  CREATE FUNCTION balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT coalesce(sum(minor), 1) FROM postings p WHERE p.entry = NEW.id) <> 0 THEN RAISE EXCEPTION 'entry % does not balance', NEW.id; END IF;
    RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER entries_balance AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION balanced();
  CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
  CREATE TRIGGER entries_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refused();
  CREATE TABLE things (id int PRIMARY KEY, doc json, docb jsonb, words tsvector, bytes bytea, at timestamptz, ids uuid[], single real, twice double precision,
    price bigint, doubled bigint GENERATED ALWAYS AS (price * 2) STORED, exact numeric);
`
const ROWS = `
  SELECT nextval('numbers'); SELECT nextval('numbers');
  INSERT INTO "Odd ""table""" VALUES ('tab	newline
\\.', 0.1), ('ß€😀', 'NaN');
  DELETE FROM kinds; INSERT INTO kinds VALUES ('dog', NULL), ('pug', 'dog');
  INSERT INTO people VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'), ('00000000-0000-0000-0000-000000000002', NULL);
  INSERT INTO a_pets VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'pug');
  BEGIN; INSERT INTO entries (note) VALUES ('first'), (NULL); INSERT INTO postings VALUES (1, 5), (1, -5), (2, 9007199254740993), (2, -9007199254740993); COMMIT;
  INSERT INTO things (id, doc, docb, words, bytes, at, ids, single, twice, price, exact)
    SELECT n, '{ "b": 1,  "a": [1.0] }', '{"b": 1, "a": null}', to_tsvector('simple', 'four fish ' || n), decode('00ff0a', 'hex'),
      '2026-03-29 01:59:59.123456+00', ARRAY[gen_random_uuid(), NULL], 1.1, 1e-300, n, 1.10 FROM generate_series(1, 5000) n;
  INSERT INTO things (id) VALUES (0);
  INSERT INTO chassis.replicas VALUES (gen_random_uuid(), now());
  INSERT INTO chassis.published VALUES ('order.events', 3, 812);
  INSERT INTO chassis.stream_head VALUES ('order.events', 3, gen_random_uuid(), 813);
  INSERT INTO chassis.consumer_position VALUES ('search', 'catalog.events', 1, gen_random_uuid(), 44);
  INSERT INTO chassis.outbox (stream, part, key, event_id, type, version, data) VALUES ('order.events', 3, 'k', gen_random_uuid(), 'OrderCreated', 1, '{}');
`
const open: Station[] = []
afterEach(async () => {
  for (const { client } of open.splice(0)) await client.end()
})

afterAll(dropHomes)

async function station(connection: pg.ClientConfig): Promise<Station> {
  const made = await tryConnect('room', connection as Parameters<typeof tryConnect>[1])
  if (!made) throw new Error('the database is not there')
  open.push(made)
  return made
}

async function homesWith(rows: string, schema = SCHEMA): Promise<{ homes: Homes; source: Station; target: Station }> {
  const homes = await makeHomes({ room: schema })
  const source = await station(atOld(homes, 'room'))
  await source.client.query(rows)
  expect(await tryConnect('room', atNext(homes, 'room'))).toBeUndefined()
  const target = await station(await makeDatabaseOf(homes.server, 'room', homes.next))
  return { homes, source, target }
}

const loaded = (): Omit<Mark, 'at'> => ({ move: randomUUID(), state: 'loaded', direction: 'to', other: 'there', shop: 'shop' })
const copy = (homes: Homes, source: Station, target: Station) =>
  copyDatabase({ source, target, migrations: homes.migrationsOf('room'), loaded: loaded(), goOn: () => {} })

test('every kind of value, constraint and sequence arrives as it was; what belongs to processes and to one Kafka does not', async () => {
  const { homes, source, target } = await homesWith(ROWS)
  const rows = await copy(homes, source, target)
  expect(rows).toBe((await rowsIn(source.client)) - 2)
  for (const table of (await contentsOf(source.client)).tables)
    if (!['chassis.replicas', 'chassis.published'].includes(table.name))
      expect([table.name, await sumOf(target.client, table)]).toEqual([table.name, await sumOf(source.client, table)])
  expect((await target.client.query('SELECT FROM chassis.replicas UNION ALL SELECT FROM chassis.published')).rowCount).toBe(0)
  expect(
    (await target.client.query(`SELECT nextval('numbers') AS number, nextval('never_used') AS unused, doubled FROM things WHERE id = 21`))
      .rows,
  ).toEqual([{ number: '100003', unused: '7', doubled: '42' }])
  expect(
    (
      await target.client.query(`INSERT INTO chassis.outbox (stream, part, key, event_id, type, version, data)
    VALUES ('s', 1, 'k', gen_random_uuid(), 'T', 1, '{}') RETURNING id`)
    ).rows,
  ).toEqual([{ id: '2' }])
  await expect(target.client.query(`INSERT INTO a_pets VALUES (gen_random_uuid(), gen_random_uuid(), NULL)`)).rejects.toThrow('foreign key')
  await expect(target.client.query(`INSERT INTO entries (note) VALUES ('lonely')`)).rejects.toThrow('entry 3 does not balance')
  expect(await groundOf(target.client, homes.migrationsOf('room'))).toBe('current')
  expect((await readMark(target.client))?.state).toBe('loaded')
})

test('copied again over an earlier copy, there is what there is now, and nothing of before', async () => {
  const { homes, source, target } = await homesWith(ROWS)
  await copy(homes, source, target)
  await source.client.query(`DELETE FROM things WHERE id > 10; INSERT INTO kinds VALUES ('cat', NULL)`)
  await copy(homes, source, target)
  expect(
    (await target.client.query('SELECT count(*)::int AS things, (SELECT count(*)::int FROM kinds) AS kinds FROM things')).rows,
  ).toEqual([{ things: 11, kinds: 3 }])
})

test('when a row does not arrive as it was, nothing of it stays, and the table is named', async () => {
  const schema = `CREATE TABLE prices (minor bigint);
    CREATE FUNCTION dearer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.minor := NEW.minor + 1; RETURN NEW; END $$;
    CREATE TRIGGER prices_dearer BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION dearer();`
  const { homes, source, target } = await homesWith('INSERT INTO prices VALUES (1), (2)', schema)
  await expect(copy(homes, source, target)).rejects.toThrow('public.prices is not the same on both sides: 2 rows')
  await target.client.end()
  const again = await station(atNext(homes, 'room'))
  expect((await again.client.query('SELECT FROM prices')).rowCount).toBe(0)
  expect(await readMark(again.client)).toBeUndefined()
})

test('a table that no migration made is named instead of left behind', async () => {
  const { homes, source, target } = await homesWith('CREATE TABLE reports (id int)')
  await expect(copy(homes, source, target)).rejects.toThrow('only where it is now: public.reports (id integer)')
  expect(await groundOf(source.client, homes.migrationsOf('room'))).toBe('current')
})

test('tables without a shop’s migrations are foreign ground; fewer or other migrations are told apart', async () => {
  const { homes, source, target } = await homesWith('')
  const ground = (one: Station) => groundOf(one.client, homes.migrationsOf('room'))
  expect([await ground(source), await ground(target)]).toEqual(['current', 'empty'])
  await target.client.query('CREATE TABLE customers (id int)')
  await source.client.query(`DELETE FROM public.migrations WHERE name = '0001-first.sql'`)
  expect([await ground(source), await ground(target)]).toEqual(['older', 'foreign'])
  await source.client.query(`INSERT INTO public.migrations VALUES ('0002-later.sql', 'x')`)
  expect(await ground(source)).toBe('newer')
})

test('where the shop is not at home, it does not start, and a session that comes may only read; at home it goes on', async () => {
  const { homes, source } = await homesWith('')
  const start = () => migrate(atOld(homes, 'room'), homes.migrationsOf('room'))
  const visitor = async (text: string) => {
    const client = new pg.Client(atOld(homes, 'room'))
    await client.connect()
    return client.query(text).finally(() => client.end())
  }
  for (const [state, said] of [
    ['leaving', 'is being moved to there, and that is not finished: npm run move -- --to FILE finishes it'],
    ['arriving', 'is an unfinished copy of the shop at there'],
    ['loaded', 'npm run move -- --to FILE --undo gives it up'],
    ['away', 'or bring it back by npm run move -- --from FILE --replace'],
  ] as const) {
    await setMark(source, { ...loaded(), state })
    await expect(start()).rejects.toThrow(said)
    await expect(visitor(`INSERT INTO kinds VALUES ('late', NULL)`)).rejects.toThrow('read-only transaction')
  }
  await setMark(source, { ...loaded(), state: 'home' })
  await start()
  await visitor(`INSERT INTO kinds VALUES ('late', NULL)`)
})

test('a shop that starts meanwhile waits for the lock, and whoever is connected is named', async () => {
  const { homes, source } = await homesWith('')
  await takeHold(source)
  expect(await othersIn(source)).toEqual([])
  let started = false
  const starting = migrate(atOld(homes, 'room'), homes.migrationsOf('room')).then(() => {
    started = true
  })
  expect(await othersIn(source, 1)).toEqual([expect.stringMatching(new RegExp(`^a program \\(${source.name}.*, process \\d+$`))])
  expect(started).toBe(false)
  await source.client.query('SELECT pg_advisory_unlock_all()')
  await starting
})
