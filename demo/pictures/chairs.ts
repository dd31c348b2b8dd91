import { drawLounge } from './armchair.ts'
import { mix, ramp } from './colour.ts'
import { bar, contact, flatFill, FLOOR, HEIGHT, plate, plateTint, roundFill, WIDTH } from './light.ts'
import { lookOf } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { drawPlant } from './plants.ts'
import { drawOutdoorSeat } from './seats.ts'
import { blob, boxed, curve, polygon, rounded, slab, taper } from './shapes.ts'
import { at, clipped, ellipse, linear, n, path, pattern, rect, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

const TINT = '#d8d0c2'

export const chairPictures: FamilyPictures = {
  portrait: (sketch, look) => plate(sketch, plateTint(TINT, look.colour)) + standing(sketch, look, 400, FLOOR + 20, scaleOf(look)),
  inUse: (sketch, look) => {
    const plant = lookOf({ form: look.name === 'forest' || look.name === 'sage' || look.name === 'olive' ? 'palm' : 'fig' }, 'terracotta')
    return (
      room(sketch) +
      contact(sketch, 622, 742, 78, 0.8) +
      at(622, 742, drawPlant(sketch, plant), 0.86) +
      rug(look.colour) +
      standing(sketch, look, 330, FLOOR + 56, scaleOf(look) * 0.9)
    )
  },
}

function scaleOf(look: Look): number {
  const scales: Record<string, number> = { stool: 1.45, bench: 0.98, lounge: 1.14, barstool: 1.02, deck: 1.02 }
  return (scales[look.form] ?? 1.08) / Math.max(1, look.height, look.form === 'lounge' ? 1 : look.width * 0.96)
}

function standing(sketch: Sketch, look: Look, x: number, y: number, scale: number): string {
  const half = { lounge: 236, bench: 300, stool: 120, barstool: 118, deck: 176 }[look.form] ?? 168
  return (
    contact(sketch, x, y - 14, half * look.width * scale * 0.95, look.form === 'lounge' ? 0.75 : 0.42) +
    at(x, y, drawChair(sketch, look), scale)
  )
}

/** Draws a seat of any form, its feet around the origin. */
export function drawChair(sketch: Sketch, look: Look): string {
  switch (look.form) {
    case 'lounge':
      return drawLounge(sketch, look)
    case 'shell':
    case 'ply':
      return shell(sketch, look)
    case 'stool':
      return stool(sketch, look)
    case 'barstool':
      return barstool(sketch, look)
    case 'bentwood':
      return bentwood(sketch, look)
    case 'ladder':
      return ladder(sketch, look)
    case 'wire':
    case 'deck':
    case 'bench':
      return drawOutdoorSeat(sketch, look)
    default:
      return spindle(sketch, look)
  }
}

/** A leg that tapers to the floor. */
function leg(sketch: Sketch, from: Point, to: Point, colour: string, thick = 13): string {
  const c = ramp(colour)
  return path(taper(from, to, thick, thick * 0.62), linear(sketch, 'across', [0, c.light], [0.4, c.base], [1, c.deep]))
}

/** A seat seen from a little above: its top, and the edge under it. */
function seat(sketch: Sketch, y: number, rx: number, ry: number, thick: number, colour: string, decoration = ''): string {
  const c = ramp(colour)
  const edge = `M${n(-rx)} ${n(y)}L${n(-rx)} ${n(y + thick * 0.7)}A${n(rx)} ${n(ry)} 0 0 0 ${n(rx)} ${n(y + thick * 0.7)}L${n(rx)} ${n(y)}Z`
  return (
    path(edge, roundFill(sketch, colour)) +
    ellipse(0, y, rx, ry, linear(sketch, [0, 0, 1, 0.6], [0, c.glint], [0.35, c.light], [0.75, c.base], [1, c.shade])) +
    decoration
  )
}

function spindle(sketch: Sketch, { colour, width: w, height: h }: Look): string {
  const c = ramp(colour)
  const top = -300 - 320 * h
  const rods = Math.round(7 * w)
  const spindles = Array.from({ length: rods }, (_, index) => {
    const t = index / (rods - 1) - 0.5
    return bar(
      `M${n(t * 210 * w)} -318C${n(t * 232 * w)} ${n(-318 - 120 * h)} ${n(t * 250 * w)} ${n(top + 110)} ${n(t * 262 * w)} ${n(top + 26)}`,
      colour,
      index === 0 || index === rods - 1 ? 17 : 11,
    )
  }).join('')
  const rail = `M${n(-176 * w)} ${n(top + 28)}C${n(-168 * w)} ${n(top - 26)} ${n(168 * w)} ${n(top - 26)} ${n(176 * w)} ${n(top + 28)}C${n(172 * w)} ${n(top + 52)} ${n(152 * w)} ${n(top + 56)} ${n(140 * w)} ${n(top + 50)}C${n(70 * w)} ${n(top + 30)} ${n(-70 * w)} ${n(top + 30)} ${n(-140 * w)} ${n(top + 50)}C${n(-152 * w)} ${n(top + 56)} ${n(-172 * w)} ${n(top + 52)} ${n(-176 * w)} ${n(top + 28)}Z`
  return (
    leg(sketch, [-92 * w, -292], [-124 * w, -44], colour, 12) +
    leg(sketch, [92 * w, -292], [124 * w, -44], colour, 12) +
    bar(`M${n(-112 * w)} -150L${n(112 * w)} -150`, colour, 9) +
    leg(sketch, [-122 * w, -286], [-164 * w, -6], colour, 14) +
    leg(sketch, [122 * w, -286], [164 * w, -6], colour, 14) +
    bar(`M${n(-146 * w)} -130L${n(-116 * w)} -146M${n(146 * w)} -130L${n(116 * w)} -146`, colour, 9) +
    spindles +
    path(rail, linear(sketch, 'down', [0, c.light], [0.5, c.base], [1, c.shade])) +
    path(rail, linear(sketch, 'across', [0, c.glint, 0.3], [0.5, c.base, 0], [1, c.deep, 0.4])) +
    seat(
      sketch,
      -306,
      168 * w,
      50,
      24,
      colour,
      path(
        blob([
          [-112 * w, -304],
          [0, -330],
          [112 * w, -304],
          [0, -278],
        ]),
        linear(sketch, 'across', [0, c.shade], [1, c.light]),
        'opacity="0.45"',
      ),
    )
  )
}

function shell(sketch: Sketch, look: Look): string {
  const { colour, width: w, height: h, form } = look
  const c = ramp(colour)
  const ply = form === 'ply'
  const legs = ply ? '#c4c6c8' : look.second
  const top = -300 - 310 * h
  const arms = w > 1.1 ? 34 : 0
  const outer: Point[] = [
    [-150 * w, top + 40],
    [-70 * w, top - 2],
    [70 * w, top - 2],
    [150 * w, top + 40],
    [160 * w + arms, -420],
    [182 * w + arms, -322],
    [168 * w, -272],
    [90 * w, -246],
    [-90 * w, -246],
    [-168 * w, -272],
    [-182 * w - arms, -322],
    [-160 * w - arms, -420],
  ]
  const bowl = blob(outer, 0.9)
  const dish = `M${n(-172 * w - arms)} -330C${n(-120 * w)} -372 ${n(120 * w)} -372 ${n(172 * w + arms)} -330C${n(180 * w)} -290 ${n(100 * w)} -252 0 -252C${n(-100 * w)} -252 ${n(-180 * w)} -290 ${n(-172 * w - arms)} -330Z`
  const wood = ply
    ? [0.28, 0.5, 0.72]
        .map((t) =>
          stroke(
            `M${n((t * 2 - 1) * 120 * w)} ${n(top + 20)}C${n((t * 2 - 1) * 150 * w)} -470 ${n((t * 2 - 1) * 120 * w)} -380 ${n((t * 2 - 1) * 140 * w)} -270`,
            c.deep,
            2,
            'opacity="0.16"',
          ),
        )
        .join('')
    : ''
  const slot = ply ? path(slab(-54 * w, 54 * w, -418, -46 * w, 46 * w, -392, 13), mix(c.deep, '#000000', 0.35)) : ''
  return (
    leg(sketch, [-84, -270], [-120 * w, -40], legs, ply ? 7 : 11) +
    leg(sketch, [84, -270], [120 * w, -40], legs, ply ? 7 : 11) +
    leg(sketch, [-104, -262], [-158 * w, -4], legs, ply ? 8 : 13) +
    leg(sketch, [104, -262], [158 * w, -4], legs, ply ? 8 : 13) +
    path(bowl, linear(sketch, 'across', [0, c.base], [0.1, c.shade], [0.32, c.base], [0.62, c.light], [0.9, c.light], [1, c.base])) +
    path(
      bowl,
      linear(sketch, 'down', [0, c.glint, 0.4], [0.16, c.light, 0.1], [0.5, c.deep, 0.28], [0.62, c.deep, 0.05], [1, c.deep, 0.3]),
    ) +
    slot +
    path(dish, linear(sketch, 'down', [0, c.shade], [0.4, c.base], [0.8, c.light], [1, c.glint])) +
    path(dish, linear(sketch, 'across', [0, c.deep, 0.22], [0.4, c.deep, 0], [1, c.glint, 0.2])) +
    wood +
    stroke(
      curve([
        [-168 * w, -276],
        [-92 * w, -249],
        [92 * w, -249],
        [168 * w, -276],
      ]),
      c.glint,
      3.5,
      'opacity="0.6"',
    ) +
    stroke(blob(outer, 0.9), c.deep, 1.6, 'opacity="0.25"')
  )
}

function stool(sketch: Sketch, look: Look): string {
  const { colour, width: w, height: h } = look
  const y = -306 * h
  const padded = look.secondName === 'cognac'
  const pad = ramp(look.second)
  const cushion = padded
    ? path(
        `M${n(-112 * w)} ${n(y - 6)}A${n(112 * w)} 34 0 0 0 ${n(112 * w)} ${n(y - 6)}L${n(110 * w)} ${n(y - 18)}A${n(110 * w)} 32 0 0 1 ${n(-110 * w)} ${n(y - 18)}Z`,
        pad.shade,
      ) +
      ellipse(0, y - 18, 110 * w, 32, linear(sketch, [0, 0, 1, 0.6], [0, pad.light], [0.6, pad.base], [1, pad.shade])) +
      [-0.8, -0.48, -0.16, 0.16, 0.48, 0.8].map((t) => ellipse(t * 110 * w, y - 8 + 26 * Math.sqrt(1 - t * t), 4, 4, '#e3c27a')).join('')
    : ''
  return (
    leg(sketch, [4, y], [10, -42], colour, 13) +
    leg(sketch, [-82 * w, y + 16], [-118 * w, -4], colour, 15) +
    leg(sketch, [84 * w, y + 16], [120 * w, -4], colour, 15) +
    seat(
      sketch,
      y,
      122 * w,
      37,
      28,
      colour,
      padded
        ? ''
        : [0.78, 0.56, 0.34]
            .map(
              (k) =>
                `<ellipse cx="0" cy="${n(y)}" rx="${n(122 * w * k)}" ry="${n(37 * k)}" fill="none" stroke="${ramp(colour).shade}" stroke-width="1.6" opacity="0.4"/>`,
            )
            .join(''),
    ) +
    cushion
  )
}

function barstool(sketch: Sketch, { colour, second, width: w }: Look): string {
  const c = ramp(colour)
  const steel = '#3a3938'
  const saddle = `M${n(-142 * w)} -566C${n(-90 * w)} -536 ${n(90 * w)} -536 ${n(142 * w)} -566Q${n(156 * w)} -552 ${n(146 * w)} -530C${n(90 * w)} -498 ${n(-90 * w)} -498 ${n(-146 * w)} -530Q${n(-156 * w)} -552 ${n(-142 * w)} -566Z`
  const topFace = `M${n(-142 * w)} -566C${n(-100 * w)} -592 ${n(100 * w)} -592 ${n(142 * w)} -566C${n(90 * w)} -534 ${n(-90 * w)} -534 ${n(-142 * w)} -566Z`
  return (
    leg(sketch, [-66 * w, -520], [-92 * w, -44], steel, 8) +
    leg(sketch, [66 * w, -520], [92 * w, -44], steel, 8) +
    bar(`M${n(-84 * w)} -196L${n(84 * w)} -196`, second, 10) +
    leg(sketch, [-94 * w, -512], [-128 * w, -4], steel, 9) +
    leg(sketch, [94 * w, -512], [128 * w, -4], steel, 9) +
    bar(`M${n(-116 * w)} -166L${n(116 * w)} -166`, second, 13) +
    bar(`M${n(-116 * w)} -166L${n(-86 * w)} -196M${n(116 * w)} -166L${n(86 * w)} -196`, second, 9) +
    path(saddle, linear(sketch, 'across', [0, c.light], [0.4, c.base], [1, c.deep])) +
    path(topFace, linear(sketch, [0, 0, 1, 0.5], [0, c.glint], [0.4, c.light], [1, c.base]))
  )
}

function bentwood(sketch: Sketch, { colour, second, width: w, height: h }: Look): string {
  const top = -290 - 350 * h
  const loop = `M${n(-128 * w)} -300C${n(-150 * w)} ${n(top + 150)} ${n(-130 * w)} ${n(top)} 0 ${n(top)}C${n(130 * w)} ${n(top)} ${n(150 * w)} ${n(top + 150)} ${n(128 * w)} -300`
  const inner = `M${n(-62 * w)} -306C${n(-84 * w)} ${n(top + 190)} ${n(-70 * w)} ${n(top + 66)} 0 ${n(top + 66)}C${n(70 * w)} ${n(top + 66)} ${n(84 * w)} ${n(top + 190)} ${n(62 * w)} -306`
  const cane = pattern(sketch, 14, 14, stroke('M0 0L14 14M14 0L0 14M0 7L14 7M7 0L7 14', ramp(second).deep, 1.3, 'opacity="0.55"'))
  return (
    leg(sketch, [-108 * w, -300], [-132 * w, -42], colour, 11) +
    leg(sketch, [108 * w, -300], [132 * w, -42], colour, 11) +
    bar(`M${n(-118 * w)} -168A${n(118 * w)} 26 0 0 0 ${n(118 * w)} -168A${n(118 * w)} 26 0 0 0 ${n(-118 * w)} -168`, colour, 9) +
    bar(loop, colour, 19) +
    bar(inner, colour, 14) +
    leg(sketch, [-112 * w, -280], [-150 * w, -4], colour, 12) +
    leg(sketch, [112 * w, -280], [150 * w, -4], colour, 12) +
    seat(
      sketch,
      -300,
      152 * w,
      48,
      24,
      colour,
      ellipse(0, -300, 124 * w, 38, flatFill(sketch, second)) + ellipse(0, -300, 124 * w, 38, cane),
    )
  )
}

function ladder(sketch: Sketch, { colour, second, width: w, height: h }: Look): string {
  const c = ramp(colour)
  const top = -300 - 320 * h
  const slats = h > 1.05 ? 4 : 3
  const gap = (-350 - (top + 40)) / slats
  const slat = (y: number) => {
    const d = `M${n(-134 * w)} ${n(y)}C${n(-60 * w)} ${n(y - 30)} ${n(60 * w)} ${n(y - 30)} ${n(134 * w)} ${n(y)}L${n(134 * w)} ${n(y + 34)}C${n(60 * w)} ${n(y + 12)} ${n(-60 * w)} ${n(y + 12)} ${n(-134 * w)} ${n(y + 34)}Z`
    return (
      path(d, linear(sketch, 'down', [0, c.light], [0.6, c.base], [1, c.shade])) +
      path(d, linear(sketch, 'across', [0, c.glint, 0.25], [1, c.deep, 0.4]))
    )
  }
  const post = (side: 1 | -1) =>
    leg(sketch, [side * 136 * w, -320], [side * 146 * w, top], colour, 12) +
    ellipse(side * 146 * w, top - 6, 10, 12, roundFill(sketch, colour))
  const weft = ramp(second)
  const frame: Point[] = [
    [-138 * w, -334],
    [138 * w, -334],
    [166 * w, -278],
    [-166 * w, -278],
  ]
  const centre: Point = [0, -304]
  const side = (a: Point, b: Point, fill: string, along: boolean) => {
    const d = polygon([a, b, centre])
    const rows = pattern(
      sketch,
      along ? 400 : 7,
      along ? 7 : 400,
      along ? rect(0, 0, 400, 1.6, weft.deep, 0, 'opacity="0.5"') : rect(0, 0, 1.6, 400, weft.deep, 0, 'opacity="0.5"'),
    )
    return path(d, fill) + path(d, rows)
  }
  const [a, b, d, e] = frame as [Point, Point, Point, Point]
  return (
    leg(sketch, [-126 * w, -320], [-128 * w, -44], colour, 12) +
    leg(sketch, [126 * w, -320], [128 * w, -44], colour, 12) +
    bar(`M${n(-126 * w)} -180L${n(126 * w)} -180`, colour, 10) +
    post(-1) +
    post(1) +
    Array.from({ length: slats }, (_, index) => slat(top + 34 + index * gap)).join('') +
    leg(sketch, [-154 * w, -292], [-160 * w, -4], colour, 14) +
    leg(sketch, [154 * w, -292], [160 * w, -4], colour, 14) +
    bar(`M${n(-156 * w)} -150L${n(156 * w)} -150M${n(-157 * w)} -110L${n(157 * w)} -110`, colour, 10) +
    path(boxed(-166 * w, -280, 166 * w, -256, 9), roundFill(sketch, second)) +
    clipped(
      sketch,
      rounded(frame, 10),
      side(a, b, weft.shade, true) + side(e, d, weft.light, true) + side(a, e, weft.glint, false) + side(b, d, weft.base, false),
    ) +
    [-1, 1].map((sign) => ellipse(sign * 158 * w, -286, 13, 8, roundFill(sketch, colour))).join('')
  )
}

/** A room with boards, a skirting and a window's light on the wall. */
function room(sketch: Sketch): string {
  const wall = linear(sketch, [0, 0, 1, 1], [0, '#f1e9da'], [0.6, '#e2d7c4'], [1, '#cdbfa9'])
  const boards = [690, 724, 770, 832, 914]
    .map((y, index) => stroke(`M0 ${y}L${WIDTH} ${y}`, '#7c5a3a', 1.6 + index * 0.3, 'opacity="0.4"'))
    .join('')
  const pane = (x: number, y: number) => path(`M${x} ${y}l96 34l0 130l-96 -40Z`, '#fff6dd', 'opacity="0.62"')
  return (
    rect(0, 0, WIDTH, HEIGHT, wall) +
    [
      [230, 150],
      [340, 190],
      [230, 300],
      [340, 340],
    ]
      .map(([x, y]) => pane(x as number, y as number))
      .join('') +
    rect(0, 664, WIDTH, HEIGHT - 664, linear(sketch, 'down', [0, '#b98f63'], [0.3, '#c69d70'], [1, '#a67c52'])) +
    boards +
    rect(0, 632, WIDTH, 34, linear(sketch, 'down', [0, '#f6f0e4'], [0.2, '#e8dfcf'], [1, '#cfc2ae']))
  )
}

function rug(colour: string): string {
  const c = ramp(mix(colour, '#e6dcc8', 0.72))
  return (
    ellipse(350, 868, 340, 66, c.shade) +
    ellipse(350, 863, 340, 65, c.base) +
    `<ellipse cx="350" cy="863" rx="306" ry="57" fill="none" stroke="${c.deep}" stroke-width="5" opacity="0.35"/>` +
    ellipse(350, 863, 200, 36, c.light, 'opacity="0.5"')
  )
}
