import { mix, ramp, withLightness } from './colour.ts'
import { ellipse, path, pattern, rect, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

/** A woven or knitted pattern as a fill that lies over a plain ground; `none` when there is nothing to add. */
export function weave(sketch: Sketch, kind: string, colour: string, second: string, turn = 0, at: Point = [0, 0]): string {
  const c = ramp(colour)
  const other = second
  const tile = (width: number, height: number, content: string) => pattern(sketch, width, height, content, turn, at)
  switch (kind) {
    case 'check':
      return tile(
        96,
        96,
        rect(0, 0, 34, 96, other, 0, 'opacity="0.42"') +
          rect(0, 0, 96, 34, other, 0, 'opacity="0.42"') +
          rect(64, 0, 3, 96, c.deep, 0, 'opacity="0.5"') +
          rect(0, 64, 96, 3, c.deep, 0, 'opacity="0.5"'),
      )
    case 'tartan':
      return tile(
        120,
        120,
        rect(10, 0, 46, 120, c.deep, 0, 'opacity="0.5"') +
          rect(0, 10, 120, 46, c.deep, 0, 'opacity="0.5"') +
          rect(78, 0, 5, 120, other, 0, 'opacity="0.85"') +
          rect(0, 78, 120, 5, other, 0, 'opacity="0.85"') +
          rect(100, 0, 8, 120, '#f3ede0', 0, 'opacity="0.45"') +
          rect(0, 100, 120, 8, '#f3ede0', 0, 'opacity="0.45"'),
      )
    case 'herringbone':
      return tile(
        28,
        14,
        stroke('M0 14L14 0L28 14', other, 3.4, 'opacity="0.5"') + stroke('M0 7L7 0M21 0L28 7', c.deep, 1.6, 'opacity="0.3"'),
      )
    case 'stripe':
      return tile(
        120,
        400,
        [26, 60, 76, 122, 232, 300, 320]
          .map((x, index) => rect(0, x, 120, index % 3 === 0 ? 20 : 7, index % 2 === 0 ? other : c.deep, 0, 'opacity="0.75"'))
          .join(''),
      )
    case 'band':
      return tile(400, 400, rect(0, 250, 400, 44, other) + rect(0, 306, 400, 7, other) + rect(0, 232, 400, 7, other))
    case 'waffle':
      return tile(
        20,
        20,
        rect(0, 0, 20, 20, c.light, 0, 'opacity="0.35"') +
          rect(3, 3, 14, 14, c.shade, 4, 'opacity="0.6"') +
          rect(6, 7, 10, 9, c.deep, 4, 'opacity="0.25"'),
      )
    case 'basket':
      return tile(48, 48, plait(c.light, c.deep))
    case 'quilted':
      return tile(
        60,
        60,
        stroke('M0 0L60 60M60 0L0 60', c.deep, 2, 'opacity="0.4"') + stroke('M2 0L60 58M62 0L2 60', '#ffffff', 2, 'opacity="0.4"'),
      )
    default:
      return tile(7, 7, stroke('M0 7L7 0', c.deep, 1, 'opacity="0.14"') + stroke('M0 0L7 7', c.glint, 0.8, 'opacity="0.12"'))
  }
}

/** Threads over and under, three by three. */
function plait(light: string, dark: string): string {
  const three = (x: number, y: number, upright: boolean) =>
    [3, 11, 19]
      .map((step) => (upright ? rect(x + step, y, 5, 24, light, 2, 'opacity="0.6"') : rect(x, y + step, 24, 5, dark, 2, 'opacity="0.28"')))
      .join('')
  return three(0, 0, true) + three(24, 24, true) + three(24, 0, false) + three(0, 24, false)
}

/** Rows of knitted stitches of a given size. */
export function knitting(sketch: Sketch, colour: string, size: number, kind = 'plain', at: Point = [0, 0]): string {
  const c = ramp(colour)
  const s = size
  const lobe = (x: number, mirror: 1 | -1, fill: string) =>
    path(
      `M${x} ${s * 0.98}C${x - mirror * s * 0.1} ${s * 0.6} ${x - mirror * s * 0.52} ${s * 0.5} ${x - mirror * s * 0.5} ${s * 0.06}C${x - mirror * s * 0.14} ${s * 0.1} ${x + mirror * s * 0.02} ${s * 0.5} ${x} ${s * 0.98}Z`,
      fill,
    )
  if (kind === 'ridge') {
    const loops = Array.from({ length: 5 }, (_, index) =>
      ellipse(6 + index * 12, s * 0.36 + (index % 2) * 3, 6.5, s * 0.2, index % 2 === 0 ? c.light : c.base),
    ).join('')
    return pattern(sketch, 60, s * 0.9, rect(0, 0, 60, s * 0.9, c.shade) + rect(-5, s * 0.08, 70, s * 0.62, c.base, s * 0.3) + loops, 0, at)
  }
  const plain = rect(0, 0, s, s, c.shade) + lobe(s * 0.5, 1, mix(c.base, c.light, 0.8)) + lobe(s * 0.5, -1, c.base)
  if (kind !== 'cable') return pattern(sketch, s, s, plain, 0, at)
  const rope = (y: number) =>
    path(
      `M${s * 1.1} ${y + s}C${s * 1.1} ${y + s * 0.4} ${s * 2.1} ${y + s * 0.6} ${s * 2.1} ${y}L${s * 2.7} ${y}C${s * 2.7} ${y + s * 0.8} ${s * 1.7} ${y + s * 0.5} ${s * 1.7} ${y + s}Z`,
      c.light,
    ) + stroke(`M${s * 1.4} ${y + s}C${s * 1.4} ${y + s * 0.5} ${s * 2.4} ${y + s * 0.6} ${s * 2.4} ${y}`, c.shade, 2)
  const back = (y: number) =>
    path(
      `M${s * 2.7} ${y + s}C${s * 2.7} ${y + s * 0.4} ${s * 1.7} ${y + s * 0.6} ${s * 1.7} ${y}L${s * 1.1} ${y}C${s * 1.1} ${y + s * 0.8} ${s * 2.1} ${y + s * 0.5} ${s * 2.1} ${y + s}Z`,
      c.base,
    )
  const moss = [0, 0.5, 1, 1.5]
    .map(
      (y) => rect(s * 0.1, y * s, s * 0.3, s * 0.3, c.light, s * 0.14) + rect(s * 0.5, (y + 0.25) * s, s * 0.3, s * 0.3, c.light, s * 0.14),
    )
    .join('')
  return pattern(sketch, s * 2.8, s * 2, rect(0, 0, s * 2.8, s * 2, c.shade) + moss + back(0) + rope(0) + back(s) + rope(s), 0, at)
}

/** A fringe of twisted threads along a line. */
export function fringe(from: Point, to: Point, length: number, colour: string, lean = 0): string {
  const c = ramp(colour)
  const width = Math.hypot(to[0] - from[0], to[1] - from[1])
  const count = Math.max(6, Math.round(width / 12))
  return Array.from({ length: count + 1 }, (_, index) => {
    const t = index / count
    const x = from[0] + (to[0] - from[0]) * t
    const y = from[1] + (to[1] - from[1]) * t
    const sway = lean + ((index * 37) % 9) - 4
    const d = `M${x.toFixed(1)} ${y.toFixed(1)}q${(sway * 0.2).toFixed(1)} ${(length * 0.5).toFixed(1)} ${sway.toFixed(1)} ${(length + ((index * 53) % 7)).toFixed(1)}`
    return stroke(d, c.shade, 5) + stroke(d, index % 2 === 0 ? c.light : c.base, 3)
  }).join('')
}

/** The colour of the wool between the pattern: for striped and banded blankets it is the pale one. */
export function groundOf(kind: string, colour: string, second: string): readonly [ground: string, figure: string] {
  if (kind === 'stripe') return [second, colour]
  return [colour, kind === 'check' ? withLightness(mix(colour, second, 0.7), 0.9, 0.8) : second]
}
