import { n } from './svg.ts'
import type { Point } from './svg.ts'

/** How much of a circle's height is seen from a little above. */
export const TILT = 0.17

/** A curve through `points` (Catmull-Rom as cubic Béziers), starting where the pen is. */
function through(points: readonly Point[], tension = 1): string {
  const parts: string[] = []
  for (let index = 0; index + 1 < points.length; index++) {
    const a = points[index - 1] ?? (points[index] as Point)
    const b = points[index] as Point
    const c = points[index + 1] as Point
    const d = points[index + 2] ?? c
    const pull = tension / 6
    parts.push(
      `C${n(b[0] + (c[0] - a[0]) * pull)} ${n(b[1] + (c[1] - a[1]) * pull)} ${n(c[0] - (d[0] - b[0]) * pull)} ${n(c[1] - (d[1] - b[1]) * pull)} ${n(c[0])} ${n(c[1])}`,
    )
  }
  return parts.join('')
}

/** An open curve through points. */
export function curve(points: readonly Point[], tension = 1): string {
  const [first] = points
  return first ? `M${n(first[0])} ${n(first[1])}${through(points, tension)}` : ''
}

/** A closed smooth outline through points. */
export function blob(points: readonly Point[], tension = 1): string {
  const count = points.length
  const parts: string[] = []
  for (let index = 0; index < count; index++) {
    const [a, b, c, d] = [-1, 0, 1, 2].map((step) => points[(index + step + count) % count] as Point) as [Point, Point, Point, Point]
    const pull = tension / 6
    if (index === 0) parts.push(`M${n(b[0])} ${n(b[1])}`)
    parts.push(
      `C${n(b[0] + (c[0] - a[0]) * pull)} ${n(b[1] + (c[1] - a[1]) * pull)} ${n(c[0] - (d[0] - b[0]) * pull)} ${n(c[1] - (d[1] - b[1]) * pull)} ${n(c[0])} ${n(c[1])}`,
    )
  }
  return `${parts.join('')}Z`
}

/** A polygon with straight sides. */
export function polygon(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}Z`
}

/** A polygon whose corners are rounded with radius `radius`. */
export function rounded(points: readonly Point[], radius: number): string {
  const count = points.length
  const parts = points.map((corner, index) => {
    const before = points[(index - 1 + count) % count] as Point
    const after = points[(index + 1) % count] as Point
    const from = towards(corner, before, radius)
    const to = towards(corner, after, radius)
    return `${index === 0 ? 'M' : 'L'}${n(from[0])} ${n(from[1])}Q${n(corner[0])} ${n(corner[1])} ${n(to[0])} ${n(to[1])}`
  })
  return `${parts.join('')}Z`
}

/** A rectangle with rounded corners. */
export function boxed(left: number, top: number, right: number, bottom: number, radius: number): string {
  return slab(left, right, top, left, right, bottom, radius)
}

/** A shape with a straight top and a straight bottom of other lengths, its corners rounded. */
export function slab(
  left: number,
  right: number,
  top: number,
  leftBelow: number,
  rightBelow: number,
  bottom: number,
  radius: number,
): string {
  const corners: Point[] = [
    [left, top],
    [right, top],
    [rightBelow, bottom],
    [leftBelow, bottom],
  ]
  return rounded(corners, radius)
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  const part = Math.min(distance, length / 2) / (length === 0 ? 1 : length)
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]
}

/** One height of a turned body: how wide it is there. `corner` ends a smooth run. */
export interface Ring {
  y: number
  r: number
  corner?: boolean
}

/** Short for a ring. */
export function ring(y: number, r: number, corner = false): Ring {
  return { y, r, corner }
}

/**
 * The outline of a turned body (a pot, a column, a kettle) from top to bottom: smooth between corners, its foot a tilted circle,
 * its top the front of one (`open` leaves room for the mouth).
 */
export function turned(rings: readonly Ring[], top: 'open' | 'closed' = 'open'): string {
  const first = rings[0] as Ring
  const last = rings[rings.length - 1] as Ring
  const left = runs(rings.map(({ y, r, corner }) => ({ point: [-r, y] as Point, corner })))
  const right = runs([...rings].reverse().map(({ y, r, corner }) => ({ point: [r, y] as Point, corner })))
  const foot = `A${n(last.r)} ${n(last.r * TILT)} 0 0 0 ${n(last.r)} ${n(last.y)}`
  const mouth = top === 'open' ? `A${n(first.r)} ${n(first.r * TILT)} 0 0 0 ${n(-first.r)} ${n(first.y)}` : ''
  return `M${n(-first.r)} ${n(first.y)}${left}${foot}${right}${mouth}Z`
}

function runs(marks: readonly { point: Point; corner?: boolean }[]): string {
  const parts: string[] = []
  let run: Point[] = []
  for (const [index, mark] of marks.entries()) {
    run.push(mark.point)
    if ((mark.corner || index === marks.length - 1) && run.length > 1) {
      parts.push(through(run))
      run = [mark.point]
    }
  }
  return parts.join('')
}

/** An arc of a tilted circle's front between two x of the circle, for bands and rims. */
export function frontArc(y: number, r: number): string {
  return `M${n(-r)} ${n(y)}A${n(r)} ${n(r * TILT)} 0 0 0 ${n(r)} ${n(y)}`
}

/** A long shape along a line whose half-width changes from `from` to `to`, with round ends. */
export function taper(a: Point, b: Point, from: number, to: number): string {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1])
  const nx = (b[1] - a[1]) / (length === 0 ? 1 : length)
  const ny = -(b[0] - a[0]) / (length === 0 ? 1 : length)
  return `M${n(a[0] - nx * from)} ${n(a[1] - ny * from)}L${n(b[0] - nx * to)} ${n(b[1] - ny * to)}A${n(to)} ${n(to)} 0 0 0 ${n(b[0] + nx * to)} ${n(b[1] + ny * to)}L${n(a[0] + nx * from)} ${n(a[1] + ny * from)}A${n(from)} ${n(from)} 0 0 0 ${n(a[0] - nx * from)} ${n(a[1] - ny * from)}Z`
}
