import { mix, ramp, withLightness } from './colour.ts'
import { roundFill } from './light.ts'
import { linear, n, path, pattern, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** A bag standing on the origin; `handles` says how high its top handle or strap reaches. */
export interface Bag {
  art: string
  half: number
  top: number
}

/** A panel of cloth or leather: light across it, weave, a darker foot and a seam along its edge. */
export function panel(sketch: Sketch, d: string, colour: string, woven = true): string {
  const c = ramp(colour)
  const grain = pattern(
    sketch,
    5,
    5,
    stroke('M0 5L5 0', c.deep, 0.9, 'opacity="0.16"') + stroke('M0 0L5 5', c.glint, 0.7, 'opacity="0.14"'),
  )
  return (
    path(
      d,
      linear(sketch, [0, 0, 1, 0.25], [0, mix(c.base, c.shade, 0.25)], [0.14, c.base], [0.34, c.light], [0.62, c.base], [1, c.shade]),
    ) +
    (woven ? path(d, grain) : '') +
    path(d, linear(sketch, 'down', [0, c.glint, 0.16], [0.3, c.glint, 0], [0.7, c.deep, 0], [1, c.deep, 0.34]))
  )
}

/** A line of stitches. */
export function stitches(d: string, colour: string): string {
  return stroke(d, withLightness(colour, 0.9, 0.5), 2, 'stroke-dasharray="7 6" opacity="0.65"')
}

/** A flat strap along a path: dark edge, its colour, two rows of stitches' worth of light. */
export function strap(d: string, colour: string, width: number): string {
  const c = ramp(colour)
  return (
    stroke(d, c.deep, width + 2) +
    stroke(d, c.base, width) +
    stroke(d, c.light, width * 0.4, 'opacity="0.55"') +
    stroke(d, c.glint, 1.6, 'stroke-dasharray="7 6" opacity="0.6"')
  )
}

export function buckle(sketch: Sketch, x: number, y: number, colour = '#c7a45a', size = 1): string {
  return (
    rect(x - 17 * size, y - 14 * size, 34 * size, 28 * size, 'none', 5, `stroke="${ramp(colour).deep}" stroke-width="${n(7 * size)}"`) +
    rect(x - 17 * size, y - 14 * size, 34 * size, 28 * size, 'none', 5, `stroke="${ramp(colour).light}" stroke-width="${n(4.4 * size)}"`) +
    rect(x - 2 * size, y - 14 * size, 4 * size, 26 * size, roundFill(sketch, colour, 'metal'))
  )
}
