import { bookCheck, defineService } from '@stoa/chassis/service.ts'
import { countIndexed, similarTo } from './calls.ts'
import { consumers } from './consumers.ts'
import { countWordsAnew } from './jobs.ts'
import { listProducts, suggestProducts } from './routes.ts'
import { checkSums } from './store/checks.ts'

export default defineService({
  name: 'search',
  owns: 'The read model of everything a shopper filters by, built from events only.',
  routes: [listProducts, suggestProducts],
  calls: [similarTo, countIndexed],
  consumers,
  jobs: [countWordsAnew],
  checks: [bookCheck('every listed product is indexed with the sum of its SKUs', ({ db }) => checkSums(db))],
})
