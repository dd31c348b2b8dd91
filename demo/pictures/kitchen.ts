import { mix, ramp, withLightness } from './colour.ts'
import { lying, sheen } from './light.ts'
import type { Look } from './look.ts'
import { blob, boxed } from './shapes.ts'
import { at, clipped, ellipse, group, linear, path, radial, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

export function board(sketch: Sketch): string {
  const d = boxed(-330, -410, 330, 400, 34)
  const c = ramp('#c9a06d')
  const planks = [-200, -60, 90, 220].map((x) => stroke(`M${x} -408L${x} 398`, c.deep, 2, 'opacity="0.3"')).join('')
  const grain = Array.from({ length: 13 }, (_, index) =>
    stroke(
      `M${-310 + index * 50} -400C${-296 + index * 50} -160 ${-326 + index * 50} 80 ${-306 + index * 50} 394`,
      c.shade,
      2,
      'opacity="0.28"',
    ),
  ).join('')
  return (
    lying(d, '', 1.1) +
    path(d, c.shade, 'transform="translate(5 9)"') +
    path(d, linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.35, c.light], [1, c.base])) +
    clipped(sketch, d, grain + planks) +
    ellipse(0, -356, 24, 24, '#8a6a44') +
    ellipse(2, -353, 21, 21, '#cfc6b8')
  )
}

/** What is being cut: herbs and lemon, bread, or tomatoes. */
export function food(sketch: Sketch, look: Look): string {
  if (look.form === 'bread' || look.form === 'cheese') return loaf(sketch)
  if (['chef', 'santoku', 'nakiri', 'mezzaluna', 'folding', 'cleaver'].includes(look.form)) return lemonAndLeaves(sketch)
  return tomatoes(sketch)
}

function lemonAndLeaves(sketch: Sketch): string {
  const half = (x: number, y: number, turn: number) => {
    const wedges = [0, 40, 80, 120, 160, 200, 240, 280, 320]
      .map((angle) => group(path('M0 -8C14 -22 16 -50 0 -60C-16 -50 -14 -22 0 -8Z', '#f3d65a'), `rotate(${angle})`))
      .join('')
    return at(
      x,
      y,
      lying('M-78 0A78 78 0 1 1 78 0A78 78 0 1 1 -78 0Z', '', 0.7) +
        ellipse(0, 0, 78, 78, '#e2b62c') +
        ellipse(0, 0, 72, 72, '#fbf1c8') +
        wedges +
        ellipse(0, 0, 8, 8, '#fbf1c8') +
        sheen(sketch, -24, -28, 40, 24, -40, 0.5),
      1,
      turn,
    )
  }
  const sprig = Array.from({ length: 11 }, (_, index) =>
    at(
      150 + index * 12,
      40 + Math.abs(5 - index) * 6,
      path('M0 0C10 -16 36 -20 52 -4C36 12 12 14 0 0Z', index % 2 === 0 ? '#5f8a45' : '#7da657') +
        stroke('M4 0L44 -4', '#d3e2b6', 1.6, 'opacity="0.7"'),
      1,
      index * 33,
    ),
  ).join('')
  return half(0, 0, 0) + half(160, -60, 20) + sprig
}

function tomatoes(sketch: Sketch): string {
  const one = (x: number, y: number, r: number) =>
    at(
      x,
      y,
      lying(`M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`, '', 0.7) +
        ellipse(0, 0, r, r, radial(sketch, [0.36, 0.32], 0.76, [0, '#f7a48c'], [0.3, '#d9523a'], [0.8, '#b23426'], [1, '#7e2019'])) +
        [0, 72, 144, 216, 288]
          .map((turn) => group(path('M0 0C8 -8 8 -26 0 -36C-8 -26 -8 -8 0 0Z', '#5f8a45'), `rotate(${turn})`))
          .join('') +
        sheen(sketch, -r * 0.4, -r * 0.42, r * 0.26, r * 0.18, -40, 0.8),
    )
  const slice = (x: number, y: number, r: number) =>
    at(
      x,
      y,
      lying(`M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`, '', 0.3) +
        ellipse(0, 0, r, r, '#b8392a') +
        ellipse(0, 0, r - 6, r - 6, '#e2705a') +
        [0, 60, 120, 180, 240, 300]
          .map((turn) =>
            group(
              path(
                blob([
                  [-12, -20],
                  [0, -14],
                  [12, -20],
                  [14, -44],
                  [0, -52],
                  [-14, -44],
                ] as Point[]),
                '#f0a183',
              ) +
                ellipse(-3, -34, 3, 5, '#f7e2b0') +
                ellipse(5, -30, 3, 5, '#f7e2b0'),
              `rotate(${turn})`,
            ),
          )
          .join(''),
    )
  return one(0, 0, 74) + one(130, -70, 60) + slice(200, 70, 62) + slice(280, 30, 58)
}

function loaf(sketch: Sketch): string {
  const d = blob([
    [-80, 30],
    [-60, -60],
    [40, -100],
    [180, -84],
    [280, -20],
    [270, 60],
    [160, 110],
    [10, 104],
  ])
  const cuts = [20, 90, 160]
    .map((x) => path(`M${x - 26} -70C${x + 6} -30 ${x + 10} 30 ${x - 8} 80C${x + 22} 40 ${x + 26} -30 ${x - 26} -70Z`, '#f0d9b0'))
    .join('')
  return (
    lying(d, '', 1) +
    path(d, radial(sketch, [0.4, 0.3], 0.8, [0, '#e5b878'], [0.4, '#c98f4c'], [0.8, '#a06a32'], [1, '#744820'])) +
    cuts +
    ellipse(40, -50, 60, 14, '#fff3dc', 'opacity="0.25"') +
    withCrumbs()
  )
}

function withCrumbs(): string {
  const tone = withLightness(mix('#c98f4c', '#f0d9b0', 0.5), 0.84)
  return Array.from({ length: 12 }, (_, index) =>
    ellipse(300 + Math.sin(index * 3.1) * 60, 120 + Math.cos(index * 5.3) * 40, 3 + (index % 3), 2.4, tone),
  ).join('')
}
