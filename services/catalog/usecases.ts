/** What several doors of this room do alike. */
import { bodyValidator } from '@stoa/chassis/http/validation.ts'
import type { FieldError } from '@stoa/chassis/contract.ts'
import type { Tx } from '@stoa/chassis/database/sql.ts'
import type { CallFn } from '@stoa/chassis/service.ts'
import { ProductArchived, ProductChanged, ProductCreated, ProductInput } from '@stoa/contracts/catalog.ts'
import { OpenStock } from '@stoa/contracts/inventory.ts'
import { PutPrices } from '@stoa/contracts/pricing.ts'
import { pathKey, pathsAbove } from './domain/category-path.ts'
import { contentOf, documentOf, type CategoryRef, type Change, type Content, type Product } from './domain/product.ts'
import { freeSlug, slugCandidates } from './domain/slug.ts'
import { ensureCategories } from './store/categories.ts'
import { putProducts, putSlugs, putVariants, slugOwners } from './store/products.ts'

/** Bounds of one call to a neighbour. */
const VARIANTS_PER_CALL = 1000
const PRODUCTS_PER_CALL = 500

const validate = bodyValidator(ProductInput)

/** The content of a product given as unknown JSON, or every fault of it: as strict as the door `POST /products`. */
export function checkProduct(given: unknown): { readonly content: Content } | { readonly errors: readonly FieldError[] } {
  const errors = validate(given)
  return errors.length > 0 ? { errors } : contentOf(given as ProductInput)
}

/** SKUs that belong to other products. */
export class SkusTaken {
  readonly skus: readonly string[]
  constructor(skus: readonly string[]) {
    this.skus = skus
  }
}

/** Stores changes, with their categories and slugs, and tells of them. When SKUs are taken the transaction must end without effect. */
export async function saveChanges(tx: Tx, changes: readonly Change[], newId: () => string): Promise<readonly Product[] | SkusTaken> {
  if (changes.length === 0) return []
  const categories = await ensureCategories(
    tx,
    changes.flatMap((one) => one.categories),
    newId,
  )
  const slugs = await chooseSlugs(tx, changes)
  const products = changes.map((one) => whole(one, categories, slugs.get(one.product.id) ?? one.product.slug))
  await putProducts(tx, products)
  const taken = await putVariants(
    tx,
    products,
    changes.flatMap((one) => one.retired),
  )
  if (taken.length > 0) return new SkusTaken(taken)
  for (const [index, product] of products.entries()) tx.publish(eventOf(product, changes[index]?.kind), documentOf(product))
  return products
}

/** Stores a product whose status alone changed. */
export async function saveArchived(tx: Tx, product: Product): Promise<void> {
  await putProducts(tx, [product])
  tx.publish(ProductArchived, documentOf(product))
}

function eventOf(product: Product, kind: Change['kind'] | undefined) {
  if (product.status === 'archived') return ProductArchived
  return kind === 'created' ? ProductCreated : ProductChanged
}

function whole(change: Change, categories: ReadonlyMap<string, CategoryRef>, slug: string): Product {
  const refs = (paths: readonly string[]) => [...new Set(paths.map((path) => categories.get(pathKey(path)) as CategoryRef))]
  const tree = change.categories.flatMap(pathsAbove)
  return { ...change.product, slug, details: { ...change.product.details, categories: refs(change.categories), categoryTree: refs(tree) } }
}

/** Slugs for products that are new or have another name; what a product was called before stays its own. */
async function chooseSlugs(tx: Tx, changes: readonly Change[]): Promise<Map<string, string>> {
  const wanted = changes.flatMap(({ slugBase, product }) =>
    slugBase === undefined ? [] : [{ productId: product.id, candidates: slugCandidates(slugBase, product.id) }],
  )
  const chosen = new Map<string, string>()
  if (wanted.length === 0) return chosen
  const owners = await slugOwners(
    tx,
    wanted.flatMap((one) => one.candidates),
  )
  for (const { productId, candidates } of wanted) {
    const slug = freeSlug(candidates, owners, productId)
    owners.set(slug, productId)
    chosen.set(productId, slug)
  }
  const lost = await putSlugs(tx, rowsOf(chosen))
  if (lost.size === 0) return chosen
  // Somebody took one in this very moment: the last candidate holds part of the id.
  for (const { productId, candidates } of wanted) if (lost.has(productId)) chosen.set(productId, candidates.at(-1) as string)
  await putSlugs(
    tx,
    rowsOf(chosen).filter((one) => lost.has(one.productId)),
  )
  return chosen
}

function rowsOf(chosen: ReadonlyMap<string, string>): { slug: string; productId: string }[] {
  return [...chosen].map(([productId, slug]) => ({ slug, productId }))
}

/**
 * Lets pricing and inventory take their part of products, so that they can be priced and bought. Both may be told again and
 * again. Throws: when one cannot be reached; the events of the same products stand behind this call.
 */
export async function handOver(call: CallFn, products: readonly Product[]): Promise<void> {
  for (const part of partsOf(products)) {
    const prices = call(PutPrices, {
      products: part.map((one) => ({
        productId: one.id,
        productVersion: one.version,
        archived: one.status === 'archived',
        variants: one.details.variants.map(({ sku, price, compareAt, weightGrams }) => ({
          sku,
          price,
          compareAt,
          weightGrams,
          taxClass: one.details.taxClass,
        })),
      })),
    })
    const items = part
      .filter((one) => one.status !== 'archived')
      .flatMap((one) => one.details.variants.map(({ sku, openingStock }) => ({ sku, productId: one.id, units: openingStock })))
    await Promise.all([prices, items.length > 0 ? call(OpenStock, { items }) : undefined])
  }
}

function partsOf(products: readonly Product[]): Product[][] {
  const parts: Product[][] = []
  let variants = 0
  for (const product of products) {
    variants += product.details.variants.length
    const open = parts.at(-1)
    if (open && variants <= VARIANTS_PER_CALL && open.length < PRODUCTS_PER_CALL) {
      open.push(product)
    } else {
      parts.push([product])
      variants = product.details.variants.length
    }
  }
  return parts
}
