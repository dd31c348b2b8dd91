/**
 * What the room asks of a search engine. The room's own rows (documents, contents, facts, categories) are the truth, whatever the
 * engine: they move in the consumer's transaction, together with its position. An engine makes them findable, and is made anew
 * from them at any time. `engines.ts` chooses one; nothing else knows which it is.
 *
 * What an engine has in the room's database is written by `put`, what it has elsewhere by `send`.
 */
import type { Kept } from '@stoa/chassis/cache/kept.ts'
import type { Db, Tx } from '@stoa/chassis/database/sql.ts'
import type { CheckResult, TransactionFn } from '@stoa/chassis/service.ts'
import type { Card } from '@stoa/contracts/shared.ts'
import type { Synonyms } from './domain/asked.ts'
import type { Content } from './domain/document.ts'
import type { Filters, Query } from './domain/query.ts'

/** Filters with their categories found, as ids; undefined where none was asked for. */
export type FoundFilters = Omit<Filters, 'category'> & { readonly category: readonly string[] | undefined }

/** What the merchant wants of a question. */
export interface Wishes {
  /** Those that stand in the question. */
  readonly synonyms: readonly Synonyms[]
  /** Products that come first, in this order, whether they hold the words or not. Sorted by relevance only. */
  readonly pinned: readonly string[]
  /** Products that come last. */
  readonly buried: readonly string[]
}

/** Where a question is asked: the room's rows, and what is kept for a while. */
export interface Room {
  readonly db: Db
  readonly kept: Kept
}

/** A question with all that the room knows of it. */
export interface FoundQuery extends Omit<Query, 'filters'> {
  readonly filters: FoundFilters
  readonly wishes: Wishes
  /** Whether standings count (`domain/standing.ts`). */
  readonly factors: boolean
}

/** What changes often of a product. */
export interface HotFacts {
  readonly priceMinor: number
  readonly currency: string
  readonly available: number
  readonly low: boolean
  readonly ratingHundredths: number
  readonly ratingCount: number
  readonly sales: number
  /** How many thousandths its score is raised or lowered where factors count. */
  readonly standing: number
  /** What it was until the moment of its last change. Units of the moment: milliseconds since 1970. */
  readonly standingBefore: number
  readonly standingAt: number
}

/** A product on its way to an engine elsewhere. `product` is null when it is no longer listed. */
export interface Entry {
  readonly productId: string
  /** Grows with each change of the product: what arrives with a lower one than is there is old and must be ignored. */
  readonly revision: number
  readonly product: { readonly content: Content; readonly facts: HotFacts } | null
}

/** Where a page begins, and how the words of the question are read: as the first page read them. */
export interface Start<Reading = unknown> {
  readonly reading: Reading
  /** Nothing can answer: words were asked for, nobody has any of them, and the merchant pinned nothing. */
  readonly nothing: boolean
  /** The words that are searched instead, where some had to be mended. */
  readonly mended?: string | undefined
  /** Somebody asked the same not long ago, and no words have changed since: others may, too. */
  readonly isRepeated?: boolean
  /** Behind which product the page begins. */
  readonly after?: readonly unknown[] | undefined
}

export interface Page {
  readonly cards: readonly Card[]
  /** All that the next page must know, as plain data that survives JSON; undefined at the end. */
  readonly next?: readonly unknown[] | undefined
}

export interface FacetValue {
  readonly value: string
  readonly count: number
  readonly label?: string
}

/** Counts beside a list: each filter counted as if it alone were not set, so that one can widen it. */
export interface Facets {
  readonly total: number
  /** False when more than 10,000 products answer, with a filter or without it: then `total` is 10,000 and counts are those of so many products. */
  readonly isExact: boolean
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>
}

export interface Suggestion {
  readonly text: string
  readonly slug: string | null
}

/** A product that an engine elsewhere does not take, whenever it is told. */
export interface Refused {
  readonly productId: string
  readonly reason: string
}

export interface EngineContext {
  readonly db: Db
  readonly transaction: TransactionFn
  readonly signal: AbortSignal
}

export interface Engine<Reading = unknown> {
  /** As the setting names it; a cursor of one engine is refused by another. */
  readonly name: string

  /** Takes over products in the transaction that changed the room's rows: new texts, and those that are no longer listed. Facts are read from the rows. */
  put?(tx: Tx, products: readonly Content[], gone: readonly string[]): Promise<void>
  /**
   * Takes over products, with no transaction open, and answers those that it will never take as they are. May be told the same again, and
   * older after newer. Throws: when it is away; all of it is told again later.
   */
  send?(entries: readonly Entry[], context: EngineContext): Promise<readonly Refused[]>

  /** Reads the words of a question for its first page. */
  begin(room: Room, query: FoundQuery): Promise<Start<Reading>>
  /** Goes on where a page ended. `next` comes from outside and may be anything: undefined when it cannot be this engine's. */
  resume(query: FoundQuery, next: readonly unknown[]): Start<Reading> | undefined
  /** Products in the order asked for, behind `start.after`. Neither skips nor repeats while goods, stock and prices change. */
  page(room: Room, query: FoundQuery, start: Start<Reading>, limit: number): Promise<Page>
  facets(db: Db, query: FoundQuery, start: Start<Reading>): Promise<Facets>
  /** Products whose name begins like what was typed or holds its words, the last one perhaps unfinished. */
  suggest(db: Db, typed: string, limit: number): Promise<readonly Suggestion[]>
  /** Ids of the likest products that are listed, never the product itself; empty when it is not known. */
  similar(db: Db, productId: string, limit: number): Promise<readonly string[]>

  /** Regular work beside the questions, every few seconds: statistics of words and the like, and an index that is being made anew. */
  tend(context: EngineContext): Promise<void>
  /** Has the index made anew from the room's rows, beside the one that is asked; `tend` does the work, and goes on after whatever ends it. */
  rebuild(tx: Tx): Promise<void>
  /** Whether an index is being made, and when one was finished. */
  state(db: Db): Promise<{ readonly isRebuilding: boolean; readonly rebuiltAt: Date | null }>
  /** Whether every listed product is findable, for the doctor. */
  check(db: Db): Promise<CheckResult>
}
