/** Which variant of a product an address means, and where each option leads. */
import type { Image, Product, Variant } from './shop.ts'

export interface Choice {
  readonly value: string
  /** The variant this choice leads to. */
  readonly sku: string
  readonly chosen: boolean
  /** False when it leads to something sold out. */
  readonly available: boolean
  /** False when other options must change with it. */
  readonly fits: boolean
}
export interface OptionChoices {
  readonly name: string
  readonly choices: readonly Choice[]
}

/** The variant of `sku`; else the first that can be bought; else the first. */
export function variantOf(product: Pick<Product, 'variants'>, sku: string | null): Variant {
  const [first] = product.variants
  if (first === undefined) throw new Error('a product has at least one variant')
  return product.variants.find((one) => one.sku === sku) ?? product.variants.find((one) => one.available > 0) ?? first
}

/** Every option with its values; each leads to the variant that keeps most of what is chosen now. */
export function optionChoices(product: Pick<Product, 'variants'>, current: Variant): OptionChoices[] {
  const names = [...new Set(product.variants.flatMap((variant) => Object.keys(variant.options)))]
  return names.map((name) => {
    const values = [...new Set(product.variants.flatMap((variant) => variant.options[name] ?? []))]
    return {
      name,
      choices: values.map((value) => {
        const target = closest(product.variants, current, name, value)
        return {
          value,
          sku: target.sku,
          chosen: current.options[name] === value,
          available: target.available > 0,
          fits: sameness(target, current, name) === names.length - 1,
        }
      }),
    }
  })
}

function closest(variants: readonly Variant[], current: Variant, name: string, value: string): Variant {
  const candidates = variants.filter((variant) => variant.options[name] === value)
  return candidates.reduce((best, one) => (rank(one, current, name) > rank(best, current, name) ? one : best))
}

/** Kept options count first, then whether it can be bought. */
function rank(variant: Variant, current: Variant, except: string): number {
  return sameness(variant, current, except) * 2 + (variant.available > 0 ? 1 : 0)
}

function sameness(variant: Variant, current: Variant, except: string): number {
  return Object.entries(current.options).filter(([name, value]) => name !== except && variant.options[name] === value).length
}

/**
 * The pictures of the chosen variant (their text or address names one of its options), then those that belong to no variant.
 * Where none names an option, all of them.
 */
export function picturesFor(product: Pick<Product, 'images' | 'variants'>, variant: Variant): readonly Image[] {
  const score = (image: Image, values: readonly string[]) => {
    const words = ` ${plain(image.alt)} ${plain(image.url)} `
    return new Set(values.map(plain).filter((value) => value !== '' && words.includes(` ${value} `))).size
  }
  const chosen = Object.values(variant.options)
  const best = Math.max(0, ...product.images.map((image) => score(image, chosen)))
  if (best === 0) return product.images
  const all = product.variants.flatMap((one) => Object.values(one.options))
  const own = product.images.filter((image) => score(image, chosen) === best)
  return [...own, ...product.images.filter((image) => score(image, all) === 0)]
}

/** Lower case words only, so that `deep-sea.svg` and `Deep sea` meet. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(' ')
}
