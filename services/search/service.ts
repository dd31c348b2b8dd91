import { bookCheck, defineService } from '@stoa/chassis/service.ts'
import { countIndexed, similarTo } from './calls.ts'
import { consumers } from './consumers.ts'
import { engineOf } from './engines.ts'
import { tendEngine } from './jobs.ts'
import { listProducts, suggestProducts } from './routes.ts'
import { SearchEngine } from './settings.ts'
import { checkSums } from './store/checks.ts'
import { sendUnsent } from './workers.ts'

export default defineService({
  name: 'search',
  owns: 'The read model of everything a shopper filters by, built from events only.',
  routes: [listProducts, suggestProducts],
  calls: [similarTo, countIndexed],
  consumers,
  workers: [sendUnsent],
  jobs: [tendEngine],
  checks: [
    bookCheck('every listed product is indexed with the sum of its SKUs', ({ db }) => checkSums(db)),
    bookCheck('the engine finds every listed product, and nothing else', ({ db, ...rest }) => engineOf(rest).check(db)),
  ],
  settings: [SearchEngine],
})
