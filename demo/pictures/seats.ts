import { mix, ramp } from './colour.ts'
import { bar } from './light.ts'
import type { Look } from './look.ts'
import { blob, taper } from './shapes.ts'
import { clipped, ellipse, linear, n, path, pattern, rect, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

/** Seats for gardens and long tables. */
export function drawOutdoorSeat(sketch: Sketch, look: Look): string {
  if (look.form === 'wire') return wire(sketch, look)
  return look.form === 'deck' ? deck(sketch, look) : bench(sketch, look)
}

function wire(sketch: Sketch, { colour, second, width: w }: Look): string {
  const c = ramp(colour)
  const pad = ramp(second)
  const outline: Point[] = [
    [-164 * w, -560],
    [-90 * w, -604],
    [90 * w, -604],
    [164 * w, -560],
    [176 * w, -420],
    [190 * w, -318],
    [150 * w, -264],
    [-150 * w, -264],
    [-190 * w, -318],
    [-176 * w, -420],
  ]
  const shell = blob(outline, 0.85)
  const grid =
    Array.from({ length: 13 }, (_, index) => {
      const t = (index - 6) / 6
      return stroke(`M${n(t * 118 * w)} -610C${n(t * 190 * w)} -470 ${n(t * 150 * w)} -360 ${n(t * 196 * w)} -256`, c.base, 4.4)
    }).join('') +
    Array.from({ length: 13 }, (_, index) => {
      const y = -586 + index * 26
      return stroke(`M${n(-210 * w)} ${y - 10}Q0 ${y + 26} ${n(210 * w)} ${y - 10}`, index < 5 ? c.base : c.shade, 4.4)
    }).join('')
  const cushion = blob(
    [
      [-136 * w, -322],
      [0, -352],
      [136 * w, -322],
      [146 * w, -292],
      [0, -262],
      [-146 * w, -292],
    ],
    0.9,
  )
  return (
    bar(`M${n(-90 * w)} -276L${n(-130 * w)} -40M${n(90 * w)} -276L${n(130 * w)} -40`, colour, 9) +
    path(shell, c.deep, 'opacity="0.1"') +
    clipped(sketch, shell, grid) +
    bar(shell, colour, 10) +
    bar(`M${n(-110 * w)} -262L${n(-164 * w)} -4M${n(110 * w)} -262L${n(164 * w)} -4M${n(-110 * w)} -264L${n(110 * w)} -264`, colour, 11) +
    path(cushion, linear(sketch, [0, 0, 1, 0.8], [0, pad.glint], [0.4, pad.light], [1, pad.shade])) +
    stroke(`M${n(-140 * w)} -296C${n(-60 * w)} -274 ${n(60 * w)} -274 ${n(140 * w)} -296`, pad.deep, 2, 'opacity="0.35"') +
    ellipse(0, -308, 5, 4, pad.deep, 'opacity="0.5"')
  )
}

function deck(sketch: Sketch, { colour, second, pattern: kind }: Look): string {
  const c = ramp(colour)
  const sling =
    'M-128 -612L128 -612C140 -470 150 -330 160 -196C164 -150 160 -126 154 -112L-154 -112C-160 -126 -164 -150 -160 -196C-150 -330 -140 -470 -128 -612Z'
  const stripes =
    kind === 'striped'
      ? pattern(
          sketch,
          62,
          40,
          rect(0, 0, 22, 40, mix(colour, '#fbf6ea', 0.92)) + rect(30, 0, 5, 40, mix(colour, '#fbf6ea', 0.92)),
          0,
          [-27, 0],
        )
      : 'none'
  return (
    bar('M-150 -330L-186 -36M150 -330L186 -36', second, 15) +
    bar('M-140 -626L-176 -4M140 -626L176 -4', second, 18) +
    bar('M-168 -116L168 -116', second, 15) +
    path(sling, colour) +
    (kind === 'striped' ? path(sling, stripes) : '') +
    path(
      sling,
      linear(
        sketch,
        'down',
        [0, c.glint, 0.5],
        [0.2, c.light, 0.2],
        [0.5, c.base, 0],
        [0.74, c.deep, 0.5],
        [0.88, c.deep, 0.12],
        [1, c.glint, 0.35],
      ),
    ) +
    path(sling, linear(sketch, 'across', [0, c.glint, 0.2], [0.4, c.base, 0], [1, c.deep, 0.35])) +
    stroke('M-132 -588L132 -588M-154 -134L154 -134', c.deep, 2, 'stroke-dasharray="9 7" opacity="0.5"') +
    bar('M-152 -620L152 -620', second, 20) +
    ellipse(-150, -330, 8, 8, '#c9a45a') +
    ellipse(150, -330, 8, 8, '#c9a45a')
  )
}

function bench(sketch: Sketch, { colour }: Look): string {
  const c = ramp(colour)
  const grain = [-40, -34, -26]
    .map((y, index) => stroke(`M-280 ${y - 236}C-120 ${y - 240 + index * 3} 60 ${y - 230} 280 ${y - 237}`, c.deep, 1.5, 'opacity="0.28"'))
    .join('')
  const trestle = (x: number) =>
    path(taper([x - 26, -236], [x - 62, -6], 15, 13), linear(sketch, 'across', [0, c.light], [1, c.shade])) +
    path(taper([x + 26, -236], [x + 62, -6], 15, 13), linear(sketch, 'across', [0, c.base], [1, c.deep])) +
    bar(`M${x - 44} -92L${x + 44} -92`, colour, 16)
  return (
    bar('M-200 -120L200 -120', colour, 17) +
    trestle(-210) +
    trestle(210) +
    ellipse(-132, -120, 6, 11, c.deep) +
    ellipse(132, -120, 6, 11, c.deep) +
    path('M-306 -268L306 -268L306 -236L-306 -236Z', linear(sketch, 'across', [0, c.light], [0.4, c.base], [1, c.shade])) +
    path('M-306 -268L-282 -308L282 -308L306 -268Z', linear(sketch, [0, 0, 1, 0.4], [0, c.glint], [0.4, c.light], [1, c.base])) +
    grain +
    path('M-306 -240L306 -240L306 -236L-306 -236Z', c.deep, 'opacity="0.4"')
  )
}
