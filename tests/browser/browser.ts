/** A real browser for journeys: Debian's Chromium where it is installed, else the one from npm. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { topology } from '../support/shop.ts'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const DEBIAN = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]
const PATIENCE_MS = 20_000

/** Screens that people have. */
export const screens = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  laptop: { viewport: { width: 1440, height: 900 } },
} as const
export type Screen = keyof typeof screens
export type Theme = 'light' | 'dark'

/** Starts a browser. */
export async function launchBrowser(): Promise<Browser> {
  if (existsSync(DEBIAN)) return chromium.launch({ executablePath: DEBIAN, args: FLAGS })
  const { default: packed } = await import('@sparticuz/chromium')
  // In one process the whole browser ends with the first page that is closed.
  return chromium.launch({
    executablePath: await packed.executablePath(),
    args: [...packed.args.filter((one) => one !== '--single-process'), ...FLAGS],
  })
}

/** A visitor with nothing in their pockets. Faults of the page's own scripts are gathered in `faults`. */
export async function newVisitor(
  browser: Browser,
  options: { screen: Screen; theme?: Theme; javaScript?: boolean; origin: string },
): Promise<{ page: Page; faults: string[]; leave(): Promise<void> }> {
  const context: BrowserContext = await browser.newContext({
    ...screens[options.screen],
    baseURL: options.origin,
    colorScheme: options.theme ?? 'light',
    javaScriptEnabled: options.javaScript ?? true,
    reducedMotion: 'reduce',
    locale: 'en-IE',
    // The authority of the test run is nobody's but ours.
    ignoreHTTPSErrors: topology === 'cluster',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // A refused form is answered with 4xx on purpose, and the browser says so.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text())
  })
  return { page, faults, leave: () => context.close() }
}

/** What axe finds wrong with the page in sight (WCAG 2.2 A and AA, and its best practices), one line each. */
export async function findAxeFaults(page: Page): Promise<string[]> {
  // Past the content security policy, which keeps foreign scripts out of the page's own world.
  const session = await page.context().newCDPSession(page)
  await session.send('Page.enable')
  const { frameTree } = await session.send('Page.getFrameTree')
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  await session.send('Runtime.evaluate', { expression: axe.source, contextId: executionContextId })
  const run = `axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations.flatMap((one) => one.nodes.map((node) => one.id + ': ' + node.target.join(' ') + ' – ' + (node.any[0] ?? node.all[0] ?? node.none[0] ?? { message: one.help }).message)))`
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: run,
    contextId: executionContextId,
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  if (exceptionDetails) throw new Error(exceptionDetails.text)
  return result.value as string[]
}

const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url))

/** Keeps a picture of the whole page as `artifacts/screenshots/<name>.png`. Those of a cluster are the same. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (topology === 'cluster') return
  await mkdir(shots, { recursive: true })
  // Pictures that wait until they are scrolled to are fetched first.
  await page
    .evaluate(() => {
      for (const image of document.images) image.loading = 'eager'
      return Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)))
    })
    .catch(() => undefined)
  await page.screenshot({ path: `${shots}${name}.png`, fullPage: true })
}
