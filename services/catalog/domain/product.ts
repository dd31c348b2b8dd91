/** What a product is, and what becomes of it when a merchant writes it anew. */
import { createHash } from 'node:crypto'
import { slugOf } from './slug.ts'
import { namesOfPath, pathKey, pathOfNames } from './category-path.ts'
import type { FieldError } from '@stoa/chassis/contract.ts'
import type { ProductDocument, ProductInput } from '@stoa/contracts/catalog.ts'
import type { Language } from '@stoa/contracts/shared.ts'
import type { Money } from '@stoa/kit/money.ts'

export type ProductStatus = 'active' | 'draft' | 'archived'
export interface CategoryRef {
  readonly id: string
  readonly slug: string
  readonly path: string
}
type Attributes = ProductDocument['attributes']
type Image = NonNullable<ProductDocument['image']>

/** One way to buy a product, as the merchant gave it last. */
export interface Variant {
  readonly id: string
  readonly sku: string
  readonly options: Record<string, string>
  readonly price: Money
  readonly compareAt: Money | null
  /** Units given when the SKU was new; never changed afterwards. */
  readonly openingStock: number
  readonly weightGrams: number
  readonly barcode: string | null
}

/** The part of a product that is stored as one document. */
export interface Details {
  readonly description: string
  readonly brand: string | null
  readonly categories: readonly CategoryRef[]
  /** The categories and all above them. */
  readonly categoryTree: readonly CategoryRef[]
  readonly attributes: Attributes
  readonly tags: readonly string[]
  readonly images: readonly Image[]
  readonly taxClass: 'standard' | 'reduced' | 'zero'
  readonly language?: Language
  readonly variants: readonly Variant[]
}

/** A product as it is stored. */
export interface Product {
  readonly id: string
  readonly version: number
  readonly slug: string
  readonly name: string
  readonly status: ProductStatus
  readonly vendorId: string | null
  /** Mark of everything a merchant writes but opening stock: equal marks, equal products. */
  readonly hash: string
  readonly createdAt: string
  readonly details: Details
}

/** A product as a merchant wrote it, with every default filled in. */
export interface Content {
  readonly name: string
  readonly description: string
  readonly brand: string | null
  /** Paths such as `Cameras > Digital`. */
  readonly categories: readonly string[]
  readonly attributes: Attributes
  readonly tags: readonly string[]
  readonly images: readonly Image[]
  readonly status: ProductStatus
  readonly taxClass: Details['taxClass']
  readonly language?: Language
  readonly variants: readonly (Omit<Variant, 'id' | 'openingStock'> & { readonly id: string | undefined; readonly stock: number })[]
  readonly hash: string
}

/** Of attributes and options. Units: UTF-16 code units. */
const NAME_LENGTH_MAX = 80

/** Fills in defaults and finds the faults that a schema cannot see. */
export function contentOf(input: ProductInput): { readonly content: Content } | { readonly errors: FieldError[] } {
  const errors = [...unstorableText(input), ...nameFaults(input), ...categoryFaults(input), ...variantFaults(input), ...imageFaults(input)]
  if (errors.length > 0) return { errors }
  const written = {
    name: oneLine(input.name),
    description: input.description ?? '',
    brand: input.brand ? oneLine(input.brand) : null,
    categories: distinct((input.categories ?? []).map((one) => pathOfNames(namesOfPath(pathOf(one)) as string[]))),
    attributes: input.attributes ?? {},
    tags: distinct((input.tags ?? []).map(oneLine)),
    images: (input.images ?? []).map(({ url, alt, width, height }) => ({ url, alt, width, height })),
    status: input.status ?? 'active',
    taxClass: input.taxClass ?? 'standard',
    ...(input.language ? { language: input.language } : {}),
  } as const
  const variants = input.variants.map((one) => ({
    sku: one.sku,
    options: one.options ?? {},
    price: one.price,
    compareAt: one.compareAt ?? null,
    weightGrams: one.weightGrams ?? 0,
    barcode: one.barcode ?? null,
  }))
  return {
    content: {
      ...written,
      variants: variants.map((one, index) => ({
        ...one,
        id: input.variants[index]?.id?.toLowerCase(),
        stock: input.variants[index]?.stock ?? 0,
      })),
      hash: markOf({ ...written, variants }),
    },
  }
}

/** A change of a product that is to be stored. */
export interface Change {
  readonly kind: 'created' | 'changed'
  /** With the slug it has now; blank while it has none. */
  readonly product: Omit<Product, 'details'> & { readonly details: Omit<Details, 'categories' | 'categoryTree'> }
  readonly categories: readonly string[]
  /** Slug to make anew from the name; undefined keeps the present one. */
  readonly slugBase: string | undefined
  /** SKUs that leave the product; they stay reserved for it. */
  readonly retired: readonly string[]
}

/** Makes a new product of `content`. */
export function create(
  content: Content,
  ids: { readonly productId: string; newId(): string },
  vendorId: string | null,
  createdAt: string,
): Change {
  return {
    kind: 'created',
    product: {
      id: ids.productId,
      version: 1,
      slug: '',
      name: content.name,
      status: content.status,
      vendorId,
      hash: content.hash,
      createdAt,
      details: { ...detailsOf(content), variants: content.variants.map((one) => variantOf(one, undefined, ids.newId)) },
    },
    categories: content.categories,
    slugBase: slugOf(content.name, 'product'),
    retired: [],
  }
}

/** What of a product counts when it is written anew. */
export type Stored = Omit<Product, 'status' | 'details'> & { readonly details: Pick<Details, 'variants'> }

/** Replaces `product` by `content`: variants are matched by id, else by SKU. Undefined when nothing changes. */
export function replace(product: Stored, content: Content, newId: () => string): Change | undefined {
  if (product.hash === content.hash) return undefined
  const known = product.details.variants
  const byId = new Map(known.map((one) => [one.id, one]))
  const bySku = new Map(known.map((one) => [one.sku, one]))
  const used = new Set<string>()
  const variants = content.variants.map((one) => {
    const match = (one.id === undefined ? undefined : byId.get(one.id)) ?? bySku.get(one.sku)
    const own = match && !used.has(match.id) ? match : undefined
    if (own) used.add(own.id)
    return variantOf(one, own, newId)
  })
  const kept = new Set(variants.map((one) => one.sku))
  const base = slugOf(content.name, 'product')
  return {
    kind: 'changed',
    product: {
      id: product.id,
      version: product.version + 1,
      slug: product.slug,
      name: content.name,
      status: content.status,
      vendorId: product.vendorId,
      hash: content.hash,
      createdAt: product.createdAt,
      details: { ...detailsOf(content), variants },
    },
    categories: content.categories,
    slugBase: base === slugOf(product.name, 'product') ? undefined : base,
    retired: known.map((one) => one.sku).filter((sku) => !kept.has(sku)),
  }
}

/** Takes `product` off sale. Undefined when it is off already. */
export function archive(product: Product): Product | undefined {
  if (product.status === 'archived') return undefined
  const { name, details } = product
  const written = { ...details, name, status: 'archived' as const, categories: details.categories.map((one) => one.path) }
  return { ...product, version: product.version + 1, status: 'archived', hash: markOf(written) }
}

/** What other services receive of a product. */
export function documentOf(product: Product): ProductDocument {
  const { details } = product
  return {
    productId: product.id,
    version: product.version,
    slug: product.slug,
    name: product.name,
    description: details.description,
    brand: details.brand,
    categories: [...details.categories],
    categoryTree: [...details.categoryTree],
    attributes: details.attributes,
    tags: [...details.tags],
    image: details.images[0] ?? null,
    status: product.status,
    taxClass: details.taxClass,
    ...(details.language ? { language: details.language } : {}),
    vendorId: product.vendorId,
    createdAt: product.createdAt,
    variants: details.variants.map(({ id, sku, options, price, compareAt, openingStock, weightGrams }) => ({
      variantId: id,
      sku,
      options,
      price,
      compareAt,
      openingStock,
      weightGrams,
    })),
  }
}

function detailsOf(content: Content) {
  const { description, brand, attributes, tags, images, taxClass, language } = content
  return { description, brand, attributes, tags, images, taxClass, ...(language ? { language } : {}) }
}

/** Opening stock counts for a SKU that is new; a known one keeps what it opened with. */
function variantOf(given: Content['variants'][number], known: Variant | undefined, newId: () => string): Variant {
  const { stock, id: _given, ...rest } = given
  return { ...rest, id: known?.id ?? newId(), openingStock: known?.sku === given.sku ? known.openingStock : stock }
}

function markOf(
  written: Omit<Content, 'hash' | 'variants'> & { readonly variants: readonly Omit<Variant, 'id' | 'openingStock'>[] },
): string {
  const { name, description, brand, categories, attributes, tags, images, status, taxClass, language } = written
  const variants = written.variants.map(({ sku, options, price, compareAt, weightGrams, barcode }) => [
    sku,
    options,
    price.amount,
    price.currency,
    compareAt?.amount,
    weightGrams,
    barcode,
  ])
  const whole = [
    name,
    description,
    brand,
    categories.map(pathKey),
    attributes,
    tags,
    images.map(({ url, alt, width, height }) => [url, alt, width, height]),
    status,
    taxClass,
    variants,
    // Products without one keep the marks they had.
    ...(language ? [language] : []),
  ]
  return createHash('sha256').update(JSON.stringify(whole)).digest('base64url')
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}

type Given = NonNullable<ProductInput['categories']>[number]

function pathOf(given: Given): string {
  return typeof given === 'string' ? given : given.path
}

function nameFaults(input: ProductInput): FieldError[] {
  const names = [
    ...Object.keys(input.attributes ?? {}).map((name) => ({ name, path: 'attributes' })),
    ...input.variants.flatMap((one, index) => Object.keys(one.options ?? {}).map((name) => ({ name, path: `variants[${index}].options` }))),
  ]
  return names
    .filter(({ name }) => name.length > NAME_LENGTH_MAX || name.trim() === '')
    .map(({ name, path }) => ({ path: `${path}.${name}`, code: 'malformed', message: `must have 1 to ${NAME_LENGTH_MAX} characters` }))
}

function categoryFaults(input: ProductInput): FieldError[] {
  return (input.categories ?? []).flatMap((one, index) =>
    namesOfPath(pathOf(one))
      ? []
      : [
          {
            path: `categories[${index}]`,
            code: 'invalid-path',
            message: 'must be names joined by " > ", at most 8 and 300 characters, none blank',
          },
        ],
  )
}

function imageFaults(input: ProductInput): FieldError[] {
  return (input.images ?? []).flatMap((one, index) =>
    /^(https?:\/\/|\/(?!\/))/.test(one.url)
      ? []
      : [{ path: `images[${index}].url`, code: 'invalid-url', message: 'must begin with http://, https:// or /' }],
  )
}

function variantFaults(input: ProductInput): FieldError[] {
  const errors: FieldError[] = []
  const skus = new Set<string>()
  const currency = input.variants[0]?.price.currency
  for (const [index, one] of input.variants.entries()) {
    if (skus.has(one.sku)) errors.push({ path: `variants[${index}].sku`, code: 'duplicate', message: 'stands twice in this product' })
    skus.add(one.sku)
    if (one.price.currency !== currency)
      errors.push({ path: `variants[${index}].price.currency`, code: 'currency-mismatch', message: 'must be the same for all variants' })
    if (one.compareAt && one.compareAt.currency !== one.price.currency)
      errors.push({
        path: `variants[${index}].compareAt.currency`,
        code: 'currency-mismatch',
        message: 'must be the currency of the price',
      })
  }
  return errors
}

/** NUL and halves of surrogate pairs cannot be stored as text. */
function unstorableText(value: unknown, path = ''): FieldError[] {
  if (typeof value === 'string')
    return value.includes('\0') || !value.isWellFormed()
      ? [{ path, code: 'invalid-text', message: 'must not hold NUL or broken characters' }]
      : []
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((one, index) => unstorableText(one, `${path}[${index}]`))
  return Object.entries(value).flatMap(([key, one]) => {
    const inner = path === '' ? key : `${path}.${key}`
    return [...unstorableText(key, inner), ...unstorableText(one, inner)]
  })
}
