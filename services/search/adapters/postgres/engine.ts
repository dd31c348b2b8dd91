/** The room's own database as its search engine: weighted `tsvector` words beside the rows, written in the same transaction. */
import { isPlace, placeTypes, unpackRanking } from '../../domain/place.ts'
import type { Ranking } from '../../domain/ranking.ts'
import type { Engine } from '../../engine.ts'
import { INDEX, WORDS } from '../../store/write.ts'
import { checkWords } from './check.ts'
import { findFacets } from './facets.ts'
import { findPage } from './find.ts'
import { tendHeads } from './heads.ts'
import { putProducts } from './put.ts'
import { beginRebuild, goOnRebuilding, rebuildState } from './rebuild.ts'
import { understoodOf } from './repeated.ts'
import { similarIds } from './similar.ts'
import { suggestProducts } from './suggest.ts'
import { countWords, forgetCatalogue, wordsAreStale } from './words.ts'

export const postgresEngine: Engine<Ranking | undefined> = {
  name: 'postgres',
  put: putProducts,
  begin: async (room, query) => {
    if (query.words.length === 0) return { reading: undefined, nothing: query.text !== '' }
    const { understood, isRepeated } = await understoodOf(room, query)
    if (!understood) return { reading: undefined, nothing: true }
    const standingAt = query.factors ? Date.now() : undefined
    return { reading: { ...understood.ranking, standingAt }, nothing: false, mended: understood.mended, isRepeated }
  },
  resume: ({ sort }, [after, packed]) => {
    const reading = packed === null ? undefined : unpackRanking(packed)
    return reading !== 'invalid' && isPlace(placeTypes(sort, reading !== undefined), after) ? { reading, nothing: false, after } : undefined
  },
  page: findPage,
  facets: (db, query, { reading }) => findFacets(db, query, reading),
  suggest: suggestProducts,
  similar: similarIds,
  tend: async (context) => {
    await goOnRebuilding(context)
    const { db, transaction } = context
    if (await wordsAreStale(db)) {
      await transaction(async (tx) => {
        await countWords(tx)
        tx.touch([INDEX, WORDS])
      })
      forgetCatalogue(db)
    }
    await tendHeads(context)
  },
  rebuild: beginRebuild,
  state: rebuildState,
  check: checkWords,
}
