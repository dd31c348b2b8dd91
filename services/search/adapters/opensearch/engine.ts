/**
 * OpenSearch as the search engine: it finds, orders and counts products; the room's rows tell what is shown of them. Words are read,
 * weighed and mended by the PostgreSQL engine, which also answers while no index is whole or OpenSearch is away (decision 0020).
 */
import type { Db } from '@stoa/chassis/database/sql.ts'
import { Fault, isTransient } from '@stoa/chassis/fault.ts'
import type { Log } from '@stoa/chassis/telemetry/log.ts'
import { packRanking, unpackRanking } from '../../domain/place.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { Engine, Facets, FoundQuery, Page, Room, Start } from '../../engine.ts'
import { Fresh } from '../../fresh.ts'
import { cardsOf } from '../../store/cards.ts'
import { categoriesById } from '../../store/categories.ts'
import { mirrorOf, wantAnew } from '../../store/mirror.ts'
import { toldUntil } from '../../store/unsent.ts'
import { postgresEngine } from '../postgres/engine.ts'
import { checkMirror } from './check.ts'
import { attributesQuestion, categoriesCounted, facetsOf, facetsQuestion, type Counts } from './facets.ts'
import { openLine, type Line } from './line.ts'
import { sendToMirror, tendMirrorOf, type MirrorOptions } from './mirror.ts'
import { isPlaceOf, pageQuestion } from './question.ts'
import { SHAPE } from './shape.ts'

/** Which index is asked is looked up this often. */
const LIVE_FRESH_MS = 500

/** How the words are read, and who answers: a list goes on with whoever began it, since each has an order of its own. */
export interface Reading {
  readonly ranking: Ranking | undefined
  readonly by: 'opensearch' | 'postgres'
}

export interface OpenSearchSettings {
  readonly url: string
  readonly prefix: string
  readonly log: Log
}

/** Makes the engine. It keeps connections: one for each server is enough for a process. */
export function openSearchEngine({ url, prefix, log }: OpenSearchSettings): Engine<Reading> {
  const line = openLine(url, (why) => {
    if (why === undefined) log.info({}, 'OpenSearch answers again')
    else log.warn({ why }, 'OpenSearch is away: the database answers, and changes wait')
  })
  const mirror: MirrorOptions = { line, prefix }
  const index = new AskedIndex(line)
  return {
    name: 'opensearch',
    put: (tx, products, gone) => postgresEngine.put?.(tx, products, gone) ?? Promise.resolve(),
    send: (entries, context) => sendToMirror(mirror, entries, context),
    begin: async (room, query) => {
      const { db } = room
      const { reading: ranking, ...start } = (await postgresEngine.begin(room, query)) as Start<Ranking | undefined>
      const isThere = line.isOpen && (await index.nameFor(db)) !== undefined
      return { ...start, reading: isThere ? { ranking: await asOfMirror(db, ranking), by: 'opensearch' } : { ranking, by: 'postgres' } }
    },
    resume,
    page: async (room, query, start, limit) => {
      if (start.reading.by === 'postgres') return inPostgres(room, query, start, limit)
      return pageOf(index, room.db, query, start, limit).catch((error: unknown) => {
        if (start.after || !isAway(error)) throw error
        return inPostgres(room, query, start, limit)
      })
    },
    facets: async (db, query, start) => {
      const instead = () => postgresEngine.facets(db, query, { ...start, reading: start.reading.ranking })
      if (start.reading.by === 'postgres') return instead()
      return countsOf(index, db, query, start).catch((error: unknown) => (isAway(error) ? instead() : Promise.reject(error as Error)))
    },
    suggest: postgresEngine.suggest,
    similar: postgresEngine.similar,
    tend: async (context) => {
      await postgresEngine.tend(context)
      // While it is away the line has said so.
      await tendMirrorOf(mirror, context).catch((error: unknown) => (isTransient(error) ? undefined : Promise.reject(error as Error)))
    },
    rebuild: async (tx) => {
      await postgresEngine.rebuild(tx)
      await wantAnew(tx)
    },
    state: stateOf,
    check: (db) => checkMirror(db, line),
  }
}

/** Words in the database and the mirror are made anew together; what is told is of the mirror. */
async function stateOf(db: Db): Promise<{ isRebuilding: boolean; rebuiltAt: Date | null }> {
  const [words, mirror] = await Promise.all([postgresEngine.state(db), mirrorOf(db)])
  const isWhole = mirror !== undefined && mirror.live !== null && mirror.filling === null && !mirror.anew
  return { isRebuilding: words.isRebuilding || !isWhole, rebuiltAt: mirror && mirror.live !== null ? mirror.swappedAt : null }
}

/** The index that is whole and of our shape. */
class AskedIndex {
  readonly #line: Line
  readonly #names = new WeakMap<Db, Fresh<string | undefined>>()

  constructor(line: Line) {
    this.#line = line
  }

  /** Undefined while there is none. */
  nameFor(db: Db): Promise<string | undefined> {
    const fresh = this.#names.get(db) ?? new Fresh<string | undefined>(1, LIVE_FRESH_MS)
    this.#names.set(db, fresh)
    return fresh.get('', async () => {
      const mirror = await mirrorOf(db)
      return mirror?.shape === SHAPE ? (mirror.live ?? undefined) : undefined
    })
  }

  /** Throws: `unavailable`, when it does not answer whole. */
  async ask(db: Db, question: object): Promise<SearchAnswer> {
    const name = await this.nameFor(db)
    if (name === undefined) throw new Fault('unavailable', 'no index is whole yet')
    const { status, body } = await this.#line.read(`/${name}/_search`, question)
    if (status === 200 && !body.timed_out && body._shards?.failed === 0) return body as SearchAnswer
    if (status === 404 || status === 200) throw new Fault('unavailable', `the index ${name} does not answer whole`)
    throw new Error(`OpenSearch refused a question with ${status}: ${JSON.stringify(body).slice(0, 500)}`)
  }
}

async function pageOf(index: AskedIndex, db: Db, query: FoundQuery, { reading, after }: Start<Reading>, limit: number): Promise<Page> {
  const { hits } = await index.ask(db, pageQuestion(query, reading.ranking, after, limit))
  const shown = hits.hits.slice(0, limit)
  const cards = await cardsOf(
    db,
    shown.map((one) => one._id),
  )
  const last = hits.hits.length > limit ? shown.at(-1) : undefined
  return {
    cards: shown.flatMap((one) => cards.get(one._id) ?? []),
    ...(last ? { next: ['opensearch', last.sort, reading.ranking ? packRanking(reading.ranking) : null] } : {}),
  }
}

async function countsOf(index: AskedIndex, db: Db, query: FoundQuery, { reading }: Start<Reading>): Promise<Facets> {
  const counts = (await index.ask(db, facetsQuestion(query, reading.ranking))).aggregations ?? {}
  const more = attributesQuestion(query, reading.ranking, counts)
  const [attributes, categories] = await Promise.all([
    more ? index.ask(db, more).then((one) => one.aggregations ?? {}) : {},
    categoriesById(db, categoriesCounted(counts)),
  ])
  return facetsOf(query, counts, attributes, categories)
}

/** A change that is still on its way to the index counts on no page of a list, so that one that arrives between two moves nothing. */
async function asOfMirror(db: Db, ranking: Ranking | undefined): Promise<Ranking | undefined> {
  if (ranking?.standingAt === undefined) return ranking
  return { ...ranking, standingAt: Math.min(ranking.standingAt, await toldUntil(db)) }
}

interface SearchAnswer {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly sort: readonly unknown[] }[] }
  readonly aggregations?: Counts
}

/** A page as PostgreSQL makes it. The next one says whose it is. */
async function inPostgres(room: Room, query: FoundQuery, { reading, ...start }: Start<Reading>, limit: number): Promise<Page> {
  const { cards, next } = await postgresEngine.page(room, query, { ...start, reading: reading.ranking }, limit)
  return { cards, ...(next ? { next: ['postgres', ...next] } : {}) }
}

function resume(query: Parameters<Engine['resume']>[0], [by, ...next]: readonly unknown[]): Start<Reading> | undefined {
  if (by === 'postgres') {
    const start = postgresEngine.resume(query, next) as Start<Ranking | undefined> | undefined
    return start && { ...start, reading: { ranking: start.reading, by } }
  }
  const [after, packed] = next
  const ranking = packed === null ? undefined : unpackRanking(packed)
  if (by !== 'opensearch' || ranking === 'invalid' || !isPlaceOf(query.sort, ranking !== undefined, after)) return undefined
  return { reading: { ranking, by }, nothing: false, after }
}

/** Away, and not merely asked too much: what is too much for OpenSearch is far too much for the database. */
function isAway(error: unknown): boolean {
  return isTransient(error) && !(error instanceof Fault && error.code === 'overloaded')
}
