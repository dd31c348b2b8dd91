/** A colour as lightness (0–1) and two chroma axes. Source: Björn Ottosson, "A perceptual color space for image processing" (Oklab). */
type Lab = readonly [lightness: number, a: number, b: number]

const toLinear = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
const fromLinear = (channel: number) => (channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055)

function toLab(hex: string): Lab {
  const value = Number.parseInt(hex.slice(1), 16)
  const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255].map((channel) => toLinear(channel / 255)) as [
    number,
    number,
    number,
  ]
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function toHex([lightness, a, b]: Lab): string {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  const bytes = channels.map((channel) => Math.round(255 * Math.min(1, Math.max(0, fromLinear(Math.min(1, Math.max(0, channel)))))))
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The colour a part `t` of the way from `from` to `to`, as the eye sees it. */
export function mix(from: string, to: string, t: number): string {
  const a = toLab(from)
  const b = toLab(to)
  return toHex([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t])
}

/** How light a colour is, 0 to 1. */
export function lightness(hex: string): number {
  return toLab(hex)[0]
}

/** The colour with its lightness set. */
export function withLightness(hex: string, wanted: number, chroma = 1): string {
  const [, a, b] = toLab(hex)
  return toHex([wanted, a * chroma, b * chroma])
}

/** One colour in the light from the left: what faces it, what turns away, what is hidden. */
interface Ramp {
  glint: string
  light: string
  base: string
  shade: string
  deep: string
  /** Light thrown back from the ground into the shaded side. */
  bounce: string
}

const known = new Map<string, Ramp>()

/** The shades of a matte thing of this colour: lights turn warm, shadows cool and a little richer. */
export function ramp(hex: string): Ramp {
  const found = known.get(hex)
  if (found) return found
  const [l, a, b] = toLab(hex)
  const up = (by: number) => Math.min(0.985, l + by * (1.05 - l * 0.55))
  const made: Ramp = {
    glint: toHex([up(0.3), a * 0.55 + 0.002, b * 0.6 + 0.012]),
    light: toHex([up(0.115), a * 0.95, b * 0.97 + 0.008]),
    base: hex,
    shade: toHex([l * 0.8, a * 1.03 + 0.002, b * 0.98 - 0.008]),
    deep: toHex([l * 0.58, a * 0.95 + 0.004, b * 0.85 - 0.01]),
    bounce: toHex([l * 0.87, a * 1.02 + 0.004, b + 0.004]),
  }
  known.set(hex, made)
  return made
}
