import { lightness, mix, ramp, withLightness } from './colour.ts'
import { ellipse, linear, linearAt, n, path, radial, radialAt, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export const WIDTH = 800
export const HEIGHT = 1000
/** Where standing things stand. */
export const FLOOR = 800

/** The shadow colour: never black, a dark warm violet like shade in a sunny place. */
const SHADOW = '#2a1f24'

/** How a surface answers the light. */
type Finish = 'matte' | 'glazed' | 'metal' | 'satin'

/** The fill of something round and upright, lit from the left. */
export function roundFill(sketch: Sketch, colour: string, finish: Finish = 'matte'): string {
  const c = ramp(colour)
  if (finish === 'metal') {
    return linear(
      sketch,
      'across',
      [0, c.shade],
      [0.06, c.base],
      [0.2, c.glint],
      [0.3, c.light],
      [0.44, c.base],
      [0.62, c.shade],
      [0.8, c.deep],
      [0.92, c.shade],
      [1, c.base],
    )
  }
  if (finish === 'glazed') {
    return linear(
      sketch,
      'across',
      [0, c.shade],
      [0.1, c.base],
      [0.26, c.light],
      [0.5, c.base],
      [0.8, c.shade],
      [0.95, mix(c.shade, c.deep, 0.55)],
      [1, c.shade],
    )
  }
  return linear(
    sketch,
    'across',
    [0, mix(c.base, c.shade, 0.55)],
    [0.12, c.base],
    [0.3, c.light],
    [0.55, c.base],
    [0.84, c.shade],
    [0.96, mix(c.shade, c.deep, 0.4)],
    [1, c.bounce],
  )
}

/** The fill of something flat that faces us, with the light falling across it. */
export function flatFill(sketch: Sketch, colour: string, strength = 1): string {
  const c = ramp(colour)
  return linear(sketch, [0, 0, 1, 0.7], [0, mix(c.base, c.light, 0.9 * strength)], [0.5, c.base], [1, mix(c.base, c.shade, 0.7 * strength)])
}

/** The fill of a ball-like thing. */
export function ballFill(sketch: Sketch, colour: string): string {
  const c = ramp(colour)
  return radial(sketch, [0.34, 0.3], 0.78, [0, c.glint], [0.22, c.light], [0.55, c.base], [0.85, c.shade], [1, c.deep])
}

/** The inside of an open vessel. */
export function insideFill(sketch: Sketch, colour: string): string {
  const c = ramp(colour)
  return linear(sketch, 'across', [0, c.deep], [0.45, c.shade], [0.85, c.base], [1, c.light])
}

/** The soft dark under something that stands at `x`, `y`, `radius` wide, and its shadow thrown to the right. */
export function contact(sketch: Sketch, x: number, y: number, radius: number, depth = 1): string {
  const dark = radial(sketch, [0.5, 0.5], 0.5, [0, SHADOW, 0.55 * depth], [0.55, SHADOW, 0.26 * depth], [1, SHADOW, 0])
  const soft = radial(sketch, [0.3, 0.5], 0.7, [0, SHADOW, 0.34 * depth], [0.5, SHADOW, 0.13 * depth], [1, SHADOW, 0])
  return (
    ellipse(x + radius * 0.62, y + radius * 0.05, radius * 1.75, radius * 0.27, soft) +
    ellipse(x + radius * 0.04, y + 2, radius * 1.14, radius * 0.19, dark)
  )
}

/** A soft shadow of a thing that lies flat and is seen from above: a few faint copies, moved away from the light. */
export function lying(d: string, transform: string, distance = 1): string {
  const copies = [4, 9, 15, 22, 30].map(
    (step) =>
      `<path d="${d}" transform="translate(${n(step * 0.8 * distance)} ${n(step * distance)}) ${transform}" fill="${SHADOW}" opacity="${0.085}" stroke="${SHADOW}" stroke-width="${n(step * 0.55)}" stroke-linejoin="round"/>`,
  )
  return copies.join('')
}

/** The tint of a plate: the family's own, darker when the thing on it is pale. */
export function plateTint(tint: string, onIt: string): string {
  const pale = lightness(onIt)
  return withLightness(tint, pale > 0.88 ? 0.8 : pale > 0.78 ? 0.84 : pale < 0.4 ? 0.9 : 0.885, pale > 0.88 ? 1.25 : 1)
}

/** The plate everything stands on: a tinted wall that turns into a floor, and light that falls in between columns. */
export function plate(sketch: Sketch, tint: string, width = WIDTH, height = HEIGHT, floor = FLOOR): string {
  const c = ramp(tint)
  const horizon = (floor - 90) / height
  const wall = linear(
    sketch,
    'down',
    [0, mix(c.base, c.light, 0.35)],
    [horizon - 0.16, c.base],
    [horizon, mix(c.base, c.shade, 0.14)],
    [horizon + 0.06, mix(c.base, c.light, 0.25)],
    [1, mix(c.base, c.shade, 0.12)],
  )
  const glow = radialAt(sketch, [width * 0.16, height * 0.12], width * 0.95, [0, '#fffaf0', 0.62], [0.5, '#fffaf0', 0.2], [1, '#fffaf0', 0])
  const corner = radialAt(sketch, [width * 1.02, height * 0.55], width * 0.9, [0, c.deep, 0.2], [1, c.deep, 0])
  return (
    rect(0, 0, width, height, wall) + rect(0, 0, width, height, glow) + rect(0, 0, width, height, corner) + shafts(sketch, width, floor)
  )
}

/** Two slanting bands of sunlight on the wall, as between the columns of a stoa. */
function shafts(sketch: Sketch, width: number, floor: number): string {
  const end = floor - 90
  const slope = width * 0.34
  const fill = linearAt(sketch, [0, 0], [width * 0.45, end], [0, '#fff6e2', 0.5], [0.65, '#fff6e2', 0.26], [1, '#fff6e2', 0])
  const band = (from: number, to: number) => path(`M${n(from)} 0L${n(to)} 0L${n(to + slope)} ${n(end)}L${n(from + slope)} ${n(end)}Z`, fill)
  return band(width * 0.04, width * 0.22) + band(width * 0.3, width * 0.39)
}

/** A table top seen from above, for things that lie flat. */
export function tabletop(sketch: Sketch, tint: string, width = WIDTH, height = HEIGHT): string {
  const c = ramp(tint)
  const fill = linear(sketch, [0, 0, 1, 1], [0, mix(c.base, c.light, 0.8)], [0.5, c.base], [1, mix(c.base, c.shade, 0.45)])
  const sun = linear(sketch, [0, 0, 1, 1], [0, '#fff6e2', 0.5], [0.7, '#fff6e2', 0.16], [1, '#fff6e2', 0])
  const band = (from: number, to: number) =>
    path(`M${n(from)} 0L${n(to)} 0L${n(to - width * 0.72)} ${n(height)}L${n(from - width * 0.72)} ${n(height)}Z`, sun)
  return rect(0, 0, width, height, fill) + band(width * 0.5, width * 0.86) + band(width * 1.02, width * 1.2)
}

/** A soft reflection of the window. */
export function sheen(sketch: Sketch, x: number, y: number, rx: number, ry: number, turn = 0, strength = 0.6): string {
  const fill = radial(sketch, [0.5, 0.5], 0.5, [0, '#ffffff', strength], [0.45, '#ffffff', strength * 0.55], [1, '#ffffff', 0])
  return ellipse(x, y, rx, ry, fill, turn === 0 ? '' : `transform="rotate(${n(turn)} ${n(x)} ${n(y)})"`)
}

/** A veil over a shape that grows from clear to `strength` of `colour` along a direction. */
export function veil(
  sketch: Sketch,
  along: 'across' | 'down' | readonly [number, number, number, number],
  colour: string,
  strength: number,
  from = 0,
): string {
  return linear(sketch, along, [from, colour, 0], [1, colour, strength])
}

/** A round bar that follows a path: a dark edge, its colour, and a thin light on the upper left. */
export function bar(d: string, colour: string, width: number, gloss = 0.8): string {
  const c = ramp(colour)
  return (
    stroke(d, c.deep, width) +
    stroke(d, c.shade, width * 0.82, `transform="translate(${n(-width * 0.05)} ${n(-width * 0.05)})"`) +
    stroke(d, c.base, width * 0.58, `transform="translate(${n(-width * 0.1)} ${n(-width * 0.1)})"`) +
    stroke(d, c.light, width * 0.2, `transform="translate(${n(-width * 0.2)} ${n(-width * 0.2)})" opacity="${gloss}"`)
  )
}

/** Freckles inside a shape, always in the same places. */
export function freckles(count: number, place: (u: number, v: number) => readonly [number, number], colour: string, size = 2.4): string {
  return Array.from({ length: count }, (_, index) => {
    const u = (index * 0.61803398875) % 1
    const v = (index * 0.7548776662 + 0.37) % 1
    const [x, y] = place(u, v)
    const r = size * (0.45 + ((index * 7919) % 100) / 110)
    return ellipse(x, y, r, r * 0.86, colour, `opacity="${n(0.3 + (index % 4) * 0.1)}"`)
  }).join('')
}
