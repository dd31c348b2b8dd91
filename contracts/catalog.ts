/** Products, variants, categories, brands, images. */
import { Type, type Static } from 'typebox'
import { call, event, object, route, staff } from '@stoa/chassis/contract.ts'
import { Availability, Card, Id, Image, Language, Line, Moment, Money, Name, Rating, Sku } from './shared.ts'

const Text = Type.String({ maxLength: 20_000 })
/** Names of attributes and options: one line, at most 80 characters (the catalogue checks the length). */
const Key = Type.String({ pattern: '^[^\\u0000-\\u001f\\u2028\\u2029]+$' })
/** One value or several, e.g. `{colour: "black", ports: ["USB-C", "HDMI"], wireless: true}`. */
export const Attributes = Type.Record(
  Key,
  Type.Union([
    Type.String({ maxLength: 1000 }),
    Type.Number(),
    Type.Boolean(),
    Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 100 }),
  ]),
  { additionalProperties: false },
)
const Options = Type.Record(Key, Type.String({ minLength: 1, maxLength: 200 }), { additionalProperties: false })
export const Status = Type.Union([Type.Literal('active'), Type.Literal('draft')])
export const TaxClass = Type.Union([Type.Literal('standard'), Type.Literal('reduced'), Type.Literal('zero')])
export const CategoryRef = object({ id: Id, slug: Type.String(), path: Type.String() })

const VariantInput = object({
  id: Type.Optional(Id),
  sku: Sku,
  options: Type.Optional(Options),
  price: Money,
  compareAt: Type.Optional(Money),
  stock: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
  weightGrams: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000_000 })),
  barcode: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
  available: Type.Optional(Type.Unknown()),
  availability: Type.Optional(Type.Unknown()),
})
/** A product as a merchant writes it. What GET adds (ids, slug, rating …) may be sent back and is ignored. */
export const ProductInput = object({
  name: Name,
  description: Type.Optional(Text),
  brand: Type.Optional(Type.Union([Line, Type.Null()])),
  categories: Type.Optional(Type.Array(Type.Union([Type.String({ minLength: 1, maxLength: 300 }), CategoryRef]), { maxItems: 50 })),
  attributes: Type.Optional(Attributes),
  tags: Type.Optional(Type.Array(Line, { maxItems: 100 })),
  images: Type.Optional(Type.Array(Image, { maxItems: 50 })),
  /** `archived` is what GET gave of an archived product; it can be sent back, not created. */
  status: Type.Optional(Type.Union([Status, Type.Literal('archived')])),
  taxClass: Type.Optional(TaxClass),
  /** Of name and description, so that its words are found in every form; the shop's own unless told. */
  language: Type.Optional(Language),
  variants: Type.Array(VariantInput, { minItems: 1, maxItems: 200 }),
  id: Type.Optional(Type.Unknown()),
  slug: Type.Optional(Type.Unknown()),
  vendor: Type.Optional(Type.Unknown()),
  rating: Type.Optional(Type.Unknown()),
  similar: Type.Optional(Type.Unknown()),
  createdAt: Type.Optional(Type.Unknown()),
})
export type ProductInput = Static<typeof ProductInput>

export const Product = object({
  id: Id,
  slug: Type.String(),
  name: Type.String(),
  description: Type.String(),
  brand: Type.Union([Type.String(), Type.Null()]),
  categories: Type.Array(CategoryRef),
  attributes: Attributes,
  images: Type.Array(Image),
  tags: Type.Array(Type.String()),
  status: Type.Union([Status, Type.Literal('archived')]),
  taxClass: TaxClass,
  language: Type.Optional(Language),
  vendor: Type.Union([object({ id: Id }), Type.Null()]),
  rating: Rating,
  variants: Type.Array(
    object({
      id: Id,
      sku: Type.String(),
      options: Options,
      price: Money,
      compareAt: Type.Optional(Money),
      available: Type.Integer(),
      availability: Availability,
      weightGrams: Type.Integer(),
      barcode: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  similar: Type.Array(Card),
  createdAt: Moment,
})
export type Product = Static<typeof Product>

const Category = Type.Cyclic(
  {
    Category: object({ id: Id, slug: Type.String(), name: Type.String(), path: Type.String(), children: Type.Array(Type.Ref('Category')) }),
  },
  'Category',
)

const Write = staff('catalog:write', 'admin', 'vendor')
const ById = object({ id: Type.String({ minLength: 1, maxLength: 300 }) })

export const GetProduct = route('GET /products/{id}', {
  summary:
    'A product by id or slug, with stock, similar goods and the caller’s prices of this moment; without `currency`, whoever may replace it sees its own prices.',
  permission: 'public',
  class: 'browse',
  params: ById,
  query: object({ currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })) }),
  output: Product,
  keptMs: 5000,
  refusals: { 'not-found': 404 },
})
export const CreateProduct = route('POST /products', {
  summary: 'Creates a product. When it answers, the product can be read, priced and bought.',
  permission: Write,
  class: 'staff',
  body: ProductInput,
  output: Product,
  status: 201,
  idempotencyKey: 'optional',
  refusals: { 'sku-taken': 409, 'invalid-request': 422 },
})
export const ReplaceProduct = route('PUT /products/{id}', {
  summary: 'Replaces a product with what is given (what GET gave is welcome). `stock` is ignored for known SKUs.',
  permission: Write,
  class: 'staff',
  params: ById,
  body: ProductInput,
  output: Product,
  ifMatch: 'required',
  refusals: { 'not-found': 404, stale: 412, 'sku-taken': 409, 'invalid-request': 422 },
})
export const ArchiveProduct = route('DELETE /products/{id}', {
  summary: 'Archives a product: no longer listed or sold; old orders still show it.',
  permission: Write,
  class: 'staff',
  params: ById,
  output: object({}),
  status: 204,
  refusals: { 'not-found': 404 },
})
export const GetCategories = route('GET /categories', {
  summary: 'The category tree.',
  permission: 'public',
  class: 'browse',
  output: object({ items: Type.Array(Category) }),
  keptMs: 5000,
})
export const WatchProduct = route('GET /products/{id}/events', {
  summary: 'Server-sent events `stock` {sku, available} and `price` {sku, price}, beginning with the current values.',
  permission: 'public',
  class: 'browse',
  params: ById,
  output: object({}),
  answers: 'text/event-stream',
  refusals: { 'not-found': 404 },
})

export const ImportProducts = route('POST /imports/products', {
  summary: 'Stores a whole catalogue safely and then works through it. JSON Lines (a product a line as in POST /products) or CSV.',
  permission: staff('catalog:import', 'admin'),
  class: 'staff',
  rawBody: { as: 'stream', contentTypes: ['application/x-ndjson', 'text/csv'], maxBytes: 4_000_000_000 },
  output: object({ importId: Id }),
  status: 202,
  idempotencyKey: 'optional',
  refusals: { 'invalid-request': 422 },
})
export const ImportReport = object({
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  read: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  unchanged: Type.Integer(),
  failed: Type.Integer(),
  /** The first hundred; all of them at `reportUrl`. */
  errors: Type.Array(object({ line: Type.Integer(), code: Type.String(), message: Type.String() })),
  reportUrl: Type.String(),
})
export const GetImport = route('GET /imports/{id}', {
  summary: 'How far an import is, and what was wrong with which line.',
  permission: staff('catalog:import', 'admin'),
  class: 'staff',
  params: object({ id: Id }),
  output: ImportReport,
  refusals: { 'not-found': 404 },
})
export const GetImportReport = route('GET /imports/{id}/report', {
  summary: 'Every bad line of an import as CSV: line, code, message.',
  permission: staff('catalog:import', 'admin'),
  class: 'staff',
  params: object({ id: Id }),
  output: Type.Unknown(),
  answers: 'text/csv',
  refusals: { 'not-found': 404 },
})
export const ExportProducts = route('GET /exports/products', {
  summary:
    'The whole catalogue as JSON Lines, or as CSV by `format` or by `Accept: text/csv`. POST /imports/products takes either, and finds nothing changed.',
  permission: staff('catalog:import', 'admin'),
  class: 'staff',
  query: object({ format: Type.Optional(Type.Union([Type.Literal('jsonl'), Type.Literal('csv')])) }),
  output: Type.Unknown(),
  answers: 'application/x-ndjson',
  alsoAnswers: ['text/csv'],
})

export const GetSitemap = route('GET /sitemap', {
  summary: 'Pages of all categories and listed products for search engines (sitemaps.org); of a large catalogue the list of its parts.',
  permission: 'public',
  class: 'browse',
  query: object({ part: Type.Optional(Type.Integer({ minimum: 1, maximum: 50_000 })) }),
  output: Type.Unknown(),
  answers: 'application/xml',
  refusals: { 'not-found': 404 },
})

/** What other rooms must know of a SKU to show, weigh and sell it. Unknown SKUs and products are left out. */
export const SkuFacts = object({
  sku: Type.String(),
  productId: Id,
  variantId: Id,
  slug: Type.String(),
  name: Type.String(),
  options: Options,
  image: Type.Union([Image, Type.Null()]),
  active: Type.Boolean(),
})
export type SkuFacts = Static<typeof SkuFacts>
export const DescribeSkus = call('catalog.DescribeSkus', {
  summary: 'Facts of SKUs, in the order asked. A product id stands for all its variants.',
  input: object({ skus: Type.Array(Type.String(), { maxItems: 500 }), productIds: Type.Array(Id, { maxItems: 500 }) }),
  output: object({ items: Type.Array(SkuFacts) }),
  repeatable: true,
})

/** A product as other services receive it: whole, so that the newest event is all they need. */
export const ProductDocument = object({
  productId: Id,
  version: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  description: Type.String(),
  brand: Type.Union([Type.String(), Type.Null()]),
  categories: Type.Array(CategoryRef),
  /** The categories and all above them, so that a listener can find a product below any of them. */
  categoryTree: Type.Optional(Type.Array(CategoryRef)),
  attributes: Attributes,
  tags: Type.Array(Type.String()),
  image: Type.Union([Image, Type.Null()]),
  status: Type.Union([Status, Type.Literal('archived')]),
  taxClass: TaxClass,
  /** Of name and description; the shop's own unless told. */
  language: Type.Optional(Language),
  vendorId: Type.Union([Id, Type.Null()]),
  createdAt: Moment,
  variants: Type.Array(
    object({
      variantId: Id,
      sku: Type.String(),
      options: Options,
      price: Money,
      compareAt: Type.Union([Money, Type.Null()]),
      openingStock: Type.Integer(),
      weightGrams: Type.Integer(),
    }),
  ),
})
export type ProductDocument = Static<typeof ProductDocument>
const changes = { topic: 'catalog.events', version: 1, key: 'productId', touches: 'productId', data: ProductDocument } as const
export const ProductCreated = event('ProductCreated', { summary: 'A product was created.', ...changes })
export const ProductChanged = event('ProductChanged', { summary: 'A product changed; its newest whole state.', ...changes })
export const ProductArchived = event('ProductArchived', { summary: 'A product is no longer listed or sold.', ...changes })
