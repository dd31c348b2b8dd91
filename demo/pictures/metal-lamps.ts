import { mix, ramp } from './colour.ts'
import { bodyFill } from './lamp-parts.ts'
import type { Lamp } from './lamp-parts.ts'
import { roundFill } from './light.ts'
import type { Look } from './look.ts'
import { frontArc, ring, taper, TILT, turned } from './shapes.ts'
import { at, ellipse, group, linear, n, path, radial, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** A hollow metal head seen from the side: opens downwards in its own frame. */
function head(sketch: Sketch, look: Look, lit: boolean, size = 1): string {
  const fill = bodyFill(sketch, look, lit)
  const cone = turned([
    ring(-118 * size, 24 * size, true),
    ring(-96 * size, 30 * size),
    ring(-70 * size, 40 * size),
    ring(-30 * size, 76 * size),
    ring(0, 96 * size, true),
  ])
  return (
    ellipse(0, 0, 96 * size, 96 * size * TILT * 1.4, lit ? '#fff3d2' : '#f1eadb') +
    (lit ? '' : ellipse(0, 3 * size, 34 * size, 12 * size, '#fffaf0')) +
    path(cone, fill) +
    ellipse(0, -118 * size, 24 * size, 24 * size * TILT, ramp(look.colour).light)
  )
}

export function arm(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const steel = roundFill(sketch, look.second, 'metal')
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.42) : look.colour)
  const rod = (from: readonly [number, number], to: readonly [number, number]) =>
    path(taper(from, to, 6.5, 6.5), linear(sketch, [0, 0, 1, 0.3], [0, c.light], [0.5, c.base], [1, c.deep]))
  const joint = (x: number, y: number) =>
    ellipse(x, y, 17, 17, steel) + ellipse(x - 2, y - 2, 8, 8, ramp(look.second).light) + ellipse(x, y, 3.4, 3.4, ramp(look.second).deep)
  return {
    foot: 118,
    scale: 1.3,
    glow: { x: -172, y: -330, radius: 74 },
    art:
      path(turned([ring(-26, 108, true), ring(-20, 116), ring(0, 118, true)]), bodyFill(sketch, look, lit)) +
      ellipse(0, -26, 108, 108 * TILT, linear(sketch, 'across', [0, c.light], [1, c.base])) +
      rect(24, -64, 22, 42, steel, 4) +
      rod([26, -58], [138, -300]) +
      rod([44, -58], [156, -300]) +
      rod([146, -304], [-108, -446]) +
      rod([138, -288], [-116, -430]) +
      joint(35, -62) +
      joint(147, -298) +
      at(-146, -372, head(sketch, look, lit, 1.06), 1, 24) +
      joint(-112, -440),
  }
}

export function pendant(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const { width: w, height: h } = look
  const top = 330
  const rim = top + 250 * h
  const radius = 212 * w
  const bell = turned([
    ring(top, 26, true),
    ring(top + 22, 30 * w),
    ring(top + 60 * h, 84 * w),
    ring(top + 130 * h, 148 * w),
    ring(top + 214 * h, 194 * w),
    ring(rim, radius, true),
  ])
  const inside = lit
    ? radial(sketch, [0.5, 0.2], 0.7, [0, '#ffffff'], [0.4, '#ffedc2'], [1, '#f2b461'])
    : linear(sketch, 'across', [0, '#cfc6b6'], [0.6, '#f3ede0'], [1, '#fffaf0'])
  const c = ramp(look.colour)
  return {
    hangs: true,
    foot: 0,
    scale: 1,
    glow: { x: 0, y: rim + 6, radius: 92 },
    art:
      rect(-2.5, -10, 5, top + 4, '#3b3431') +
      path(turned([ring(top - 46, 9, true), ring(top - 40, 17), ring(top + 6, 19, true)]), roundFill(sketch, '#b08c4a', 'metal')) +
      path(bell, bodyFill(sketch, look, lit)) +
      path(bell, linear(sketch, 'down', [0, '#fff7e6', lit ? 0 : 0.25], [0.3, '#fff7e6', 0], [0.8, c.deep, 0], [1, c.deep, 0.22])) +
      ellipse(0, rim, radius, radius * 0.15, ramp(look.colour).light) +
      ellipse(0, rim + 1.5, radius - 5, (radius - 5) * 0.145, inside) +
      ellipse(0, rim + 2, 44 * Math.min(w, 1), 20, lit ? '#ffffff' : '#fffdf6') +
      ellipse(
        -radius * 0.42,
        top + 118 * h,
        13 * w,
        64 * h,
        radial(sketch, [0.5, 0.5], 0.5, [0, '#ffffff', lit ? 0.12 : 0.5], [1, '#ffffff', 0]),
        `transform="rotate(30 ${n(-radius * 0.42)} ${n(top + 118 * h)})"`,
      ),
  }
}

export function arc(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const metal = roundFill(sketch, look.second, 'metal')
  const bow = 'M150 -60C164 -420 118 -640 -20 -652C-116 -660 -172 -610 -180 -540'
  const c = ramp(look.second)
  const dome = turned([ring(-546, 14, true), ring(-540, 40), ring(-512, 92), ring(-462, 124), ring(-430, 130, true)])
  return {
    foot: 84,
    footX: 152,
    scale: 1.02,
    glow: { x: -180, y: -424, radius: 84 },
    art:
      rect(72, -74, 160, 74, linear(sketch, 'across', [0, '#fffdf8'], [0.6, '#e8e2d8'], [1, '#bdb4a6']), 4) +
      path(
        'M88 -60C120 -30 128 -52 160 -14M150 -74C170 -50 196 -40 214 -8M100 -20C116 -12 124 -20 140 -4',
        'none',
        'stroke="#a79f92" stroke-width="1.6" opacity="0.6"',
      ) +
      rect(138, -100, 26, 30, metal, 3) +
      stroke(bow, c.deep, 13) +
      stroke(bow, c.base, 9) +
      stroke(bow, c.light, 3, 'transform="translate(-2 -1)"') +
      at(
        0,
        0,
        group(
          ellipse(0, -430, 130, 22, lit ? '#fff3d2' : '#f1eadb') +
            path(dome, bodyFill(sketch, look, lit)) +
            ellipse(0, -545, 15, 6, c.base) +
            stroke(frontArc(-430, 130), ramp(look.colour).light, 2, 'opacity="0.7"'),
          'translate(-180 0)',
        ),
      ),
  }
}

export function banker(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const { width: w, height: h } = look
  const metal = roundFill(sketch, look.second, 'metal')
  const half = 196 * w
  const top = -396 * h
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.25) : look.colour)
  const trough = `M${n(-half)} ${n(top + 96)}C${n(-half)} ${n(top + 10)} ${n(-half + 40)} ${n(top - 6)} ${n(-half + 78)} ${n(top - 6)}L${n(half - 78)} ${n(top - 6)}C${n(half - 40)} ${n(top - 6)} ${n(half)} ${n(top + 10)} ${n(half)} ${n(top + 96)}Q0 ${n(top + 118)} ${n(-half)} ${n(top + 96)}Z`
  return {
    foot: 104,
    scale: 1.28,
    glow: { x: 0, y: top + 104, radius: 110 },
    art:
      path(turned([ring(-24, 92, true), ring(-18, 101), ring(0, 104, true)]), metal) +
      ellipse(0, -24, 92, 92 * TILT, ramp(look.second).light) +
      path(turned([ring(top + 60, 8, true), ring(-120, 9), ring(-44, 13), ring(-24, 26, true)]), metal) +
      stroke(`M${n(half * 0.5)} ${n(top + 96)}L${n(half * 0.5)} ${n(top + 190)}`, ramp(look.second).base, 2.4, 'stroke-dasharray="1 5"') +
      ellipse(half * 0.5, top + 198, 6, 9, metal) +
      (lit ? ellipse(0, top + 101, half - 12, 18, '#fff2cf') : ellipse(0, top + 99, half - 10, 16, '#f4eddd')) +
      path(trough, linear(sketch, 'down', [0, c.light], [0.18, c.glint], [0.3, c.light], [0.62, c.base], [1, c.shade])) +
      path(trough, linear(sketch, 'across', [0, c.deep, 0.35], [0.14, c.deep, 0], [0.7, c.deep, 0], [1, c.deep, 0.5])) +
      stroke(`M${n(-half + 2)} ${n(top + 96)}Q0 ${n(top + 118)} ${n(half - 2)} ${n(top + 96)}`, c.light, 2.4, 'opacity="0.8"') +
      ellipse(0, top - 6, 26, 7, metal) +
      ellipse(0, top - 14, 8, 9, metal),
  }
}
