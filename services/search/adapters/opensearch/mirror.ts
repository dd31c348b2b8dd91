/**
 * The mirror of the room's rows: an index that is told of every change, and made anew beside the one that is asked when that is lost, or
 * products are to look otherwise. The row in `mirror` says which index is which, so that all processes go over to a new one at once.
 *
 * An index is spoken to by a name of its own (an alias) that goes with it: what is told of one that is gone is refused, where
 * OpenSearch would else make one by guessing.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '@stoa/chassis/fault.ts'
import { failPoint } from '@stoa/chassis/fail-point.ts'
import type { EngineContext, Entry, Refused } from '../../engine.ts'
import {
  areOver,
  beginFilling,
  filledTo,
  forgetRetired,
  keepMirror,
  loseIndex,
  mirrorOf,
  markOfNow,
  reshapeMirror,
  swapMirror,
  tendMirror,
  type Mirror,
} from '../../store/mirror.ts'
import { listedEntries } from '../../store/unsent.ts'
import { INDEX } from '../../store/write.ts'
import { isAwayStatus, type Line, type Reply } from './line.ts'
import { documentOf, indexOf, SHAPE } from './shape.ts'

const FILL_BATCH = 500
/** A bulk ends with the product that makes it longer. OpenSearch takes 100 MB. */
const BULK_LENGTH = 4_000_000
/** One look fills for so long; the next goes on where it ended. */
const FILL_MS_MAX = 30_000
/** Nobody asks an index any more that was replaced so long ago. */
const RETIRED_SECONDS = 60
/** Processes of another release keep the mirror while they are heard of so often. */
const FORSAKEN_SECONDS = 60
/** Transactions end sooner, or are ended. */
const OLDER_MS_MAX = 20_000
const LOOK_MS = 50

export interface MirrorOptions {
  readonly line: Line
  /** What names of indices begin with. */
  readonly prefix: string
}

/** Tells every index of changes. Where there is none nothing is told: one that is made later is made of the rows as they are then. */
export async function sendToMirror({ line }: MirrorOptions, entries: readonly Entry[], { db, signal }: EngineContext): Promise<Refused[]> {
  // Read after the entries: an index that begins to be filled later is filled with these changes.
  const mirror = await mirrorOf(db)
  if (mirror && mirror.shape !== SHAPE) throw new Fault('unavailable', 'another release keeps the mirror')
  const names = [mirror?.live, mirror?.filling].filter((name) => typeof name === 'string')
  const refused = new Map<string, Refused>()
  for (const name of names) {
    failPoint('search.before-bulk')
    const told = await tell(line, name, entries, signal)
    if (told === 'lost') await loseIndex(db, name)
    else for (const one of told) refused.set(one.productId, one)
  }
  failPoint('search.after-bulk')
  return [...refused.values()]
}

/**
 * Tells one index, in bulks that it takes, and is answered when questions see it. Answers what was refused for good, or that there is no such
 * index. Throws: when it is away.
 */
async function tell(line: Line, name: string, entries: readonly Entry[], signal: AbortSignal): Promise<Refused[] | 'lost'> {
  const refused: Refused[] = []
  for (const text of bulksOf(name, entries)) {
    const { status, body } = await line.write('POST', '/_bulk?require_alias=true&refresh=true', text, signal)
    if (status !== 200) throw new Error(`a bulk was refused with ${status}: ${JSON.stringify(body).slice(0, 500)}`)
    const told = judged(body.items as BulkItem[])
    if (told === 'lost') return told
    refused.push(...told)
  }
  return refused
}

function* bulksOf(name: string, entries: readonly Entry[]): Generator<string> {
  let text = ''
  for (const { productId, revision, product } of entries) {
    const place = { _index: name, _id: productId, version: revision, version_type: 'external' }
    text += product
      ? `${JSON.stringify({ index: place })}\n${JSON.stringify(documentOf(product))}\n`
      : `${JSON.stringify({ delete: place })}\n`
    if (text.length < BULK_LENGTH) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}

interface Outcome {
  readonly _id: string
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}
type BulkItem = Readonly<Record<string, Outcome>>

/** An older change than what is there (409), and the absence of what is to be deleted (404, no error), are as good as done. */
export function judged(items: readonly BulkItem[]): Refused[] | 'lost' {
  const failed = items
    .flatMap((item) => Object.values(item))
    .filter((one) => one.error !== undefined && one.error.type !== 'version_conflict_engine_exception')
  const isLost = failed.some(({ error }) => error?.type === 'index_not_found_exception')
  if (isLost) return 'lost'
  const away = failed.find(({ status }) => status >= 500 || isAwayStatus(status))
  if (away) throw new Fault('unavailable', `OpenSearch did not take a product: ${away.error?.reason ?? ''}`)
  return failed.map(({ _id, error }) => ({ productId: _id, reason: `${error?.type}: ${error?.reason}` }))
}

/** Looks after the indices: one that is lost, of another shape or wanted anew is made, and those that nobody asks any more are deleted. */
export async function tendMirrorOf(options: MirrorOptions, context: EngineContext): Promise<void> {
  const { db } = context
  await keepMirror(db, SHAPE)
  let mirror = await mirrorOf(db)
  if (mirror && mirror.shape !== SHAPE) {
    // A newer release takes over at once, an older one (again in use) when the newer is gone.
    if (mirror.shape > SHAPE && mirror.secondsSinceTended < FORSAKEN_SECONDS) return
    await reshapeMirror(db, SHAPE)
  }
  await tendMirror(db)
  mirror = await mirrorOf(db)
  for (const name of [mirror?.live, mirror?.filling])
    if (typeof name === 'string' && !(await isThere(options.line, name))) await lostOrNotYet(options, name, mirror, context)
  mirror = await mirrorOf(db)
  if (!mirror) return
  if (mirror.live === null || mirror.filling !== null || mirror.anew) await fill(options, mirror, context)
  await removeRetired(options, mirror, context)
}

async function isThere(line: Line, name: string): Promise<boolean> {
  const reply = await line.write('GET', `/_alias/${name}`)
  if (reply.status !== 200 && reply.status !== 404) throw refusedBy('a look for an index', reply)
  return reply.status === 200
}

/** An index that is not there was deleted, unless a crash came between its name and its making. */
async function lostOrNotYet({ line }: MirrorOptions, name: string, mirror: Mirror | undefined, { db }: EngineContext): Promise<void> {
  const isUnmade = mirror?.filling === name && mirror.filledTo === null
  if (isUnmade) await makeIndex(line, name)
  else await loseIndex(db, name)
}

async function makeIndex(line: Line, name: string): Promise<void> {
  const reply = await line.write('PUT', `/${name}.index`, indexOf(name))
  const isKnown = reply.status === 400 && reply.body?.error?.type === 'resource_already_exists_exception'
  if (reply.status !== 200 && !isKnown) throw refusedBy('an index', reply)
}

/** Makes a new index of the rows, or goes on with it, while changes are told to it too. When all rows are in, it is the one that is asked. */
async function fill(options: MirrorOptions, mirror: Mirror, context: EngineContext): Promise<void> {
  const { db, transaction, signal } = context
  let name = mirror.filling
  if (name === null) {
    // Who began before the mirror was kept may not have noted what it changed; the rows are read when all of them have ended.
    if (!(await olderAreOver(context))) return
    name = `${options.prefix}-${SHAPE}-${randomBytes(5).toString('hex')}`
    await beginFilling(db, name)
    failPoint('search.before-index')
    await makeIndex(options.line, name)
  }
  const until = performance.now() + FILL_MS_MAX
  let after = mirror.filledTo
  while (performance.now() < until && !signal.aborted) {
    const entries = await listedEntries(db, after, FILL_BATCH)
    if (entries.length > 0) {
      const told = await tell(options.line, name, entries, signal)
      if (told === 'lost') return loseIndex(db, name)
      after = entries.at(-1)?.productId ?? after
      await filledTo(db, name, after as string)
      failPoint('search.while-filling')
    }
    if (entries.length < FILL_BATCH) {
      const whole = name
      return transaction(async (tx) => {
        await swapMirror(tx, whole)
        failPoint('search.before-swap')
        tx.touch([INDEX])
      })
    }
  }
}

async function olderAreOver({ db, signal }: EngineContext): Promise<boolean> {
  const mark = await markOfNow(db)
  const until = performance.now() + OLDER_MS_MAX
  while (performance.now() < until && !signal.aborted) {
    if (await areOver(db, mark)) return true
    await sleep(LOOK_MS)
  }
  return false
}

async function removeRetired({ line }: MirrorOptions, mirror: Mirror, { db }: EngineContext): Promise<void> {
  if (mirror.retired.length === 0 || mirror.secondsSinceSwap < RETIRED_SECONDS) return
  for (const name of mirror.retired) {
    const reply = await line.write('DELETE', `/${name}.index`)
    if (reply.status !== 200 && reply.status !== 404) throw refusedBy('the end of an index', reply)
  }
  await forgetRetired(db, mirror.retired)
}

function refusedBy(what: string, { status, body }: Reply): Error {
  return new Error(`OpenSearch refused ${what} with ${status}: ${JSON.stringify(body).slice(0, 500)}`)
}
