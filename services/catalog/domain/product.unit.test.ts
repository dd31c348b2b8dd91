import { describe, expect, test } from 'vitest'
import { archive, contentOf, create, documentOf, replace, type Change, type Content, type Product } from './product.ts'

const euro = (amount: number) => ({ amount, currency: 'EUR' })
let made = 0
const newId = () => `id-${++made}`
const now = '2026-11-21T00:00:00.000Z'
const input = {
  name: ' A  lamp ',
  categories: ['Home>Lamps'],
  tags: ['new', 'new '],
  variants: [{ sku: 'L-1', price: euro(100), stock: 5 }],
}
function read(given: object): Content {
  const checked = contentOf(given as never)
  if ('errors' in checked) throw new Error(JSON.stringify(checked.errors))
  return checked.content
}
function stored(change: Change): Product {
  const refs = change.categories.map((path) => ({ id: path, slug: path, path }))
  return {
    ...change.product,
    slug: change.slugBase ?? change.product.slug,
    details: { ...change.product.details, categories: refs, categoryTree: refs },
  }
}

describe('reading what a merchant wrote', () => {
  test('blanks are tidied, repeats dropped, defaults filled in', () => {
    expect(read(input)).toMatchObject({
      name: 'A lamp',
      description: '',
      brand: null,
      categories: ['Home > Lamps'],
      tags: ['new'],
      status: 'active',
      taxClass: 'standard',
      variants: [{ sku: 'L-1', options: {}, compareAt: null, weightGrams: 0, barcode: null, stock: 5 }],
    })
  })

  test('stock and ids do not mark a product, everything else does', () => {
    const { hash } = read(input)
    expect(read({ ...input, variants: [{ ...input.variants[0], stock: 9, id: '6B1E1A1C-0000-7000-8000-000000000000' }] }).hash).toBe(hash)
    expect(read({ ...input, categories: ['home > LAMPS'] }).hash).toBe(hash)
    const others = [
      { name: 'B' },
      { description: 'x' },
      { brand: 'x' },
      { categories: ['Home'] },
      { attributes: { a: 1 } },
      { tags: [] },
      { images: [{ url: '/a', alt: '', width: 1, height: 1 }] },
      { status: 'draft' },
      { taxClass: 'zero' },
      { language: 'de' },
      { variants: [{ sku: 'L-1', price: euro(101) }] },
    ]
    expect(new Set([hash, ...others.map((one) => read({ ...input, ...one }).hash)]).size).toBe(others.length + 1)
  })

  test('text that no database stores is named by its path', () => {
    const checked = contentOf({
      ...input,
      description: 'a\0',
      attributes: { b: ['fine', '\ud800'] },
      variants: [{ ...input.variants[0], options: { c: '\0' } }],
    } as never)
    expect('errors' in checked && checked.errors.map((one) => one.path).toSorted()).toEqual([
      'attributes.b[1]',
      'description',
      'variants[0].options.c',
    ])
  })
})

test('names of attributes and options have a length', () => {
  const checked = contentOf({
    ...input,
    attributes: { ['x'.repeat(81)]: 1, ok: 2 },
    variants: [{ ...input.variants[0], options: { ' ': 'x' } }],
  } as never)
  expect('errors' in checked && checked.errors.map((one) => one.path)).toEqual([`attributes.${'x'.repeat(81)}`, 'variants[0].options. '])
})

describe('writing a product anew', () => {
  const product = stored(
    create(
      read({
        ...input,
        variants: [
          { sku: 'A', price: euro(1), stock: 3 },
          { sku: 'B', price: euro(2), stock: 4 },
        ],
      }),
      { productId: 'p', newId },
      'vendor',
      now,
    ),
  )
  const [a, b] = product.details.variants as [Product['details']['variants'][number], Product['details']['variants'][number]]

  test('the same content is no change', () => {
    expect(
      replace(
        product,
        read({
          ...input,
          variants: [
            { sku: 'A', price: euro(1), stock: 77 },
            { sku: 'B', price: euro(2) },
          ],
        }),
        newId,
      ),
    ).toBeUndefined()
  })

  test('a change is the next version, of the same product, vendor and time', () => {
    expect(replace(product, read({ ...input, description: 'new' }), newId)).toMatchObject({
      kind: 'changed',
      product: { id: 'p', version: 2, vendorId: 'vendor', createdAt: now },
      slugBase: undefined,
      retired: ['A', 'B'],
    })
  })

  test('a variant keeps its id by id or by SKU; opening stock counts for new SKUs only', () => {
    const change = replace(
      product,
      read({
        ...input,
        variants: [
          { id: b.id, sku: 'B2', price: euro(2), stock: 9 },
          { sku: 'A', price: euro(1), stock: 50 },
          { sku: 'C', price: euro(1), stock: 6 },
        ],
      }),
      newId,
    )
    expect(change?.product.details.variants).toMatchObject([
      { id: b.id, sku: 'B2', openingStock: 9 },
      { id: a.id, sku: 'A', openingStock: 3 },
      { sku: 'C', openingStock: 6 },
    ])
    expect(change?.retired).toEqual(['B'])
  })

  test('no two variants get one id', () => {
    const change = replace(
      product,
      read({
        ...input,
        variants: [
          { id: a.id, sku: 'X', price: euro(1) },
          { sku: 'A', price: euro(1) },
        ],
      }),
      newId,
    )
    expect(new Set(change?.product.details.variants.map((one) => one.id)).size).toBe(2)
  })

  test('only another name makes another slug', () => {
    expect(replace(product, read({ ...input, name: 'A LAMP!' }), newId)?.slugBase).toBeUndefined()
    expect(replace(product, read({ ...input, name: 'A chair' }), newId)?.slugBase).toBe('a-chair')
  })

  test('archiving is one version, and writing the archived product back is no change', () => {
    const archived = archive(product) as Product
    expect(archived).toMatchObject({ version: 2, status: 'archived' })
    expect(archive(archived)).toBeUndefined()
    expect(
      replace(
        archived,
        read({
          ...input,
          status: 'archived',
          variants: [
            { sku: 'A', price: euro(1) },
            { sku: 'B', price: euro(2) },
          ],
        }),
        newId,
      ),
    ).toBeUndefined()
  })

  test('listeners receive the whole product with its first picture', () => {
    expect(documentOf(product)).toMatchObject({
      productId: 'p',
      version: 1,
      image: null,
      categories: [{ path: 'Home > Lamps' }],
      variants: [{ variantId: a.id, openingStock: 3 }, { variantId: b.id }],
    })
  })
})
