import { bookCheck, defineService } from '@stoa/chassis/service.ts'
import { Demo, Origin, ShopCurrency } from '@stoa/chassis/settings.ts'
import { ProductArchived, ProductChanged, ProductCreated } from '@stoa/contracts/catalog.ts'
import { describe } from './calls.ts'
import { takeRatings } from './consumers.ts'
import { openDemo } from './demo.ts'
import { sweep } from './jobs.ts'
import { exportProducts, getImport, getImportReport, importProducts } from './routes/imports.ts'
import { archiveProduct, createProduct, getCategories, getProduct, replaceProduct, watchProduct } from './routes/products.ts'
import { getSitemap } from './routes/sitemap.ts'
import { checkEvents, checkVariants } from './store/checks.ts'
import { demoImport } from './store/imports.ts'
import { importWork } from './workers.ts'

export default defineService({
  name: 'catalog',
  owns: 'Products, their variants and categories, and how whole catalogues come in and go out.',
  routes: [
    getProduct,
    createProduct,
    replaceProduct,
    archiveProduct,
    getCategories,
    watchProduct,
    importProducts,
    getImport,
    getImportReport,
    exportProducts,
    getSitemap,
  ],
  calls: [describe],
  consumers: [takeRatings],
  publishes: [ProductCreated, ProductChanged, ProductArchived],
  workers: [importWork],
  jobs: [sweep],
  checks: [
    bookCheck('every product owns the SKUs it sells', ({ db }) => checkVariants(db)),
    bookCheck('the newest event of every product is its newest version', ({ db }) => checkEvents(db)),
  ],
  settings: [Demo, Origin, ShopCurrency],
  prepare: openDemo,
  // The demo import ends when its goods can be found and bought; without demo there is none to wait for.
  ready: async ({ db }) => ((await demoImport(db))?.state ?? 'done') !== 'running',
})
