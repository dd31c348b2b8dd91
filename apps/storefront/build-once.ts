/** One production build, run by `build.ts` in a process of its own. Where it goes is said by STOA_STOREFRONT_BUILD. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createBuilder } from 'vite'

const root = dirname(fileURLToPath(import.meta.url))
// Loaded by Node itself: Vite's own loader would write a compiled copy into a clone that may be read-only.
const builder = await createBuilder({ root, configFile: join(root, 'vite.config.cts'), configLoader: 'native' })
await builder.buildApp()
