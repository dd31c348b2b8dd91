import { bookCheck, defineService, gauge } from '@stoa/chassis/service.ts'
import { countIndexed, similarTo } from './calls.ts'
import { consumers } from './consumers.ts'
import { engineOf } from './engines.ts'
import { countQuestions, tendEngine } from './jobs.ts'
import { getIndex, rebuildIndex } from './routes/index-state.ts'
import { listProducts, suggestProducts } from './routes/products.ts'
import {
  createPlacement,
  createSynonyms,
  listPlacements,
  listSynonyms,
  removePlacement,
  removeSynonyms,
  replacePlacement,
  replaceSynonyms,
} from './routes/wishes.ts'
import { OpenSearchIndex, OpenSearchUrl, SearchEngine, SearchFactors, SearchLanguage } from './settings.ts'
import { checkSums } from './store/checks.ts'
import { countUnsent, unsentSeconds } from './store/unsent.ts'
import { sendUnsent } from './workers.ts'

export default defineService({
  name: 'search',
  owns: 'The read model of everything a shopper filters by, built from events only.',
  routes: [
    listProducts,
    suggestProducts,
    listSynonyms,
    createSynonyms,
    replaceSynonyms,
    removeSynonyms,
    listPlacements,
    createPlacement,
    replacePlacement,
    removePlacement,
    getIndex,
    rebuildIndex,
  ],
  calls: [similarTo, countIndexed],
  consumers,
  workers: [sendUnsent],
  jobs: [tendEngine, countQuestions],
  checks: [
    bookCheck('every listed product is indexed with the sum of its SKUs', ({ db }) => checkSums(db)),
    bookCheck('the engine finds every listed product, and nothing else', ({ db, ...rest }) => engineOf(rest).check(db)),
  ],
  gauges: [gauge('unsent_products', ({ db }) => countUnsent(db)), gauge('unsent_seconds', ({ db }) => unsentSeconds(db))],
  settings: [SearchEngine, OpenSearchUrl, OpenSearchIndex, SearchLanguage, SearchFactors],
  // A setting that is wrong is told at the start.
  prepare: async (context) => void engineOf(context),
})
