import { mix, ramp } from './colour.ts'
import { insideFill, roundFill } from './light.ts'
import { isMetal } from './look.ts'
import type { Look } from './look.ts'
import { frontArc, TILT, turned } from './shapes.ts'
import type { Ring } from './shapes.ts'
import { ellipse, linear, path, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export const WARM = '#ffdc9a'

/** A lamp with its origin at the foot (standing) or at the hook (hanging), and where its light comes from. */
export interface Lamp {
  art: string
  glow: { x: number; y: number; radius: number }
  hangs?: boolean
  foot: number
  /** Where the foot stands, when not in the middle. */
  footX?: number
  scale: number
}

export function bodyFill(sketch: Sketch, look: Look, lit: boolean): string {
  const colour = lit ? mix(look.colour, '#4a2c1a', 0.42) : look.colour
  return roundFill(sketch, colour, isMetal(look.name) ? 'metal' : 'matte')
}

/** A fabric shade, and what of its inside is seen over the upper rim. */
export function shade(sketch: Sketch, colour: string, rings: readonly Ring[], lit: boolean): string {
  const top = rings[0] as Ring
  const bottom = rings[rings.length - 1] as Ring
  const fill = lit
    ? linear(
        sketch,
        'across',
        [0, mix(colour, '#d98a3c', 0.5)],
        [0.3, mix(colour, WARM, 0.75)],
        [0.55, '#fff1cf'],
        [0.8, mix(colour, WARM, 0.75)],
        [1, mix(colour, '#c9772f', 0.55)],
      )
    : roundFill(sketch, colour)
  const down = linear(
    sketch,
    'down',
    [0, '#5a3c22', lit ? 0.25 : 0.1],
    [0.3, '#5a3c22', 0],
    [0.75, '#5a3c22', 0],
    [1, '#5a3c22', lit ? 0.22 : 0.12],
  )
  const outline = turned(rings)
  const trim = ramp(lit ? mix(colour, '#c9772f', 0.4) : colour)
  return (
    path(outline, fill) +
    path(outline, down) +
    ellipse(0, top.y, top.r, top.r * TILT, lit ? '#fff3d4' : insideFill(sketch, colour)) +
    stroke(frontArc(top.y, top.r), trim.shade, 2.5, 'opacity="0.55"') +
    stroke(frontArc(bottom.y - 7, bottom.r - 0.6), trim.shade, 2, 'opacity="0.4"') +
    stroke(frontArc(bottom.y, bottom.r), trim.light, 1.6, 'opacity="0.7"')
  )
}
