/** Synonyms, and questions whose answers the merchant puts in order. */
import { refuse } from '@stoa/chassis/contract.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { namesVersion } from '@stoa/chassis/http/etag.ts'
import { handle, read, type Caller } from '@stoa/chassis/service.ts'
import {
  CreatePlacement,
  CreateSynonyms,
  DeletePlacement,
  DeleteSynonyms,
  ListPlacements,
  ListSynonyms,
  ReplacePlacement,
  ReplaceSynonyms,
  WISHES_MAX,
} from '@stoa/contracts/search.ts'
import { placementOf, synonymsOf } from '../domain/wish.ts'
import {
  deletePlacement,
  deleteSynonyms,
  insertPlacement,
  insertSynonyms,
  isPlaced,
  lockPlacement,
  lockSynonyms,
  placementsBefore,
  synonymsBefore,
  updatePlacement,
  updateSynonyms,
  WISHES,
  type PlacementRow,
  type SynonymsRow,
} from '../store/wishes.ts'

const PAGE = 50
const STALE = 'It changed meanwhile. Read it again and repeat the change.'
const FULL = `There are ${WISHES_MAX} already.`
const TAKEN = 'This question has an order already.'

export const listSynonyms = read(ListSynonyms, async ({ query, db }) => {
  const before = beginOfPage(['synonyms'], query.cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const limit = query.limit ?? PAGE
  return pageOf(['synonyms'], (await synonymsBefore(db, before, limit + 1)).map(synonymsView), limit)
})

export const createSynonyms = handle(CreateSynonyms, async ({ input, tx, caller, newId, reply }) => {
  const group = synonymsOf(input.words)
  if ('errors' in group) return refuse('invalid-request', { errors: group.errors })
  const [id, by] = [newId(), accountOf(caller)]
  const written = { words: input.words, ...group, language: input.language ?? null }
  const row = await insertSynonyms(tx, { id, by, max: WISHES_MAX }, written)
  if (!row) return refuse('too-many-wishes', { detail: FULL })
  tx.touch([WISHES])
  reply.location(`/api/search/synonyms/${id}`)
  reply.etag(row.version)
  return synonymsView(row)
})

export const replaceSynonyms = handle(ReplaceSynonyms, async ({ params: { id }, input, ifMatch, tx, caller, reply }) => {
  const group = synonymsOf(input.words)
  if ('errors' in group) return refuse('invalid-request', { errors: group.errors })
  const version = await lockSynonyms(tx, id)
  if (version === undefined) return refuse('not-found')
  if (!namesVersion(ifMatch, version)) return refuse('stale', { detail: STALE, currentVersion: version })
  const row = await updateSynonyms(tx, id, accountOf(caller), { words: input.words, ...group, language: input.language ?? null })
  tx.touch([WISHES])
  reply.etag(row.version)
  return synonymsView(row)
})

export const removeSynonyms = handle(DeleteSynonyms, async ({ params, tx }) => {
  if (!(await deleteSynonyms(tx, params.id))) return refuse('not-found')
  tx.touch([WISHES])
  return {}
})

export const listPlacements = read(ListPlacements, async ({ query, db }) => {
  const before = beginOfPage(['placements'], query.cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const limit = query.limit ?? PAGE
  return pageOf(['placements'], (await placementsBefore(db, before, limit + 1)).map(placementView), limit)
})

export const createPlacement = handle(CreatePlacement, async ({ input, tx, caller, newId, reply }) => {
  const placement = placementOf(input)
  if ('errors' in placement) return refuse('invalid-request', { errors: placement.errors })
  const [id, by] = [newId(), accountOf(caller)]
  const row = await insertPlacement(tx, { id, by, max: WISHES_MAX }, { question: input.question, ...placement })
  if (!row)
    return (await isPlaced(tx, placement.key)) ? refuse('question-taken', { detail: TAKEN }) : refuse('too-many-wishes', { detail: FULL })
  tx.touch([WISHES])
  reply.location(`/api/search/placements/${id}`)
  reply.etag(row.version)
  return placementView(row)
})

export const replacePlacement = handle(ReplacePlacement, async ({ params: { id }, input, ifMatch, tx, caller, reply }) => {
  const placement = placementOf(input)
  if ('errors' in placement) return refuse('invalid-request', { errors: placement.errors })
  const locked = await lockPlacement(tx, id)
  if (!locked) return refuse('not-found')
  if (!namesVersion(ifMatch, locked.version)) return refuse('stale', { detail: STALE, currentVersion: locked.version })
  if (placement.key !== locked.key && (await isPlaced(tx, placement.key))) return refuse('question-taken', { detail: TAKEN })
  const row = await updatePlacement(tx, id, accountOf(caller), { question: input.question, ...placement })
  tx.touch([WISHES])
  reply.etag(row.version)
  return placementView(row)
})

export const removePlacement = handle(DeletePlacement, async ({ params, tx }) => {
  if (!(await deletePlacement(tx, params.id))) return refuse('not-found')
  tx.touch([WISHES])
  return {}
})

function pageOf<Item extends { readonly id: string }>(scope: readonly string[], found: readonly Item[], limit: number) {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: found.length > limit && last ? encodeCursor(scope, [last.id]) : null }
}

function synonymsView({ id, words, language, version, changed_at, changed_by }: SynonymsRow) {
  return { id, words, ...(language === null ? {} : { language }), version, changedAt: changed_at.toISOString(), changedBy: changed_by }
}

function placementView({ id, question, pinned, buried, version, changed_at, changed_by }: PlacementRow) {
  return { id, question, pinned, buried, version, changedAt: changed_at.toISOString(), changedBy: changed_by }
}

/** Only accounts pass the door. */
function accountOf(caller: Caller): string {
  if (caller.kind !== 'account') throw new Error('an account is required here')
  return caller.accountId
}
