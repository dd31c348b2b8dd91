import { isRefusal, refuse } from '@stoa/chassis/contract.ts'
import { namesVersion } from '@stoa/chassis/http/etag.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { beginOfPage, encodeCursor } from '@stoa/chassis/http/cursor.ts'
import { handle, read } from '@stoa/chassis/service.ts'
import {
  CreatePriceList,
  DeletePriceList,
  GetPriceList,
  ListPriceLists,
  PRICE_LISTS_MAX,
  ReplacePriceList,
  type PriceList,
} from '@stoa/contracts/pricing.ts'
import { readList } from '../domain/price-list.ts'
import {
  deleteList,
  findList,
  insertList,
  listsBefore,
  lockList,
  pricesOfList,
  replacePrices,
  skusOfList,
  updateList,
  type ListRow,
} from '../store/price-lists.ts'
import { priceListTurns, scheduleTurn } from '../timers.ts'
import { announcePrices } from '../usecases.ts'

const PAGE = 50

export const listPriceLists = read(ListPriceLists, async ({ query, db }) => {
  const limit = query.limit ?? PAGE
  const scope = ['price-lists']
  const before = beginOfPage(scope, query.cursor)
  if (before === undefined) return refuse('invalid-cursor')
  const rows = await listsBefore(db, before, limit + 1)
  const items = rows.slice(0, limit).map(({ priceCount, ...row }) => ({ ...termsOf(row), priceCount, version: row.version }))
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(scope, [last.id]) : null }
})

export const getPriceList = read(GetPriceList, async ({ params, db, reply }) => {
  const list = await findList(db, params.id)
  if (!list) return refuse('not-found')
  reply.etag(list.version)
  return viewOf(db, list)
})

export const createPriceList = handle(CreatePriceList, async ({ input, tx, newId, reply, ...context }) => {
  const read = readList(input)
  if (isRefusal(read)) return read
  const id = newId()
  if (!(await insertList(tx, id, read.list, PRICE_LISTS_MAX)))
    return refuse('too-many-price-lists', { detail: `There are ${PRICE_LISTS_MAX} price lists already.` })
  await replacePrices(tx, id, read.prices)
  await scheduleTurn(tx, id)
  await announcePrices(tx, await skusOfList(tx, id), context)
  reply.location(`/api/price-lists/${id}`)
  reply.etag(1)
  return viewOf(tx, await stored(tx, id))
})

export const replacePriceList = handle(ReplacePriceList, async ({ params: { id }, input, ifMatch, tx, reply, ...context }) => {
  const read = readList(input)
  if (isRefusal(read)) return read
  const locked = await lockList(tx, id)
  if (!locked) return refuse('not-found')
  if (!namesVersion(ifMatch, locked.version))
    return refuse('stale', { detail: 'The list changed meanwhile. Read it again and repeat the change.', currentVersion: locked.version })
  const before = await skusOfList(tx, id)
  await updateList(tx, id, read.list)
  await replacePrices(tx, id, read.prices)
  await scheduleTurn(tx, id)
  await announcePrices(tx, [...new Set([...before, ...read.prices.map((one) => one.sku)])], context)
  const list = await stored(tx, id)
  reply.etag(list.version)
  return viewOf(tx, list)
})

export const deletePriceList = handle(DeletePriceList, async ({ params: { id }, tx, ...context }) => {
  if (!(await lockList(tx, id))) return refuse('not-found')
  const skus = await skusOfList(tx, id)
  await deleteList(tx, id)
  tx.unschedule(priceListTurns, id)
  await announcePrices(tx, skus, context)
  return {}
})

async function stored(db: Db, id: string): Promise<ListRow> {
  return (await findList(db, id)) as ListRow
}

async function viewOf(db: Db, list: ListRow): Promise<PriceList> {
  const prices = await pricesOfList(db, list.id)
  return {
    ...termsOf(list),
    prices: prices.map(({ sku, minQuantity, amountMinor, compareAtMinor }) => ({
      sku,
      minQuantity,
      price: amountMinor,
      ...(compareAtMinor === null ? {} : { compareAt: compareAtMinor }),
    })),
    version: list.version,
  }
}

function termsOf({ id, name, currency, group, channel, validFrom, validUntil }: ListRow) {
  return {
    id,
    name,
    currency,
    group,
    channel,
    validFrom: validFrom?.toISOString() ?? null,
    validUntil: validUntil?.toISOString() ?? null,
  }
}
