import { panel, stitches, strap } from './bag-parts.ts'
import type { Bag } from './bag-parts.ts'
import { mix, ramp } from './colour.ts'
import { bar, flatFill, sheen } from './light.ts'
import type { Look } from './look.ts'
import { boxed, rounded, slab } from './shapes.ts'
import { linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

function zip(d: string, colour: string): string {
  return stroke(d, ramp(colour).deep, 9, 'opacity="0.75"') + stroke(d, '#cfc6b0', 3, 'stroke-dasharray="3 3"')
}

export function drawBackpack(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 178 * w
  const top = -470 * h
  const body = `M${n(-half)} -50L${n(-half * 0.98)} ${n(top * 0.5)}C${n(-half * 0.96)} ${n(top * 0.86)} ${n(-half * 0.6)} ${n(top)} 0 ${n(top)}C${n(half * 0.6)} ${n(top)} ${n(half * 0.96)} ${n(top * 0.86)} ${n(half * 0.98)} ${n(top * 0.5)}L${n(half)} -50Q${n(half)} -2 ${n(half - 44)} -2L${n(-half + 44)} -2Q${n(-half)} -2 ${n(-half)} -50Z`
  const pocket = slab(-half * 0.74, half * 0.74, top * 0.5, -half * 0.78, half * 0.78, -26, 40)
  const base = `M${n(-half)} -92Q0 -76 ${n(half)} -92L${n(half)} -50Q${n(half)} -2 ${n(half - 44)} -2L${n(-half + 44)} -2Q${n(-half)} -2 ${n(-half)} -50Z`
  const shoulder = (side: 1 | -1) =>
    strap(
      `M${n(side * half * 0.46)} ${n(top * 0.95)}C${n(side * half * 1.26)} ${n(top * 0.84)} ${n(side * half * 1.3)} ${n(top * 0.36)} ${n(side * half * 0.96)} -70`,
      mix(second, '#2a1f24', 0.2),
      26,
    )
  return {
    half: half * 1.12,
    top: top - 58,
    art:
      shoulder(-1) +
      shoulder(1) +
      bar(
        `M${n(-half * 0.26)} ${n(top + 8)}C${n(-half * 0.26)} ${n(top - 68)} ${n(half * 0.26)} ${n(top - 68)} ${n(half * 0.26)} ${n(top + 8)}`,
        second,
        19,
        0.6,
      ) +
      panel(sketch, body, colour) +
      zip(
        `M${n(-half * 0.9)} ${n(top * 0.42)}C${n(-half * 0.9)} ${n(top * 0.82)} ${n(-half * 0.5)} ${n(top * 0.93)} 0 ${n(top * 0.93)}C${n(half * 0.5)} ${n(top * 0.93)} ${n(half * 0.9)} ${n(top * 0.82)} ${n(half * 0.9)} ${n(top * 0.42)}`,
        colour,
      ) +
      path(pocket, '#2a1f24', 'opacity="0.24" transform="translate(5 9)"') +
      panel(sketch, pocket, colour) +
      panel(sketch, base, second, false) +
      stitches(`M${n(-half + 4)} -84Q0 -68 ${n(half - 4)} -84`, second) +
      zip(`M${n(-half * 0.62)} ${n(top * 0.43)}L${n(half * 0.62)} ${n(top * 0.43)}`, colour) +
      strap(`M${n(half * 0.5)} ${n(top * 0.43)}l4 46`, second, 12) +
      rect(-32, top * 0.72, 64, 44, flatFill(sketch, second), 5) +
      stitches(`M-26 ${n(top * 0.72 + 7)}L26 ${n(top * 0.72 + 7)}M-26 ${n(top * 0.72 + 37)}L26 ${n(top * 0.72 + 37)}`, second) +
      sheen(sketch, -half * 0.5, top * 0.66, 34, 110, 8, 0.2),
  }
}

export function drawRolltop(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 174 * w
  const top = -520 * h
  const c = ramp(colour)
  const body = `M${n(-half)} -40L${n(-half * 0.96)} ${n(top + 96)}L${n(half * 0.96)} ${n(top + 96)}L${n(half)} -40Q${n(half)} -2 ${n(half - 36)} -2L${n(-half + 36)} -2Q${n(-half)} -2 ${n(-half)} -40Z`
  const roll = (y: number, reach: number, thick: number) => {
    const d = boxed(-half * reach, y, half * reach, y + thick, thick / 2)
    return (
      path(d, linear(sketch, 'down', [0, c.light], [0.3, c.glint], [0.5, c.base], [1, c.deep])) +
      path(d, linear(sketch, 'across', [0, c.base, 0], [0.5, c.base, 0], [1, c.deep, 0.4]))
    )
  }
  const shoulder = (side: 1 | -1) =>
    strap(
      `M${n(side * half * 0.5)} ${n(top + 120)}C${n(side * half * 1.3)} ${n(top * 0.72)} ${n(side * half * 1.3)} ${n(top * 0.3)} ${n(side * half * 0.96)} -60`,
      mix(second, '#2a1f24', 0.2),
      26,
    )
  return {
    half: half * 1.12,
    top: top - 30,
    art:
      shoulder(-1) +
      shoulder(1) +
      bar(
        `M${n(-half * 0.24)} ${n(top + 30)}C${n(-half * 0.24)} ${n(top - 40)} ${n(half * 0.24)} ${n(top - 40)} ${n(half * 0.24)} ${n(top + 30)}`,
        second === '#B9BDC1' ? '#3b3a39' : second,
        17,
        0.6,
      ) +
      panel(sketch, body, colour) +
      path(
        `M${n(-half * 0.96)} ${n(top + 90)}L${n(half * 0.96)} ${n(top + 90)}L${n(half * 0.97)} ${n(top + 150)}L${n(-half * 0.97)} ${n(top + 150)}Z`,
        linear(sketch, 'down', [0, c.deep, 0.5], [1, c.deep, 0]),
      ) +
      roll(top + 46, 0.98, 56) +
      roll(top + 16, 0.94, 46) +
      strap(`M0 ${n(top + 24)}L0 ${n(top * 0.42)}`, second, 24) +
      rect(-24, top * 0.56, 48, 34, flatFill(sketch, '#3a3837'), 6) +
      rect(-24, top * 0.56 + 15, 48, 3, '#77736f') +
      path(slab(-half * 0.7, half * 0.7, top * 0.36, -half * 0.72, half * 0.72, -40, 18), c.deep, 'opacity="0.14"') +
      zip(`M${n(-half * 0.62)} ${n(top * 0.33)}L${n(half * 0.62)} ${n(top * 0.33)}`, colour) +
      stroke(`M${n(-half * 0.95)} -64L${n(half * 0.95)} -64`, '#eef0ee', 7, 'opacity="0.75"') +
      sheen(sketch, -half * 0.55, top * 0.5, 24, 120, 3, 0.26),
  }
}

export function drawSling(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 196 * w
  const top = -238 * h
  const body = `M${n(-half)} ${n(top * 0.44)}C${n(-half)} ${n(top * 0.9)} ${n(-half * 0.72)} ${n(top)} ${n(-half * 0.3)} ${n(top)}L${n(half * 0.4)} ${n(top)}C${n(half * 0.84)} ${n(top)} ${n(half)} ${n(top * 0.84)} ${n(half)} ${n(top * 0.4)}C${n(half)} ${n(top * 0.12)} ${n(half * 0.86)} -2 ${n(half * 0.5)} -2L${n(-half * 0.5)} -2C${n(-half * 0.86)} -2 ${n(-half)} ${n(top * 0.14)} ${n(-half)} ${n(top * 0.44)}Z`
  const band = `M${n(-half + 20)} ${n(top * 0.62)}C${n(-half * 1.3)} ${n(top - 200 * h)} ${n(half * 0.3)} ${n(top - 330 * h)} ${n(half * 0.72)} ${n(top - 120 * h)}C${n(half * 0.9)} ${n(top - 30)} ${n(half * 0.96)} ${n(top * 0.8)} ${n(half - 16)} ${n(top * 0.6)}`
  return {
    half: half * 1.06,
    top: top - 236 * h,
    art:
      strap(band, mix(second, colour, 0.1), 24) +
      rect(half * 0.52, top - 168 * h, 44, 32, flatFill(sketch, '#3a3837'), 6) +
      panel(sketch, body, colour) +
      zip(
        `M${n(-half * 0.8)} ${n(top * 0.78)}C${n(-half * 0.3)} ${n(top * 0.86)} ${n(half * 0.4)} ${n(top * 0.86)} ${n(half * 0.84)} ${n(top * 0.74)}`,
        colour,
      ) +
      path(
        rounded(
          [
            [-half * 0.7, top * 0.58],
            [half * 0.76, top * 0.56],
            [half * 0.6, -24],
            [-half * 0.56, -24],
          ],
          34,
        ),
        ramp(colour).deep,
        'opacity="0.13"',
      ) +
      zip(`M${n(-half * 0.6)} ${n(top * 0.5)}L${n(half * 0.66)} ${n(top * 0.49)}`, colour) +
      strap(`M${n(half * 0.56)} ${n(top * 0.49)}l6 40`, second, 11) +
      strap(`M${n(-half * 0.7)} ${n(top * 0.8)}l-8 34`, second, 11) +
      sheen(sketch, -half * 0.46, top * 0.6, 58, 24, -16, 0.3),
  }
}
