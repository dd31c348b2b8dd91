import { mix, ramp } from './colour.ts'
import { bar, contact, FLOOR, insideFill, plate, plateTint, roundFill, sheen } from './light.ts'
import { isMetal, isWood, lookOf } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { drawMug } from './mugs.ts'
import { frontArc, ring, TILT, turned } from './shapes.ts'
import type { Ring } from './shapes.ts'
import { at, clipped, ellipse, linear, n, path, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#c9d2d4'

interface Kettle {
  art: string
  foot: number
  scale: number
  /** Where the steam leaves. */
  spout: readonly [number, number]
}

export const kettlePictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const kettle = drawKettle(sketch, look)
    return (
      plate(sketch, plateTint(TINT, look.colour)) +
      contact(sketch, 385, FLOOR - 10, kettle.foot * kettle.scale) +
      at(385, FLOOR - 10, kettle.art, kettle.scale)
    )
  },
  inUse: (sketch, look) => {
    const kettle = drawKettle(sketch, look)
    const cup = lookOf({ form: 'tumbler', height: 0.8 }, look.name === 'chalk' || look.name === 'cream' ? 'sage' : 'chalk')
    const scale = kettle.scale * 0.86
    const [x, y] = [272 + kettle.spout[0] * scale, FLOOR - 40 + kettle.spout[1] * scale]
    return (
      plate(sketch, plateTint('#d6cdbd', look.colour)) +
      contact(sketch, 272, FLOOR - 40, kettle.foot * scale) +
      at(272, FLOOR - 40, kettle.art, scale) +
      steam(sketch, x, y, 1.1) +
      contact(sketch, 648, FLOOR + 34, 84) +
      at(648, FLOOR + 34, drawMug(sketch, cup), 0.78) +
      steam(sketch, 648, FLOOR - 150, 0.85)
    )
  },
}

/** Rising steam: a few soft strokes that fade upwards. */
function steam(sketch: Sketch, x: number, y: number, size: number): string {
  const fade = linear(sketch, [0, 1, 0, 0], [0, '#ffffff', 0], [0.3, '#ffffff', 0.62], [1, '#ffffff', 0])
  const wisp = (dx: number, width: number, lean: number) =>
    path(
      `M${n(dx)} 0C${n(dx + 34 + lean)} -60 ${n(dx - 40)} -110 ${n(dx + 6 + lean)} -180C${n(dx + 40 + lean)} -236 ${n(dx - 6)} -270 ${n(dx + 14 + lean)} -320C${n(dx + width + 12 + lean)} -262 ${n(dx + width + 46)} -232 ${n(dx + width + 4 + lean)} -172C${n(dx + width - 34)} -108 ${n(dx + width + 38 + lean)} -60 ${n(dx + width * 0.5)} 0Z`,
      fade,
    )
  return at(x, y, wisp(-16, 17, 0) + wisp(8, 11, 14) + wisp(-36, 9, -8), size)
}

/** Draws a kettle with its foot at the origin. */
export function drawKettle(sketch: Sketch, look: Look): Kettle {
  switch (look.form) {
    case 'gooseneck':
      return gooseneck(sketch, look, 0)
    case 'egooseneck':
      return gooseneck(sketch, look, 40)
    case 'electric':
      return electric(sketch, look)
    case 'iron':
      return iron(sketch, look)
    case 'camp':
      return camp(sketch, look)
    case 'teapot':
      return teapot(sketch, look)
    default:
      return stovetop(sketch, look)
  }
}

function finishOf(look: Look) {
  return isMetal(look.name) ? 'metal' : 'glazed'
}

/** A turned body with its reflection, its shaded foot, and what decorates it. */
function body(sketch: Sketch, look: Look, rings: readonly Ring[], decoration = ''): string {
  const d = turned(rings, 'closed')
  const c = ramp(look.colour)
  const wide = Math.max(...rings.map(({ r }) => r))
  const top = rings[0]?.y ?? 0
  return (
    path(d, roundFill(sketch, look.colour, finishOf(look))) +
    clipped(sketch, d, decoration) +
    path(d, linear(sketch, 'down', [0, '#fffaf0', 0.18], [0.3, '#fffaf0', 0], [0.68, c.deep, 0], [1, c.deep, 0.4])) +
    sheen(sketch, -wide * 0.46, top * 0.6, wide * 0.13, Math.abs(top) * 0.24, 12, isMetal(look.name) ? 0.35 : 0.8)
  )
}

function wooden(look: Look): string {
  return isWood(look.secondName) || isMetal(look.secondName) ? look.second : mix(look.second, '#2b2726', 0.08)
}

function hammered(look: Look, wide: number, top: number): string {
  if (look.pattern !== 'hammered') return ''
  const c = ramp(look.colour)
  return Array.from({ length: 9 }, (_, row) =>
    Array.from({ length: 17 }, (_unused, column) => {
      const t = Math.sin(((column - 8) / 8.6) * 1.5)
      const y = top + 22 + row * (Math.abs(top) / 9) + (1 - t * t) * wide * 0.14
      return ellipse(t * wide, y, 10 * Math.sqrt(1.05 - t * t) + 1, 11, row % 2 === column % 2 ? c.light : c.shade, 'opacity="0.3"')
    }).join(''),
  ).join('')
}

function flutes(look: Look, wide: number, top: number): string {
  if (look.pattern !== 'fluted') return ''
  return Array.from({ length: 17 }, (_, index) => {
    const t = Math.sin(((index - 8) / 8.5) * (Math.PI / 2))
    return stroke(
      `M${n(t * wide * 0.45)} ${n(top)}C${n(t * wide * 1.1)} ${n(top * 0.75)} ${n(t * wide * 1.1)} ${n(top * 0.25)} ${n(t * wide * 0.6)} 20`,
      ramp(look.colour).deep,
      5 * (1.08 - Math.abs(t)),
      'opacity="0.18"',
    )
  }).join('')
}

function stovetop(sketch: Sketch, look: Look): Kettle {
  const { width: w, height: h } = look
  const c = ramp(look.colour)
  const wide = 186 * w
  const spout = `M${n(wide * 0.72)} ${n(-96 * h)}C${n(wide * 1.08)} ${n(-120 * h)} ${n(wide * 1.16)} ${n(-190 * h)} ${n(wide * 1.34)} ${n(-246 * h)}L${n(wide * 1.52)} ${n(-236 * h)}C${n(wide * 1.38)} ${n(-150 * h)} ${n(wide * 1.22)} ${n(-60 * h)} ${n(wide * 0.78)} ${n(-40 * h)}Z`
  const bow = `M${n(-wide * 0.62)} ${n(-262 * h)}C${n(-wide * 0.78)} ${n(-430 * h)} ${n(-wide * 0.42)} ${n(-486 * h)} 0 ${n(-488 * h)}C${n(wide * 0.42)} ${n(-486 * h)} ${n(wide * 0.78)} ${n(-430 * h)} ${n(wide * 0.62)} ${n(-262 * h)}`
  const grip = `M${n(-wide * 0.42)} ${n(-474 * h)}C${n(-wide * 0.2)} ${n(-492 * h)} ${n(wide * 0.2)} ${n(-492 * h)} ${n(wide * 0.42)} ${n(-474 * h)}`
  const rings = [
    ring(-300 * h, 66 * w, true),
    ring(-286 * h, 92 * w),
    ring(-226 * h, 152 * w),
    ring(-140 * h, 184 * w),
    ring(-50 * h, 184 * w),
    ring(-8, 168 * w),
    ring(0, 162 * w, true),
  ]
  const hat = [ring(-326 * h, 8, true), ring(-322 * h, 38 * w), ring(-308 * h, 64 * w), ring(-298 * h, 70 * w, true)]
  return {
    foot: 162 * w,
    scale: 1.16 / Math.max(w, 1),
    spout: [wide * 1.44, -246 * h],
    art:
      path(spout, linear(sketch, [0, 0, 1, 0.5], [0, c.base], [0.35, c.light], [0.6, c.base], [1, c.deep])) +
      ellipse(wide * 1.43, -242 * h, wide * 0.1, 9, ramp('#3a3432').base, `transform="rotate(5 ${n(wide * 1.43)} ${n(-242 * h)})"`) +
      body(sketch, look, rings, hammered(look, wide, -300 * h)) +
      path(turned(hat, 'closed'), roundFill(sketch, look.colour, finishOf(look))) +
      stroke(frontArc(-298 * h, 70 * w), c.deep, 2.4, 'opacity="0.5"') +
      ellipse(0, -346 * h, 20, 19, roundFill(sketch, wooden(look))) +
      ellipse(-wide * 0.62, -262 * h, 13, 12, roundFill(sketch, '#a9adb1', 'metal')) +
      ellipse(wide * 0.62, -262 * h, 13, 12, roundFill(sketch, '#a9adb1', 'metal')) +
      bar(bow, '#a9adb1', 11) +
      bar(grip, wooden(look), 31, 0.55),
  }
}

function gooseneck(sketch: Sketch, look: Look, lift: number): Kettle {
  const { width: w, height: h } = look
  const r = 132 * w
  const top = -252 * h - lift
  const neck = `M${n(r * 0.86)} ${n(-54 - lift)}C${n(r * 1.5)} ${n(-70 - lift)} ${n(r * 1.24)} ${n(top * 0.5)} ${n(r * 1.5)} ${n(top * 0.86)}C${n(r * 1.62)} ${n(top * 1.1)} ${n(r * 1.78)} ${n(top * 1.1)} ${n(r * 1.98)} ${n(top * 1.06)}`
  const grip = `M${n(-r * 0.62)} ${n(top + 22)}C${n(-r * 1.5)} ${n(top - 22)} ${n(-r * 1.92)} ${n(top * 0.72)} ${n(-r * 1.62)} ${n(top * 0.3)}`
  const rings = [
    ring(top, 86 * w, true),
    ring(top + 10, 90 * w),
    ring(-30 - lift, r),
    ring(-6 - lift, r * 0.98),
    ring(-lift, r * 0.96, true),
  ]
  const hat = [ring(top - 24, 10, true), ring(top - 18, 60 * w), ring(top - 4, 82 * w), ring(top + 2, 88 * w, true)]
  const base = lift === 0 ? '' : stand(sketch, r * 1.12, lift)
  const c = ramp(look.colour)
  return {
    foot: lift === 0 ? r * 0.96 : r * 1.14,
    scale: 1.32 / Math.max(w, 1),
    spout: [r * 2, top * 1.06],
    art:
      base +
      bar(neck, look.colour, 24) +
      ellipse(r * 1.99, top * 1.058, 6, 12, c.deep, `transform="rotate(-12 ${n(r * 1.99)} ${n(top * 1.058)})"`) +
      bar(`M${n(-r * 0.5)} ${n(top + 40)}L${n(-r * 0.9)} ${n(top + 12)}`, '#8d9195', 15) +
      bar(grip, wooden(look), 28, 0.55) +
      body(sketch, look, rings) +
      path(turned(hat, 'closed'), roundFill(sketch, look.colour, finishOf(look))) +
      stroke(frontArc(top + 2, 88 * w), c.deep, 2.4, 'opacity="0.45"') +
      path(turned([ring(top - 44, 12, true), ring(top - 24, 8, true)], 'closed'), roundFill(sketch, '#8d9195', 'metal')) +
      ellipse(0, top - 50, 17, 14, roundFill(sketch, wooden(look))),
  }
}

function stand(sketch: Sketch, r: number, lift: number): string {
  const d = turned([ring(-lift + 4, r * 0.96, true), ring(-lift + 12, r), ring(0, r * 1.02, true)], 'closed')
  return (
    path(d, roundFill(sketch, '#2d2b2a')) +
    ellipse(0, -lift + 4, r * 0.96, r * 0.96 * TILT, '#3d3a38') +
    ellipse(r * 0.02, -lift * 0.2, 17, 13, roundFill(sketch, '#b9bdc1', 'metal')) +
    ellipse(r * 0.42, -lift * 0.22, 3.4, 3, '#f3c46a')
  )
}

function electric(sketch: Sketch, look: Look): Kettle {
  const { width: w, height: h } = look
  const top = -372 * h
  const low = 138 * w
  const c = ramp(look.colour)
  const rings = [ring(top, 96 * w, true), ring(top * 0.6, 112 * w), ring(-60, low), ring(-34, low, true)]
  const beak = `M${n(84 * w)} ${n(top - 2)}L${n(150 * w)} ${n(top - 6)}C${n(146 * w)} ${n(top + 40)} ${n(128 * w)} ${n(top + 74)} ${n(102 * w)} ${n(top + 110)}Z`
  const grip = `M${n(-84 * w)} ${n(top + 22)}C${n(-188 * w)} ${n(top - 6)} ${n(-232 * w)} ${n(top + 60 * h)} ${n(-222 * w)} ${n(top * 0.52)}C${n(-214 * w)} ${n(top * 0.3)} ${n(-176 * w)} ${n(-70)} ${n(-124 * w)} ${n(-84)}`
  return {
    foot: low * 1.05,
    scale: 1.28 / Math.max(w, h, 1),
    spout: [140 * w, top - 8],
    art:
      stand(sketch, low * 1.05, 34) +
      bar(grip, wooden(look), 30, 0.55) +
      path(beak, linear(sketch, [0, 0, 1, 0.6], [0, c.light], [0.5, c.base], [1, c.deep])) +
      body(sketch, look, rings) +
      ellipse(0, top, 96 * w, 96 * w * TILT, insideFill(sketch, look.colour)) +
      path(
        turned([ring(top - 14, 74 * w, true), ring(top - 8, 86 * w), ring(top + 2, 92 * w, true)]),
        roundFill(sketch, look.colour, finishOf(look)),
      ) +
      ellipse(0, top - 14, 74 * w, 74 * w * TILT, linear(sketch, 'across', [0, c.glint], [0.5, c.light], [1, c.base])) +
      path(turned([ring(top - 34, 22, true), ring(top - 16, 17, true)]), roundFill(sketch, wooden(look))) +
      ellipse(0, top - 34, 22, 5, ramp(wooden(look)).light) +
      stroke(frontArc(-62, low * 0.995), c.deep, 2, 'opacity="0.35"'),
  }
}

function iron(sketch: Sketch, look: Look): Kettle {
  const { width: w, height: h } = look
  const c = ramp(look.colour)
  const wide = 190 * w
  const rings = [
    ring(-212 * h, 84 * w, true),
    ring(-200 * h, 118 * w),
    ring(-150 * h, 174 * w),
    ring(-96 * h, 190 * w),
    ring(-50 * h, 172 * w),
    ring(-14, 122 * w),
    ring(0, 108 * w, true),
  ]
  const hail = Array.from({ length: 5 }, (_, row) =>
    Array.from({ length: 19 }, (_unused, column) => {
      const t = Math.sin(((column - 9 + (row % 2) * 0.5) / 9.6) * (Math.PI / 2))
      const across = wide * (1 - Math.abs(row - 2.2) * 0.035)
      const [x, y] = [t * across, (-178 + row * 21) * h + (1 - t * t) * wide * 0.13]
      const size = 6.2 * Math.sqrt(1.04 - t * t) + 0.8
      return (
        ellipse(x + 1, y + 1.4, size, 6, c.deep, 'opacity="0.8"') + ellipse(x - 0.8, y - 0.8, size * 0.8, 4.8, c.light, 'opacity="0.6"')
      )
    }).join(''),
  ).join('')
  const spout = `M${n(wide * 0.74)} ${n(-136 * h)}C${n(wide * 1.0)} ${n(-140 * h)} ${n(wide * 1.12)} ${n(-176 * h)} ${n(wide * 1.2)} ${n(-214 * h)}L${n(wide * 1.4)} ${n(-208 * h)}C${n(wide * 1.34)} ${n(-140 * h)} ${n(wide * 1.16)} ${n(-84 * h)} ${n(wide * 0.8)} ${n(-74 * h)}Z`
  const bow = `M${n(-wide * 0.6)} ${n(-186 * h)}C${n(-wide * 0.8)} ${n(-400 * h)} ${n(wide * 0.8)} ${n(-400 * h)} ${n(wide * 0.6)} ${n(-186 * h)}`
  return {
    foot: 112 * w,
    scale: 1.3 / Math.max(w, 1),
    spout: [wide * 1.3, -214 * h],
    art:
      path(spout, linear(sketch, [0, 0, 1, 0.5], [0, c.light], [0.5, c.base], [1, c.deep])) +
      ellipse(wide * 1.3, -211 * h, wide * 0.1, 7, '#14110f') +
      bar(bow, mix(look.colour, '#1f1c1a', 0.55), 17, 0.5) +
      body(sketch, look, rings, hail) +
      path(
        turned([ring(-232 * h, 12, true), ring(-228 * h, 50 * w), ring(-216 * h, 82 * w), ring(-208 * h, 88 * w, true)], 'closed'),
        roundFill(sketch, look.colour),
      ) +
      stroke(frontArc(-208 * h, 88 * w), c.deep, 2.4, 'opacity="0.7"') +
      ellipse(0, -246 * h, 16, 14, roundFill(sketch, look.colour)),
  }
}

function camp(sketch: Sketch, look: Look): Kettle {
  const { width: w, height: h } = look
  const r = 152 * w
  const top = -228 * h
  const c = ramp(look.colour)
  const rings = [ring(top, r * 0.8, true), ring(top + 12, r * 0.88), ring(top * 0.66, r), ring(-16, r), ring(0, r * 0.94, true)]
  const spout = `M${n(r * 0.84)} ${n(top * 0.42)}L${n(r * 1.34)} ${n(top * 0.98)}L${n(r * 1.5)} ${n(top * 0.9)}L${n(r * 0.94)} ${n(top * 0.12)}Z`
  const bail = `M${n(-r * 0.84)} ${n(top * 0.86)}C${n(-r * 0.86)} ${n(top * 2.1)} ${n(r * 0.86)} ${n(top * 2.1)} ${n(r * 0.84)} ${n(top * 0.86)}`
  const grip = `M${n(-r * 0.4)} ${n(top * 1.745)}C${n(-r * 0.16)} ${n(top * 1.8)} ${n(r * 0.16)} ${n(top * 1.8)} ${n(r * 0.4)} ${n(top * 1.745)}`
  return {
    foot: r * 0.96,
    scale: 1.34 / Math.max(w, h, 1),
    spout: [r * 1.44, top * 0.95],
    art:
      path(spout, linear(sketch, [0, 0, 1, 0.4], [0, c.light], [0.5, c.base], [1, c.deep])) +
      ellipse(r * 1.42, top * 0.94, r * 0.09, 8, '#2c2725', `transform="rotate(26 ${n(r * 1.42)} ${n(top * 0.94)})"`) +
      body(sketch, look, rings) +
      path(
        turned([ring(top - 18, 10, true), ring(top - 14, r * 0.5), ring(top - 2, r * 0.78), ring(top + 4, r * 0.83, true)], 'closed'),
        roundFill(sketch, look.colour, finishOf(look)),
      ) +
      stroke(frontArc(top + 4, r * 0.83), c.deep, 2.4, 'opacity="0.5"') +
      ellipse(0, top - 30, 15, 14, roundFill(sketch, wooden(look))) +
      bar(bail, '#8d9195', 8) +
      bar(grip, look.second, 21, 0.5) +
      ellipse(-r * 0.84, top * 0.84, 9, 9, roundFill(sketch, '#8d9195', 'metal')) +
      ellipse(r * 0.84, top * 0.84, 9, 9, roundFill(sketch, '#8d9195', 'metal')),
  }
}

function teapot(sketch: Sketch, look: Look): Kettle {
  const { width: w, height: h } = look
  const wide = 178 * w
  const c = ramp(look.colour)
  const rings = [
    ring(-268 * h, 72 * w, true),
    ring(-256 * h, 96 * w),
    ring(-196 * h, 154 * w),
    ring(-126 * h, 178 * w),
    ring(-56 * h, 152 * w),
    ring(-14, 96 * w),
    ring(0, 92 * w, true),
  ]
  const spout = `M${n(wide * 0.84)} ${n(-96 * h)}C${n(wide * 1.24)} ${n(-104 * h)} ${n(wide * 1.16)} ${n(-190 * h)} ${n(wide * 1.42)} ${n(-236 * h)}L${n(wide * 1.58)} ${n(-222 * h)}C${n(wide * 1.44)} ${n(-150 * h)} ${n(wide * 1.4)} ${n(-40 * h)} ${n(wide * 0.8)} ${n(-46 * h)}Z`
  const grip = `M${n(-wide * 0.76)} ${n(-216 * h)}C${n(-wide * 1.5)} ${n(-262 * h)} ${n(-wide * 1.62)} ${n(-90 * h)} ${n(-wide * 0.92)} ${n(-74 * h)}`
  const clay =
    look.pattern === 'dipped'
      ? path(
          `M${n(-wide)} ${n(-84 * h)}C${n(-wide * 0.5)} ${n(-40 * h)} ${n(wide * 0.2)} ${n(-64 * h)} ${n(wide)} ${n(-80 * h)}L${n(wide)} 60L${n(-wide)} 60Z`,
          roundFill(sketch, '#b8906a'),
        )
      : ''
  return {
    foot: 94 * w,
    scale: 1.3 / Math.max(w, h, 1),
    spout: [wide * 1.5, -236 * h],
    art:
      path(spout, linear(sketch, [0, 0, 1, 0.5], [0, c.base], [0.35, c.light], [0.6, c.base], [1, c.deep])) +
      ellipse(wide * 1.5, -230 * h, wide * 0.1, 7, c.deep, `transform="rotate(38 ${n(wide * 1.5)} ${n(-230 * h)})"`) +
      bar(grip, look.colour, 27, 0.9) +
      body(sketch, look, rings, clay + flutes(look, wide, -268 * h)) +
      path(
        turned([ring(-292 * h, 10, true), ring(-288 * h, 40 * w), ring(-274 * h, 70 * w), ring(-266 * h, 76 * w, true)], 'closed'),
        roundFill(sketch, look.colour, 'glazed'),
      ) +
      stroke(frontArc(-266 * h, 76 * w), c.deep, 2.4, 'opacity="0.45"') +
      ellipse(0, -308 * h, 19, 17, roundFill(sketch, look.colour, 'glazed')) +
      sheen(sketch, -6, -314 * h, 6, 5, 0, 0.8),
  }
}
