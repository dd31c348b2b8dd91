import { mix, ramp, withLightness } from './colour.ts'
import { bodyFill, shade, WARM } from './lamp-parts.ts'
import type { Lamp } from './lamp-parts.ts'
import { contact, FLOOR, HEIGHT, plate, plateTint, roundFill, WIDTH } from './light.ts'
import { isMetal, isWood } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { arc, arm, banker, pendant } from './metal-lamps.ts'
import { frontArc, polygon, ring, TILT, turned } from './shapes.ts'
import { at, ellipse, linear, n, path, radial, radialAt, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#dccdb4'

export const lampPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const lamp = drawLamp(sketch, look, false)
    const tint = plateTint(TINT, look.form === 'lantern' ? '#f8f4ea' : look.colour)
    if (lamp.hangs) return plate(sketch, tint, WIDTH, HEIGHT, 1010) + at(400, 0, lamp.art)
    return plate(sketch, tint) + standing(sketch, lamp, 1)
  },
  inUse: (sketch, look) => {
    const lamp = drawLamp(sketch, look, true)
    const y = lamp.hangs ? lamp.glow.y : FLOOR + lamp.glow.y * lamp.scale
    const x = 400 + lamp.glow.x * lamp.scale
    const night = mix(withLightness(TINT, 0.36, 0.9), '#3a2a22', 0.5)
    const halo = radialAt(
      sketch,
      [x, y],
      lamp.glow.radius * 4.4,
      [0, '#ffcf82', 0.95],
      [0.18, '#f3b264', 0.62],
      [0.45, '#c98646', 0.28],
      [1, '#7a4d2c', 0],
    )
    const pool = radial(sketch, [0.5, 0.5], 0.5, [0, '#ffd796', 0.62], [0.5, '#e0a45c', 0.22], [1, '#c98646', 0])
    const room =
      rect(
        0,
        0,
        WIDTH,
        HEIGHT,
        linear(
          sketch,
          'down',
          [0, night],
          [0.7, mix(night, '#000000', 0.12)],
          [0.712, mix(night, '#8a5c36', 0.35)],
          [1, mix(night, '#1c120e', 0.55)],
        ),
      ) +
      rect(0, 0, WIDTH, HEIGHT, halo) +
      ellipse(x, lamp.hangs ? 900 : FLOOR + 24, lamp.hangs ? 430 : 380, 86, pool)
    return room + (lamp.hangs ? at(400, 0, lamp.art) : standing(sketch, lamp, 0.8))
  },
}

function standing(sketch: Sketch, lamp: Lamp, depth: number): string {
  const shadow = contact(sketch, 400 + (lamp.footX ?? 0) * lamp.scale, FLOOR, lamp.foot * lamp.scale, depth)
  return shadow + at(400, FLOOR, lamp.art, lamp.scale)
}

/** Draws a lamp of any form. */
export function drawLamp(sketch: Sketch, look: Look, lit: boolean): Lamp {
  switch (look.form) {
    case 'mushroom':
      return mushroom(sketch, look, lit)
    case 'arm':
      return arm(sketch, look, lit)
    case 'pendant':
      return pendant(sketch, look, lit)
    case 'lantern':
      return lantern(sketch, look, lit)
    case 'floor':
      return floorLamp(sketch, look, lit)
    case 'arc':
      return arc(sketch, look, lit)
    case 'column':
      return column(sketch, look, lit)
    case 'portable':
      return portable(sketch, look, lit)
    case 'banker':
      return banker(sketch, look, lit)
    default:
      return gourd(sketch, look, lit)
  }
}

function gourd(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const { width: w, height: h } = look
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.42) : look.colour)
  const body = turned([
    ring(-262 * h, 22, true),
    ring(-246 * h, 21),
    ring(-214 * h, 34 * w),
    ring(-160 * h, 92 * w),
    ring(-104 * h, 128 * w),
    ring(-50 * h, 118 * w),
    ring(-12 * h, 84 * w),
    ring(0, 76 * w, true),
  ])
  const wheel = [-72, -96, -120, -144]
    .map((y, index) => stroke(frontArc(y * h, [124, 128, 121, 106][index]! * w), c.deep, 1.3, 'opacity="0.16"'))
    .join('')
  const top = -516 * h
  const low = -282 * h
  const spread = 0.5 + w / 2
  return {
    foot: 84 * w,
    scale: 1.16 / Math.max(1, h * 0.94),
    glow: { x: 0, y: (top + low) / 2, radius: 130 },
    art:
      rect(-5, -300 * h, 10, 46 * h, roundFill(sketch, '#b08c4a', 'metal')) +
      path(body, bodyFill(sketch, look, lit)) +
      path(body, linear(sketch, 'down', [0.5, c.deep, 0], [1, c.deep, 0.4])) +
      wheel +
      ellipse(
        -52 * w,
        -132 * h,
        17 * w,
        38 * h,
        radial(sketch, [0.5, 0.5], 0.5, [0, '#ffffff', lit ? 0.12 : 0.5], [1, '#ffffff', 0]),
        `transform="rotate(24 ${n(-52 * w)} ${n(-132 * h)})"`,
      ) +
      rect(-21, -268 * h, 42, 10, roundFill(sketch, '#b08c4a', 'metal'), 2) +
      shade(sketch, look.second, [ring(top, 104 * spread, true), ring(low, 178 * spread, true)], lit),
  }
}

function mushroom(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const { width: w, height: h } = look
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.3) : look.colour)
  const stem = turned([
    ring(-262 * h, 42 * w, true),
    ring(-170 * h, 45 * w),
    ring(-80 * h, 60 * w),
    ring(-26 * h, 92 * w),
    ring(-6 * h, 112 * w),
    ring(0, 113 * w, true),
  ])
  const dome = turned([
    ring(-432 * h, 5, true),
    ring(-428 * h, 62 * w),
    ring(-398 * h, 132 * w),
    ring(-344 * h, 178 * w),
    ring(-272 * h, 200 * w),
    ring(-258 * h, 200 * w, true),
  ])
  const shadow = linear(sketch, 'down', [0, c.deep, 0.85], [0.34, c.deep, 0.1], [0.6, c.deep, 0])
  const warm = linear(sketch, 'down', [0, '#fff1cf', 0.95], [0.3, WARM, 0.5], [0.75, WARM, 0])
  return {
    foot: 116 * w,
    scale: 1.24,
    glow: { x: 0, y: -240 * h, radius: 100 },
    art:
      path(stem, bodyFill(sketch, look, lit)) +
      path(stem, lit ? warm : shadow) +
      (lit ? ellipse(0, -258 * h, 194 * w, 40 * w, '#fff0cc') : '') +
      path(dome, bodyFill(sketch, look, lit)) +
      path(
        dome,
        linear(sketch, 'down', [0, '#fff7e6', lit ? 0 : 0.34], [0.35, '#fff7e6', 0], [0.7, c.deep, 0], [1, lit ? '#ffb95e' : c.deep, 0.34]),
      ) +
      stroke(frontArc(-258 * h, 200 * w), lit ? '#ffe2ab' : c.light, 2.4, 'opacity="0.8"') +
      ellipse(
        -84 * w,
        -372 * h,
        38 * w,
        17 * h,
        radial(sketch, [0.5, 0.5], 0.5, [0, '#ffffff', lit ? 0.2 : 0.75], [1, '#ffffff', 0]),
        `transform="rotate(-34 ${n(-84 * w)} ${n(-372 * h)})"`,
      ),
  }
}

function lantern(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const rx = 218 * look.width
  const ry = 206 * look.height
  const y = 470
  const c = ramp(look.colour)
  const fill = lit
    ? radial(
        sketch,
        [0.5, 0.55],
        0.56,
        [0, '#fffbe9'],
        [0.35, mix(look.colour, '#ffe9b4', 0.75)],
        [0.8, mix(look.colour, '#f5b665', 0.6)],
        [1, mix(look.colour, '#d98a3c', 0.6)],
      )
    : radial(sketch, [0.32, 0.3], 0.82, [0, '#ffffff'], [0.3, c.light], [0.62, c.base], [0.9, c.shade], [1, mix(c.shade, c.deep, 0.5)])
  const ribs = Array.from({ length: 15 }, (_, index) => {
    const t = ((index + 1) / 16) * 2 - 1
    const r = Math.sqrt(1 - t * t) * rx
    return stroke(
      `M${n(-r)} ${n(y + t * ry)}A${n(r)} ${n(r * 0.1)} 0 0 0 ${n(r)} ${n(y + t * ry)}`,
      c.deep,
      1.5,
      `opacity="${lit ? 0.22 : 0.28}"`,
    )
  }).join('')
  return {
    hangs: true,
    foot: 0,
    scale: 1,
    glow: { x: 0, y, radius: 160 },
    art:
      rect(-2, -10, 4, y - ry + 14, '#3b3431') +
      ellipse(0, y, rx, ry, fill) +
      ribs +
      ellipse(0, y - ry + 5, 34, 7, '#4a3d33') +
      ellipse(0, y + ry - 4, 38, 8, lit ? '#fff6d8' : c.deep, 'opacity="0.8"') +
      (look.name === 'chalk' ? '' : ellipse(0, y, rx, ry, look.colour, 'opacity="0.14"')),
  }
}

function floorLamp(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const w = look.width
  const wood = isWood(look.name)
  const stem = wood ? 11 : 6
  const iron = roundFill(
    sketch,
    wood ? '#3b3a39' : lit ? mix(look.colour, '#4a2c1a', 0.42) : look.colour,
    isMetal(look.name) ? 'metal' : 'matte',
  )
  return {
    foot: 96 * w,
    scale: 1,
    glow: { x: 0, y: -560, radius: 110 },
    art:
      path(turned([ring(-18, 88 * w, true), ring(-12, 95 * w), ring(0, 96 * w, true)]), iron) +
      ellipse(
        0,
        -18,
        88 * w,
        88 * w * TILT,
        linear(sketch, 'across', [0, ramp(wood ? '#4a4947' : look.colour).light], [1, ramp(wood ? '#3b3a39' : look.colour).base]),
      ) +
      rect(-stem, -500, stem * 2, 484, bodyFill(sketch, look, lit)) +
      (wood ? rect(-stem - 2, -40, stem * 2 + 4, 22, roundFill(sketch, '#b08c4a', 'metal'), 2) : '') +
      stroke('M0 -466C26 -440 30 -400 26 -360', '#4a3d33', 2) +
      ellipse(26, -354, 5, 8, look.second === '#F1EDE4' ? '#c19b4c' : '#b08c4a') +
      shade(sketch, look.second, [ring(-662, 118 * w, true), ring(-476, 146 * w, true)], lit),
  }
}

function column(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const w = look.width
  const r = 52 * w
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.42) : look.colour)
  const shaft = turned([ring(-232, r * 0.86, true), ring(-60, r, true), ring(-30, r, true)])
  const plinth = turned([ring(-34, r * 1.5, true), ring(-28, r * 1.56), ring(0, r * 1.56, true)])
  const fluted = !isWood(look.name) && look.pattern !== 'speckled'
  const flutes = fluted
    ? [-0.86, -0.66, -0.4, -0.13, 0.13, 0.4, 0.66, 0.86]
        .map((t) => stroke(`M${n(t * r * 0.86)} -228L${n(t * r)} -38`, c.deep, 3.4 * (1.1 - Math.abs(t)) + 1.4, 'opacity="0.3"'))
        .join('')
    : ''
  return {
    foot: r * 1.56,
    scale: 1.22,
    glow: { x: 0, y: -390, radius: 118 },
    art:
      path(plinth, bodyFill(sketch, look, lit)) +
      ellipse(0, -34, r * 1.5, r * 1.5 * TILT, linear(sketch, 'across', [0, c.light], [1, c.base])) +
      path(shaft, bodyFill(sketch, look, lit)) +
      flutes +
      (look.pattern === 'speckled' ? chips(r, c.deep, c.glint) : '') +
      (isWood(look.name) ? grain(r, c.deep) : '') +
      path(shaft, linear(sketch, 'down', [0, c.deep, 0.5], [0.16, c.deep, 0], [0.8, c.deep, 0], [1, c.deep, 0.35])) +
      rect(-6, -268, 12, 44, roundFill(sketch, '#b08c4a', 'metal')) +
      shade(sketch, look.second, [ring(-476, 92 * (0.5 + w / 2), true), ring(-250, 168 * (0.5 + w / 2), true)], lit),
  }
}

function chips(r: number, dark: string, pale: string): string {
  return Array.from({ length: 46 }, (_, index) => {
    const x = Math.sin(index * 12.9) * r * 0.88
    const y = -48 - ((index * 47) % 172)
    const size = 2.2 + ((index * 7) % 5)
    const fill = index % 3 === 0 ? dark : index % 3 === 1 ? pale : '#fffaf0'
    return path(
      polygon([
        [x - size, y],
        [x - size * 0.2, y - size * 0.8],
        [x + size, y - size * 0.1],
        [x + size * 0.3, y + size * 0.8],
      ]),
      fill,
      'opacity="0.6"',
    )
  }).join('')
}

function grain(r: number, dark: string): string {
  return [-0.7, -0.42, -0.1, 0.2, 0.52, 0.8]
    .map((t, index) =>
      stroke(
        `M${n(t * r * 0.88)} -226C${n(t * r + 5)} -170 ${n(t * r - 5)} -110 ${n(t * r + (index % 2 === 0 ? 3 : -3))} -40`,
        dark,
        1.4,
        'opacity="0.24"',
      ),
    )
    .join('')
}

function portable(sketch: Sketch, look: Look, lit: boolean): Lamp {
  const { width: w, height: h } = look
  const r = 112 * w
  const c = ramp(lit ? mix(look.colour, '#4a2c1a', 0.36) : look.colour)
  const glass = lit
    ? linear(sketch, 'across', [0, '#f3b45f'], [0.3, '#ffe7b0'], [0.5, '#fffdf2'], [0.75, '#ffe7b0'], [1, '#eba24b'])
    : linear(sketch, 'across', [0, '#e4ddcf'], [0.25, '#fffdf7'], [0.6, '#f2ecdf'], [1, '#c9c0b0'])
  const foot = turned([ring(-92 * h, r, true), ring(-10, r), ring(0, r * 0.96, true)])
  const cap = turned([ring(-356 * h, r * 0.4, true), ring(-346 * h, r * 0.8), ring(-318 * h, r * 1.02), ring(-300 * h, r * 1.03, true)])
  const strap = ramp(look.second)
  const loop = `M${n(-r * 0.5)} ${n(-342 * h)}C${n(-r * 0.6)} ${n(-500 * h)} ${n(r * 0.6)} ${n(-500 * h)} ${n(r * 0.5)} ${n(-342 * h)}`
  return {
    foot: r,
    scale: 1.3,
    glow: { x: 0, y: -196 * h, radius: 96 },
    art:
      stroke(loop, strap.deep, 16) +
      stroke(loop, strap.base, 12) +
      stroke(loop, strap.light, 2, 'stroke-dasharray="7 6" opacity="0.8"') +
      path(turned([ring(-306 * h, r * 0.86, true), ring(-86 * h, r * 0.86, true)]), glass) +
      path(foot, bodyFill(sketch, look, lit)) +
      ellipse(0, -92 * h, r, r * TILT, linear(sketch, 'across', [0, c.light], [1, c.base])) +
      path(turned([ring(-112 * h, r * 0.86, true), ring(-92 * h, r * 0.86, true)]), glass) +
      (lit ? '' : ellipse(-r * 0.45, -200 * h, 9, 74 * h, '#ffffff', 'opacity="0.8"')) +
      path(cap, bodyFill(sketch, look, lit)) +
      ellipse(0, -356 * h, r * 0.4, r * 0.4 * TILT, c.light) +
      ellipse(0, -44 * h, 12, 12, ramp(look.second).shade) +
      ellipse(-1, -45 * h, 9, 9, ramp(look.second).light),
  }
}
