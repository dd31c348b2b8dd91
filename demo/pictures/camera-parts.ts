import { ramp } from './colour.ts'
import { flatFill, roundFill } from './light.ts'
import { ring, turned } from './shapes.ts'
import { at, ellipse, linear, n, path, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

/** A camera that faces us, standing on the origin, and where its lens is. */
export interface Camera {
  art: string
  half: number
  height: number
  lens: Point
  scale?: number
}

/** A metal or plastic shell lit from the left and above. */
export function shellOf(sketch: Sketch, d: string, colour: string, metal = false): string {
  const c = ramp(colour)
  return (
    path(d, metal ? linear(sketch, 'down', [0, c.glint], [0.2, c.light], [0.6, c.base], [1, c.shade]) : flatFill(sketch, colour)) +
    path(d, linear(sketch, 'down', [0, c.glint, 0.5], [0.1, c.glint, 0], [0.8, c.deep, 0], [1, c.deep, 0.4])) +
    path(d, linear(sketch, 'across', [0, c.glint, 0.2], [0.3, c.glint, 0], [1, c.deep, 0.35]))
  )
}

/** A knurled dial seen from the front, standing on a top plate. */
export function dial(sketch: Sketch, x: number, y: number, r: number, height: number, colour: string): string {
  const c = ramp(colour)
  const ridges = Array.from({ length: 9 }, (_, index) => {
    const t = Math.sin(((index - 4) / 4.6) * (Math.PI / 2))
    return stroke(`M${n(x + t * r)} ${n(y - height + 2)}L${n(x + t * r)} ${n(y - 2)}`, c.deep, 1.6, 'opacity="0.5"')
  }).join('')
  return (
    at(x, y, path(turned([ring(-height, r * 0.96, true), ring(0, r, true)]), roundFill(sketch, colour, 'metal'))) +
    ridges +
    ellipse(x, y - height, r * 0.96, r * 0.18, linear(sketch, 'across', [0, c.glint], [1, c.base]))
  )
}
