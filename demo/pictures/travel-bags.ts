import { panel, stitches, strap } from './bag-parts.ts'
import type { Bag } from './bag-parts.ts'
import { mix, ramp } from './colour.ts'
import { flatFill, roundFill, sheen } from './light.ts'
import type { Look } from './look.ts'
import { frontArc, ring, slab, turned } from './shapes.ts'
import { ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export function weekender(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 268 * w
  const top = -268 * h
  const body = `M${n(-half)} -40C${n(-half - 4)} ${n(top * 0.5)} ${n(-half * 0.9)} ${n(top)} ${n(-half * 0.66)} ${n(top)}L${n(half * 0.66)} ${n(top)}C${n(half * 0.9)} ${n(top)} ${n(half + 4)} ${n(top * 0.5)} ${n(half)} -40Q${n(half)} -2 ${n(half - 40)} -2L${n(-half + 40)} -2Q${n(-half)} -2 ${n(-half)} -40Z`
  const corner = (side: 1 | -1) =>
    `M${n(side * half)} -96Q${n(side * (half - 64))} -90 ${n(side * (half - 84))} -2L${n(side * (half - 40))} -2Q${n(side * half)} -2 ${n(side * half)} -40Z`
  const rise = top - 168 * h
  const handle = (dy: number, tone: string) =>
    strap(
      `M${n(-half * 0.42)} -6L${n(-half * 0.4)} ${n(top + 26)}C${n(-half * 0.34)} ${n(rise + dy)} ${n(half * 0.34)} ${n(rise + dy)} ${n(half * 0.4)} ${n(top + 26)}L${n(half * 0.42)} -6`,
      tone,
      19,
    )
  return {
    half,
    top: rise + 46,
    art:
      strap(
        `M${n(-half * 0.36)} ${n(top + 10)}C${n(-half * 0.3)} ${n(rise - 14)} ${n(half * 0.3)} ${n(rise - 14)} ${n(half * 0.36)} ${n(top + 10)}`,
        mix(second, '#2a1f24', 0.35),
        16,
      ) +
      panel(sketch, body, colour) +
      stroke(`M${n(-half * 0.8)} ${n(top + 26)}Q0 ${n(top + 6)} ${n(half * 0.8)} ${n(top + 26)}`, ramp(colour).deep, 7, 'opacity="0.7"') +
      stroke(`M${n(-half * 0.8)} ${n(top + 26)}Q0 ${n(top + 6)} ${n(half * 0.8)} ${n(top + 26)}`, '#d9c48a', 3, 'stroke-dasharray="3 4"') +
      path(corner(-1), flatFill(sketch, second)) +
      path(corner(1), flatFill(sketch, ramp(second).shade)) +
      stitches(`M${n(-half)} -90Q${n(-half + 58)} -84 ${n(-half + 76)} -2M${n(half)} -90Q${n(half - 58)} -84 ${n(half - 76)} -2`, second) +
      handle(0, second) +
      rect(-54, rise + 34, 108, 28, flatFill(sketch, second), 9) +
      stitches(`M-46 ${n(rise + 41)}L46 ${n(rise + 41)}M-46 ${n(rise + 56)}L46 ${n(rise + 56)}`, second) +
      rect(-half * 0.12, -150 * h, half * 0.24, 40, flatFill(sketch, second), 3) +
      stroke(`M${n(half * 0.78)} ${n(top + 30)}l6 34`, '#d9c48a', 5),
  }
}

export function bucket(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const c = ramp(colour)
  const top = -330 * h
  const rings = [
    ring(top, 150 * w, true),
    ring(top + 44, 128 * w),
    ring(top * 0.56, 166 * w),
    ring(-60, 178 * w),
    ring(-8, 168 * w),
    ring(0, 160 * w, true),
  ]
  const gathers = [-0.84, -0.6, -0.36, -0.12, 0.12, 0.36, 0.6, 0.84]
    .map((t) =>
      stroke(
        `M${n(t * 148 * w)} ${n(top + 4)}Q${n(t * 116 * w)} ${n(top + 48)} ${n(t * 150 * w)} ${n(top + 130)}`,
        c.deep,
        8 * (1.1 - Math.abs(t)),
        'opacity="0.26"',
      ),
    )
    .join('')
  const metal = look.secondName === 'brass'
  const sling = `M${n(-140 * w)} ${n(top + 60)}C${n(-120 * w)} ${n(top - 260 * h)} ${n(120 * w)} ${n(top - 260 * h)} ${n(140 * w)} ${n(top + 60)}`
  return {
    half: 178 * w,
    top: top - 176 * h,
    art:
      (metal && w < 0.9
        ? stroke(sling, '#8a6c2c', 11, 'stroke-dasharray="2 9"') + stroke(sling, '#e0c073', 8, 'stroke-dasharray="2 9"')
        : strap(sling, mix(colour, '#2a1f24', 0.16), 18)) +
      path(turned(rings), roundFill(sketch, colour)) +
      path(turned(rings), linear(sketch, 'down', [0, c.glint, 0.2], [0.3, c.glint, 0], [0.7, c.deep, 0], [1, c.deep, 0.4])) +
      gathers +
      ellipse(0, top, 150 * w, 24 * w, linear(sketch, 'across', [0, c.shade], [0.3, c.light], [1, c.shade])) +
      ellipse(0, top + 2, 138 * w, 20 * w, c.deep) +
      stroke(frontArc(top + 46, 127 * w), ramp(second).deep, 7) +
      stroke(frontArc(top + 46, 127 * w), ramp(second).base, 4.4) +
      stroke(
        `M-8 ${n(top + 66)}C-20 ${n(top + 110)} -34 ${n(top + 150)} -26 ${n(top + 196)}M6 ${n(top + 66)}C20 ${n(top + 104)} 22 ${n(top + 146)} 30 ${n(top + 178)}`,
        ramp(second).base,
        5,
      ) +
      ellipse(-26, top + 204, 9, 14, roundFill(sketch, second, 'metal')) +
      ellipse(30, top + 186, 9, 14, roundFill(sketch, second, 'metal')) +
      stitches(frontArc(-44, 176 * w), colour) +
      sheen(sketch, -82 * w, -150 * h, 26 * w, 92 * h, 4, 0.34),
  }
}

export function pouch(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 236 * w
  const top = -300 * h
  const d = slab(-half, half, top, -half + 4, half - 4, -2, 22)
  const zip = `M${n(-half + 18)} ${n(top + 26)}L${n(half - 18)} ${n(top + 26)}`
  return {
    half,
    top,
    art:
      panel(sketch, d, colour, look.secondName !== 'brass') +
      stroke(zip, ramp(colour).deep, 15, 'opacity="0.6"') +
      stroke(zip, ramp(look.secondName === 'tan' ? '#c7a45a' : second).base, 6) +
      stroke(zip, ramp(look.secondName === 'tan' ? '#c7a45a' : second).glint, 5, 'stroke-dasharray="2 5"') +
      rect(half - 74, top + 18, 26, 16, roundFill(sketch, '#c7a45a', 'metal'), 3) +
      strap(
        `M${n(half - 62)} ${n(top + 36)}C${n(half - 58)} ${n(top + 70)} ${n(half - 70)} ${n(top + 96)} ${n(half - 56)} ${n(top + 122)}`,
        mix(second, colour, look.secondName === 'brass' ? 1 : 0),
        13,
      ) +
      stitches(`M${n(-half + 14)} ${n(top + 46)}L${n(-half + 16)} -16L${n(half - 16)} -16L${n(half - 14)} ${n(top + 46)}`, colour) +
      strap(
        `M${n(-half + 2)} ${n(top + 60)}C${n(-half - 44)} ${n(top + 64)} ${n(-half - 44)} ${n(top + 112)} ${n(-half + 2)} ${n(top + 116)}`,
        look.secondName === 'brass' ? colour : second,
        14,
      ) +
      sheen(sketch, -half * 0.36, top * 0.6, half * 0.42, 44, -12, 0.24),
  }
}

export function duffel(sketch: Sketch, look: Look): Bag {
  const { colour, second } = look
  const c = ramp(colour)
  const rings = [ring(-500, 96, true), ring(-470, 104), ring(-420, 146), ring(-200, 158), ring(-16, 152), ring(0, 144, true)]
  const rope = 'M-70 -474C-150 -420 -196 -200 -150 -40M70 -474C150 -420 196 -200 150 -40'
  const eyelets = [-0.8, -0.42, 0, 0.42, 0.8]
    .map(
      (t) =>
        ellipse(t * 112, -458 + (1 - t * t) * 18, 9 * Math.sqrt(1.2 - t * t), 9, '#c7a45a') +
        ellipse(t * 112, -458 + (1 - t * t) * 18, 4.4, 4.4, '#3a2a1c'),
    )
    .join('')
  return {
    half: 176,
    top: -560,
    art:
      stroke('M-34 -492C-30 -600 30 -600 34 -492', ramp(second).shade, 15) +
      stroke('M-34 -492C-30 -600 30 -600 34 -492', ramp(second).light, 11, 'stroke-dasharray="9 4"') +
      path(turned(rings), roundFill(sketch, colour)) +
      path(turned(rings), linear(sketch, 'down', [0, c.glint, 0.2], [0.2, c.glint, 0], [0.7, c.deep, 0], [1, c.deep, 0.38])) +
      ellipse(0, -500, 96, 17, c.deep) +
      [-0.7, -0.35, 0, 0.35, 0.7]
        .map((t) => stroke(`M${n(t * 96)} -496Q${n(t * 110)} -450 ${n(t * 140)} -400`, c.deep, 7, 'opacity="0.2"'))
        .join('') +
      eyelets +
      stroke(frontArc(-360, 150), c.deep, 3, 'opacity="0.3"') +
      stroke(frontArc(-70, 156), c.deep, 3, 'opacity="0.3"') +
      stitches(frontArc(-352, 150), colour) +
      stroke(rope, ramp(second).shade, 14) +
      stroke(rope, ramp(second).light, 10, 'stroke-dasharray="9 4"'),
  }
}
