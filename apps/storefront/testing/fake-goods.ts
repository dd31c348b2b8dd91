/** A small catalogue in the shape of the API, with plain drawn pictures, for tests of the storefront alone. */
import { createHash } from 'node:crypto'
import type { CategoryNode, Product, Variant } from '../app/visit/shop.ts'

const families: readonly (readonly [name: string, goods: readonly string[], option: string, values: readonly string[]])[] = [
  [
    'Lamps',
    ['Lykos table lamp', 'Thales reading lamp', 'Selene pendant', 'Heron floor lamp'],
    'Colour',
    ['Terracotta', 'Chalk', 'Aegean', 'Black'],
  ],
  ['Chairs', ['Agora chair', 'Peripatos stool', 'Ithaka armchair'], 'Wood', ['Oak', 'Walnut', 'Ash']],
  ['Kettles', ['Nereus kettle', 'Pithos pour-over kettle', 'Milos stove kettle'], 'Finish', ['Steel', 'Copper', 'Black']],
  ['Mugs', ['Kantharos mug', 'Skyphos cup', 'Lekane bowl mug', 'Tall kylix'], 'Glaze', ['Salt', 'Olive', 'Ochre', 'Ink']],
  ['Bags', ['Hermes day pack', 'Odos messenger bag', 'Pera tote'], 'Colour', ['Cognac', 'Olive', 'Charcoal']],
  ['Headphones', ['Orpheus headphones', 'Echo earbuds'], 'Colour', ['Graphite', 'Bone']],
  ['Cameras', ['Argos 35 camera', 'Argos mini camera'], 'Finish', ['Black', 'Silver']],
  ['Plants', ['Olive tree, young', 'Fig in a pot', 'Thyme, three pots'], 'Pot', ['Terracotta', 'Stone']],
  ['Knives', ['Kopis chef’s knife', 'Small paring knife'], 'Handle', ['Walnut', 'Black']],
  ['Blankets', ['Chlamys throw', 'Himation blanket'], 'Colour', ['Ecru', 'Sage', 'Rust', 'Navy']],
  ['Bicycle parts', ['Hippodrome saddle', 'Bronze bell', 'Leather grips'], 'Colour', ['Cognac', 'Black']],
  ['Notebooks', ['Papyros notebook', 'Deltos sketch book'], 'Cover', ['Ink', 'Sand', 'Terracotta']],
]
const brands = ['Kerameikos', 'Piraeus Works', 'Attic & Sons', 'Halcyon']
const FIRST_DAY = Date.UTC(2026, 9, 1)

/** A UUID that is always the same for `text`. */
export function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function numberOf(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % below
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** The category tree. */
export function fakeCategories(): CategoryNode[] {
  return families.map(([name]) => ({ id: idOf(`category ${name}`), slug: slugOf(name), name, path: name, children: [] }))
}

/** All products, without similar goods. */
export function fakeProducts(): Product[] {
  return families.flatMap(([family, goods, option, values], familyIndex) =>
    goods.map((name, index) => fakeProduct(family, name, option, values, familyIndex * 7 + index)),
  )
}

function fakeProduct(family: string, name: string, option: string, values: readonly string[], day: number): Product {
  const slug = slugOf(name)
  const price = 900 + numberOf(name, 30) * 700 + 90
  const reduced = numberOf(`${name} reduced`, 5) === 0
  const variants = values.map((value, index): Variant => {
    const available = [0, 3, 40, 12, 2][numberOf(`${name} ${value} stock`, 5)] as number
    return {
      id: idOf(`${name} ${value}`),
      sku: `${slug.toUpperCase()}-${value.toUpperCase()}`,
      options: { [option]: value },
      price: { amount: price + index * 200, currency: 'EUR' },
      ...(reduced ? { compareAt: { amount: Math.round(price * 1.25), currency: 'EUR' } } : {}),
      available,
      availability: available === 0 ? 'out' : available <= 5 ? 'low' : 'in-stock',
      weightGrams: 250 + numberOf(`${name} weight`, 20) * 150,
      barcode: null,
    }
  })
  return {
    id: idOf(name),
    slug,
    name,
    description: `${name} from our own walk. Made to be used daily and mended once in a while.\n\nThe ${option.toLowerCase()} is the material itself, not a coat on it, so it wears without showing.`,
    brand: brands[numberOf(`${name} brand`, brands.length)] as string,
    categories: [{ id: idOf(`category ${family}`), slug: slugOf(family), path: family }],
    attributes: { [option.toLowerCase()]: [...values], origin: 'Attica', height: `${12 + numberOf(`${name} h`, 40)} cm`, mendable: true },
    images: values.flatMap((value) => [
      { url: `/media/demo/${slug}-${slugOf(value)}.svg`, alt: `${name} in ${value.toLowerCase()}`, width: 800, height: 1000 },
    ]),
    tags: [],
    status: 'active',
    taxClass: 'standard',
    vendor: null,
    rating: { average: 0, count: 0 },
    variants,
    similar: [],
    createdAt: new Date(FIRST_DAY + day * 3_600_000).toISOString(),
  }
}

/** A plain drawn picture for an address like `/media/demo/agora-chair-oak.svg`. */
export function fakePicture(path: string): string {
  const hue = numberOf(path, 360)
  const round = numberOf(`${path} round`, 2) === 0
  const body = round
    ? `<ellipse cx="500" cy="760" rx="260" ry="34" fill="#0002"/><circle cx="500" cy="520" r="230" fill="hsl(${hue} 32% 46%)"/><path d="M500 290a230 230 0 0 0 0 460c-140-60-190-130-190-230s60-180 190-230z" fill="#fff3"/>`
    : `<ellipse cx="500" cy="790" rx="280" ry="30" fill="#0002"/><path d="M330 280h340l50 500H280z" fill="hsl(${hue} 32% 46%)"/><path d="M330 280h120l-20 500H280z" fill="#fff3"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="100 0 800 1000"><path d="M0 0h1000v1000H0z" fill="hsl(${hue} 24% 90%)"/>${body}</svg>`
}
