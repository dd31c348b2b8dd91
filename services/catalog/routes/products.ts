/** Doors of the catalogue: reading and writing one product, the tree of categories. */
import { createHash } from 'node:crypto'
import type { Static } from 'typebox'
import { createLookup, oncePer } from '@stoa/chassis/batcher.ts'
import { isRefusal, refuse, type Call } from '@stoa/chassis/contract.ts'
import { namesVersion } from '@stoa/chassis/http/etag.ts'
import type { Db } from '@stoa/chassis/database/sql.ts'
import { live, orchestrate, read, type CallFn, type Caller, type Common, type LiveEvent, type Received } from '@stoa/chassis/service.ts'
import { ArchiveProduct, CreateProduct, GetCategories, GetProduct, ReplaceProduct, WatchProduct } from '@stoa/contracts/catalog.ts'
import { AvailabilityOf, StockChanged } from '@stoa/contracts/inventory.ts'
import { buyerOf, PriceChanged, PricesOf, type Buyer } from '@stoa/contracts/pricing.ts'
import { SimilarTo } from '@stoa/contracts/search.ts'
import { isId } from '@stoa/kit/ids.ts'
import type { Money } from '@stoa/kit/money.ts'
import { treeOf } from '../domain/category-tree.ts'
import { archive, contentOf, create, replace, type Product } from '../domain/product.ts'
import { viewOf, type Facts } from '../domain/view.ts'
import { LastKnown } from '../last-known.ts'
import { allCategories, CATEGORIES } from '../store/categories.ts'
import { lockProduct, ownersOf, ratedByIds, ratedBySlugs, type Rated } from '../store/products.ts'
import { handOver, saveArchived, saveChanges, SkusTaken } from '../usecases.ts'

const SIMILAR = 8
const STOCK_REMEMBERED_MAX = 20_000
/** What inventory said last, for when it is away. */
const stockSeen = new LastKnown<string, { sku: string; available: number; low: boolean }>(STOCK_REMEMBERED_MAX)

type Asking = Pick<Common, 'log'> & { readonly call: CallFn; readonly db: Db }

export const getProduct = read(GetProduct, async ({ params, query, caller, reply, ...asking }) => {
  const found = await find(asking.db, params.id)
  if (!found || !mayRead(found.product, caller)) return refuse('not-found')
  const facts = await factsOf(asking, found, pricesFor(found.product, caller, query.currency))
  reply.etag(tagOf(found.product, facts))
  if (facts.isWhole) reply.shows([found.product.id, ...facts.similar.map((one) => one.id)])
  return viewOf(found.product, facts)
})

export const createProduct = orchestrate(CreateProduct, async ({ input, caller, now, newId, transaction, fixedIds, reply, ...asking }) => {
  const checked = contentOf(input)
  if ('errors' in checked) return refuse('invalid-request', { errors: checked.errors })
  if (checked.content.status === 'archived')
    return refuse('invalid-request', { errors: [{ path: 'status', code: 'not-allowed', message: 'must be "active" or "draft"' }] })
  const { productId } = await fixedIds('productId')
  const saved = await transaction(async (tx) => {
    // A retry after a neighbour failed goes on with what is there.
    const begun = await lockProduct(tx, productId)
    if (begun) return begun
    const taken = [
      ...(
        await ownersOf(
          tx,
          checked.content.variants.map((one) => one.sku),
        )
      ).keys(),
    ]
    if (taken.length > 0) return skuTaken(checked.content.variants, taken)
    const change = create(checked.content, { productId, newId }, vendorOf(caller), now.toISOString())
    const stored = await saveChanges(tx, [change], newId)
    return stored instanceof SkusTaken ? skuTaken(checked.content.variants, stored.skus) : (stored[0] as Product)
  })
  if (isRefusal(saved)) return saved
  await handOver(asking.call, [saved])
  reply.location(`/api/products/${saved.id}`)
  reply.etag(saved.version)
  return viewOf(saved, await factsOf(asking, { product: saved, rating: { average: 0, count: 0 } }, 'own'))
})

export const replaceProduct = orchestrate(
  ReplaceProduct,
  async ({ params, input, ifMatch, caller, newId, transaction, reply, ...asking }) => {
    const checked = contentOf(input)
    if ('errors' in checked) return refuse('invalid-request', { errors: checked.errors })
    const { content } = checked
    const found = await find(asking.db, params.id)
    if (!found || !mayWrite(found.product, caller)) return refuse('not-found')
    const saved = await transaction(async (tx) => {
      const product = await lockProduct(tx, found.product.id)
      if (!product || !mayWrite(product, caller)) return refuse('not-found')
      if (!namesVersion(ifMatch, product.version))
        return refuse('stale', {
          detail: 'The product changed meanwhile. Read it again and repeat the change.',
          currentVersion: product.version,
        })
      const owners = await ownersOf(
        tx,
        content.variants.map((one) => one.sku),
      )
      const taken = [...owners].filter(([, owner]) => owner !== product.id).map(([sku]) => sku)
      if (taken.length > 0) return skuTaken(content.variants, taken)
      const change = replace(product, content, newId)
      if (!change) return product
      const stored = await saveChanges(tx, [change], newId)
      return stored instanceof SkusTaken ? skuTaken(content.variants, stored.skus) : (stored[0] as Product)
    })
    if (isRefusal(saved)) return saved
    await handOver(asking.call, [saved])
    reply.etag(saved.version)
    return viewOf(saved, await factsOf(asking, { product: saved, rating: found.rating }, 'own'))
  },
)

export const archiveProduct = orchestrate(ArchiveProduct, async ({ params, caller, db, call, transaction }) => {
  const found = await find(db, params.id)
  if (!found || !mayWrite(found.product, caller)) return refuse('not-found')
  const archived = await transaction(async (tx) => {
    const product = await lockProduct(tx, found.product.id)
    if (!product) return refuse('not-found')
    const next = archive(product)
    if (next) await saveArchived(tx, next)
    return next ?? product
  })
  if (isRefusal(archived)) return archived
  await handOver(call, [archived])
  return {}
})

export const getCategories = read(GetCategories, async ({ db, reply }) => {
  reply.shows([CATEGORIES])
  return { items: treeOf(await allCategories(db)) }
})

export const watchProduct = live(WatchProduct, async ({ params, caller, tail, signal, ...asking }) => {
  const found = await find(asking.db, params.id)
  if (!found || !mayRead(found.product, caller)) return refuse('not-found')
  const { variants } = found.product.details
  // Tailing begins before the present is read, so that nothing falls between.
  const changes = await tail(
    [StockChanged, PriceChanged],
    variants.map((one) => one.sku),
    signal,
  )
  const buyer = buyerOf(caller)
  return watch(variants, await factsOf(asking, found, buyer), changes, (sku, price) => priceFor(asking, buyer, sku, price))
})

async function* watch(
  variants: Product['details']['variants'],
  { prices, stock }: Facts,
  changes: AsyncIterable<Received<typeof StockChanged | typeof PriceChanged>>,
  priceNow: (sku: string, told: Money) => Promise<Money>,
): AsyncGenerator<LiveEvent> {
  for (const { sku, price } of variants) {
    yield { event: 'stock', data: { sku, available: stock.get(sku)?.available ?? 0 } }
    yield { event: 'price', data: { sku, price: prices.get(sku)?.price ?? price } }
  }
  for await (const { data } of changes) {
    if ('available' in data) yield { event: 'stock', data: { sku: data.sku, available: data.available } }
    else yield { event: 'price', data: { sku: data.sku, price: await priceNow(data.sku, data.price) } }
  }
}

const byId = oncePer((db: Db) => createLookup((ids: string[]) => ratedByIds(db, ids)))
const bySlug = oncePer((db: Db) => createLookup((slugs: string[]) => ratedBySlugs(db, slugs)))

async function find(db: Db, idOrSlug: string): Promise<Rated | undefined> {
  const id = idOrSlug.toLowerCase()
  return (isId(id) ? (await byId(db)([id])).get(id) : undefined) ?? (await bySlug(db)([idOrSlug])).get(idOrSlug)
}

/** Whose prices a product is shown with: the product's own, or those that count for a buyer. */
type Shown = 'own' | (Buyer & { readonly currency?: string })

/** Whoever may write a product is shown its own prices: what they read is what they send back, and no list must end up in it. */
function pricesFor(product: Product, caller: Caller, currency: string | undefined): Shown {
  if (currency !== undefined) return { ...buyerOf(caller), currency }
  return mayWrite(product, caller) ? 'own' : buyerOf(caller)
}

/** The version, with a mark of the prices where a list made them others: such a tag says nothing to `If-Match`. */
function tagOf({ version, details }: Product, { prices }: Facts): string | number {
  const shown = details.variants.map(({ sku, price, compareAt }) => {
    const now = prices.get(sku) ?? { price, compareAt }
    return [now.price.amount, now.price.currency, now.compareAt?.amount ?? null]
  })
  const own = details.variants.map(({ price, compareAt }) => [price.amount, price.currency, compareAt?.amount ?? null])
  const text = JSON.stringify(shown)
  return text === JSON.stringify(own) ? version : `${version}-${createHash('sha256').update(text).digest('base64url').slice(0, 11)}`
}

/** A price that was told for everybody, as it is for this buyer. */
async function priceFor({ call, log }: Asking, buyer: Buyer, sku: string, told: Money): Promise<Money> {
  if (Object.keys(buyer).length === 0) return told
  const answer = await call(PricesOf, { skus: [sku], ...buyer }).catch((error: unknown) =>
    log.warn({ error, sku }, 'the public price is shown'),
  )
  return answer?.items[0]?.price ?? told
}

/** What the neighbours say, each with a stated answer for when it is away: own prices, stock last heard of, nothing similar. */
async function factsOf({ call, log }: Asking, { product, rating }: Rated, shown: Shown): Promise<Facts> {
  const skus = product.details.variants.map((one) => one.sku)
  const ask = async <C extends Call>(contract: C, input: Static<C['input']>): Promise<Static<C['output']> | undefined> => {
    try {
      const outcome = await call(contract, input)
      return isRefusal(outcome) ? undefined : (outcome as Static<C['output']>)
    } catch (error) {
      log.warn({ error, productId: product.id }, `a product is shown without what ${contract.service} says`)
      return undefined
    }
  }
  const [priced, stocked, alike] = await Promise.all([
    shown === 'own' ? undefined : ask(PricesOf, { skus, ...shown }),
    ask(AvailabilityOf, { skus }),
    product.status === 'archived' ? undefined : ask(SimilarTo, { productId: product.id, limit: SIMILAR }),
  ])
  for (const one of stocked?.items ?? []) stockSeen.set(one.sku, one)
  const seen = skus.flatMap((sku) => stockSeen.get(sku) ?? [])
  return {
    prices: new Map(priced?.items.map((one) => [one.sku, one])),
    stock: new Map((stocked?.items ?? seen).map((one) => [one.sku, one])),
    similar: alike?.items ?? [],
    rating,
    isWhole: [priced ?? shown === 'own', stocked, alike ?? product.status === 'archived'].every(Boolean),
  }
}

/** A vendor's goods are the vendor's; those an administrator writes are the shop's own. */
function vendorOf(caller: Caller): string | null {
  return caller.kind === 'account' && !caller.roles.includes('admin') ? caller.accountId : null
}

function mayWrite(product: Product, caller: Caller): boolean {
  if (caller.kind !== 'account') return false
  return caller.roles.includes('admin') || product.vendorId === caller.accountId
}

function mayRead(product: Product, caller: Caller): boolean {
  return product.status !== 'draft' || mayWrite(product, caller)
}

function skuTaken(variants: readonly { readonly sku: string }[], taken: readonly string[]) {
  const errors = variants.flatMap(({ sku }, index) =>
    taken.includes(sku) ? [{ path: `variants[${index}].sku`, code: 'sku-taken', message: 'belongs to another product' }] : [],
  )
  return refuse('sku-taken', { detail: `Belongs to another product: ${taken.join(', ')}.`, errors })
}
