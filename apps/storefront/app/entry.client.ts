/**
 * What pages gain when JavaScript runs. Every page is whole without it: these are a few kilobytes that spare reloads, keep
 * stock, prices and orders moving, and guard what was typed. The pages' components never run in the browser.
 */
import { keepDrafts } from './client/drafts.ts'
import { watchOrder, watchProduct } from './client/live.ts'
import { closeMenus, guardForms } from './client/manners.ts'
import { softly } from './client/soft.ts'
import { suggestWords } from './client/suggest.ts'

function wake(): void {
  watchProduct()
  watchOrder()
  keepDrafts()
}

closeMenus()
guardForms()
suggestWords()
softly(wake)
wake()
