import { describe, expect, it } from 'vitest'
import { slugOf } from './catalogue/codes.ts'
import { familyKeys } from './catalogue/shape.ts'
import { demoPictures, demoScene, familyPictures } from './pictures.ts'
import { demoProducts } from './products.ts'

const products = demoProducts()
const variants = products.flatMap((product) => product.variants)

describe('the demo catalogue', () => {
  it('has at least 240 products, 20 in each of twelve families', () => {
    expect(products.length).toBeGreaterThanOrEqual(240)
    for (const family of familyKeys) expect(products.filter((product) => product.tags[0] === family).length).toBeGreaterThanOrEqual(20)
  })

  it('is the same on every call', () => {
    expect(demoProducts()).toEqual(products)
  })

  it('repeats no name, slug, SKU or barcode', () => {
    for (const all of [
      products.map((product) => slugOf(product.name)),
      variants.map((variant) => variant.sku),
      variants.map((variant) => variant.barcode),
    ]) {
      expect(all.filter((one, index) => all.indexOf(one) !== index)).toEqual([])
    }
  })

  it('has barcodes whose digits, weighted 1 and 3, add up to a multiple of ten', () => {
    const wrong = variants.filter(({ barcode }) => {
      const digits = Array.from(barcode, Number)
      return !/^\d{13}$/.test(barcode) || digits.reduce((sum, digit, index) => sum + digit * (index % 2 === 0 ? 1 : 3), 0) % 10 !== 0
    })
    expect(wrong).toEqual([])
  })

  it('has prices and weights above zero, and no reduction that is none', () => {
    for (const { price, compareAt, weightGrams } of variants) {
      expect(price.amount > 0 && Number.isInteger(price.amount) && weightGrams > 0).toBe(true)
      expect(compareAt === undefined || compareAt.amount > price.amount).toBe(true)
    }
  })

  it('opens with plenty of most things, few of some and none of a few', () => {
    const share = (condition: (stock: number) => boolean) => variants.filter(({ stock }) => condition(stock)).length / variants.length
    expect(share((stock) => stock === 0)).toBeGreaterThan(0.005)
    expect(share((stock) => stock === 0)).toBeLessThan(0.08)
    expect(share((stock) => stock >= 1 && stock <= 4)).toBeGreaterThan(0.04)
    expect(products.every((product) => product.variants.some((variant) => variant.stock > 0))).toBe(true)
  })

  it('describes everything in its own words', () => {
    const descriptions = products.map((product) => product.description)
    expect(new Set(descriptions).size).toBe(descriptions.length)
    expect(descriptions.filter((text) => text.length < 100)).toEqual([])
  })
})

describe('the demo pictures', () => {
  const pictures = demoPictures()
  const files = [...pictures].map(([name, draw]) => ({ name, svg: draw() }))
  const drawn = new Map(files.map(({ name, svg }) => [name, svg]))

  it('hold every image of every product, one for each colour and a second view', () => {
    for (const product of products) {
      expect(product.images.length).toBeGreaterThanOrEqual(2)
      for (const { url, alt, width, height } of product.images) {
        expect(pictures.has(url.replace('/media/demo/', ''))).toBe(true)
        expect(alt.length > 20 && width > 0 && height > 0).toBe(true)
      }
    }
  })

  it('show each colour of a product differently, and the second view as well', () => {
    for (const product of products) {
      const drawings = product.images.map((image) => drawn.get(image.url.replace('/media/demo/', '')))
      expect({ name: product.name, differ: new Set(drawings).size }).toEqual({ name: product.name, differ: drawings.length })
    }
  })

  it('are well-formed, complete and without a number gone wrong', () => {
    for (const { name, svg } of files) {
      const ids = [...svg.matchAll(/ id="([^"]*)"/g)].map((match) => match[1])
      const used = [...svg.matchAll(/(?:url\(|href=")#([^)"]*)/g)].map((match) => match[1])
      const faults = [
        ...(svg.match(/NaN|undefined|Infinity|null|\[object/g) ?? []),
        ...unbalanced(svg),
        ...used.filter((id) => !ids.includes(id)).map((id) => `no ${id}`),
        ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two of ${id}`),
      ]
      expect({ name, faults }).toEqual({ name, faults: [] })
    }
  })

  it('weigh little: none of a product more than 80 kB, all together 15 kB on average', () => {
    const products = files.filter(({ name }) => !name.startsWith('home-'))
    expect(products.filter(({ svg }) => svg.length > 80_000).map(({ name }) => name)).toEqual([])
    expect(products.reduce((sum, { svg }) => sum + svg.length, 0) / products.length).toBeLessThan(15_000)
  })

  it('paint fast: no filter, no raster, no text, no script', () => {
    expect(files.filter(({ svg }) => /<(filter|image|text|script|style|foreignObject)/.test(svg))).toEqual([])
  })

  it('have a scene for the home page, wide and tall, and one for each family', () => {
    const { wide, tall } = demoScene()
    expect(wide.width > wide.height && tall.height > tall.width).toBe(true)
    expect(familyPictures().map(({ family }) => family)).toEqual([...familyKeys])
    for (const { url } of [wide, tall, ...familyPictures().map(({ image }) => image)])
      expect(pictures.has(url.replace('/media/demo/', ''))).toBe(true)
  })

  it('are the same on every drawing, of which every tenth is tried', () => {
    const some = files.filter((_, index) => index % 10 === 0)
    expect(some.filter(({ name, svg }) => pictures.get(name)?.() !== svg)).toEqual([])
  })
})

/** Tags that are opened and not closed in order, or the other way round. */
function unbalanced(svg: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, closing, name, , selfClosing] of svg.matchAll(/<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (closing === '/') {
      if (open.pop() !== name) wrong.push(`</${name}>`)
    } else if (selfClosing !== '/') open.push(name ?? '')
  }
  const tags = svg.match(/</g)?.length ?? 0
  const parsed = svg.match(/<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z0-9:-]+="[^"<]*")*)\s*(\/?)>/g)?.length ?? 0
  return [...wrong, ...open, ...(tags === parsed ? [] : [`${tags - parsed} broken tags`])]
}
