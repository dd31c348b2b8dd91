/** Whether the mirror shows the room's rows, for the doctor. */
import type { Db } from '@stoa/chassis/database/sql.ts'
import type { CheckResult } from '@stoa/chassis/service.ts'
import { mirrorOf } from '../../store/mirror.ts'
import { sentFacts, unlistedOf } from '../../store/unsent.ts'
import { checkWords } from '../postgres/check.ts'
import type { Line } from './line.ts'

const BATCH = 1000
const BATCHES_MAX = 1000
const EXAMPLES_MAX = 10

interface Shown {
  readonly price: number
  readonly availability: string
}

/** Every listed product that is not about to be told is in the index that is asked, with its price and availability, and nothing else is. */
export async function checkMirror(db: Db, line: Line): Promise<CheckResult> {
  const words = await checkWords(db)
  const mirror = await mirrorOf(db)
  if (!mirror || mirror.live === null) return { examined: words.examined, broken: words.broken + 1, examples: ['no index is whole'] }
  const found = [...(await wronglyShown(db, line, mirror.live)), ...(await strangersIn(db, line, mirror.live))]
  // A product that lacks its words or its row is named once.
  const wrong = found.filter((id) => !words.examples.includes(id))
  return { examined: words.examined, broken: words.broken + wrong.length, examples: [...words.examples, ...wrong].slice(0, EXAMPLES_MAX) }
}

/** Listed products that the index lacks, or knows otherwise. */
async function wronglyShown(db: Db, line: Line, name: string): Promise<string[]> {
  const wrong: string[] = []
  let after: string | null = null
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const rows: Awaited<ReturnType<typeof sentFacts>> = await sentFacts(db, after, BATCH)
    const question = { size: BATCH, query: { terms: { id: rows.map((one) => one.id) } }, _source: ['price', 'availability'] }
    const shown = new Map((await hitsOf(line, name, question)).map((one) => [one._id, one._source]))
    for (const { id, price, availability } of rows) {
      const one = shown.get(id)
      if (one === undefined || one.price !== price || one.availability !== availability) wrong.push(id)
    }
    after = rows.at(-1)?.id ?? null
    if (rows.length < BATCH) break
  }
  return wrong
}

/** Products in the index that are not listed. */
async function strangersIn(db: Db, line: Line, name: string): Promise<string[]> {
  const strangers: string[] = []
  let after = {}
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const hits = await hitsOf(line, name, { size: BATCH, _source: false, sort: [{ id: 'asc' }], ...after })
    const ids = hits.map((one) => one._id)
    strangers.push(...(await unlistedOf(db, ids)))
    if (hits.length < BATCH) break
    after = { search_after: [ids.at(-1)] }
  }
  return strangers
}

async function hitsOf(line: Line, name: string, question: object): Promise<{ readonly _id: string; readonly _source: Shown }[]> {
  const { status, body } = await line.read(`/${name}/_search`, question)
  if (status !== 200) throw new Error(`OpenSearch refused a check with ${status}`)
  return body.hits.hits
}
