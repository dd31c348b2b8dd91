import { buckle, panel, stitches, strap } from './bag-parts.ts'
import type { Bag } from './bag-parts.ts'
import { mix, ramp } from './colour.ts'
import { bar, contact, flatFill, FLOOR, HEIGHT, plate, plateTint, roundFill, sheen, WIDTH } from './light.ts'
import type { FamilyPictures, Look } from './look.ts'
import { drawBackpack, drawRolltop, drawSling } from './rucksacks.ts'
import { blob, rounded, slab } from './shapes.ts'
import { at, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'
import { bucket, duffel, pouch, weekender } from './travel-bags.ts'

const TINT = '#d3ccc6'

export const bagPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const bag = drawBag(sketch, look)
    const scale = Math.min(1.25, 640 / Math.abs(bag.top), 330 / bag.half)
    return (
      plate(sketch, plateTint(TINT, look.colour)) + contact(sketch, 400, FLOOR, bag.half * scale * 0.95) + at(400, FLOOR, bag.art, scale)
    )
  },
  inUse: (sketch, look) => {
    const bag = drawBag(sketch, look)
    const scale = Math.min(1.02, 500 / Math.abs(bag.top), 240 / bag.half)
    const hook = 300
    const y = hook - bag.top * scale - 6
    const shadow = at(
      52,
      46,
      path(
        blob(
          [
            [290, hook + 30],
            [510, hook + 30],
            [400 + bag.half * scale, y - 60],
            [400, y + 10],
            [400 - bag.half * scale, y - 60],
          ],
          0.8,
        ),
        '#3a2a22',
        'opacity="0.13"',
      ),
    )
    if (look.form === 'pouch') return hall(sketch, look.colour) + hungByLoop(bag) + peg(sketch, 400, hook) + umbrella(sketch)
    return hall(sketch, look.colour) + shadow + at(400, y, bag.art, scale) + peg(sketch, 400, hook) + umbrella(sketch)
  },
}

/** A pouch hangs by the loop at its left side. */
function hungByLoop(bag: Bag): string {
  const inner = at(bag.half + 32, -bag.top - 88, bag.art)
  return (
    at(452, 352, `<g opacity="0.14">${path(`M-10 0L30 ${n(bag.half * 2)}L280 ${n(bag.half * 2)}L250 0Z`, '#3a2a22')}</g>`, 0.9, 0) +
    at(400, 306, inner, 1, 82)
  )
}

/** Draws a bag of any form. */
export function drawBag(sketch: Sketch, look: Look): Bag {
  switch (look.form) {
    case 'backpack':
      return drawBackpack(sketch, look)
    case 'rolltop':
      return drawRolltop(sketch, look)
    case 'sling':
      return drawSling(sketch, look)
    case 'satchel':
      return satchel(sketch, look)
    case 'messenger':
      return messenger(sketch, look)
    case 'weekender':
      return weekender(sketch, look)
    case 'bucket':
      return bucket(sketch, look)
    case 'pouch':
      return pouch(sketch, look)
    case 'duffel':
      return duffel(sketch, look)
    default:
      return tote(sketch, look)
  }
}

function tote(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const c = ramp(colour)
  const top = -360 * h
  const half = 200 * w
  const body = slab(-half * 0.94, half * 0.94, top, -half, half, -4, 16)
  const mouth = `M${n(-half * 0.94)} ${n(top + 2)}Q0 ${n(top - 34)} ${n(half * 0.94)} ${n(top + 2)}Q0 ${n(top + 30)} ${n(-half * 0.94)} ${n(top + 2)}Z`
  const rise = top - 240 * Math.min(1, h + 0.1)
  const handle = (dy: number) =>
    `M${n(-half * 0.46)} ${n(top + 70)}L${n(-half * 0.43)} ${n(top + dy)}C${n(-half * 0.36)} ${n(rise + dy)} ${n(half * 0.36)} ${n(rise + dy)} ${n(half * 0.43)} ${n(top + dy)}L${n(half * 0.46)} ${n(top + 70)}`
  const patch = (x: number) =>
    rect(x - 15, top + 46, 30, 46, flatFill(sketch, second), 4) +
    stitches(`M${n(x - 10)} ${n(top + 52)}L${n(x + 10)} ${n(top + 86)}M${n(x + 10)} ${n(top + 52)}L${n(x - 10)} ${n(top + 86)}`, second)
  return {
    half,
    top: rise + 64 * Math.min(1, h + 0.1),
    art:
      strap(
        `M${n(-half * 0.42)} ${n(top)}C${n(-half * 0.34)} ${n(rise - 16)} ${n(half * 0.34)} ${n(rise - 16)} ${n(half * 0.42)} ${n(top)}`,
        mix(second, '#2a1f24', 0.3),
        18,
      ) +
      path(mouth, linear(sketch, 'across', [0, c.deep], [0.6, c.shade], [1, c.base])) +
      panel(sketch, body, colour) +
      stitches(`M${n(-half * 0.93)} ${n(top + 22)}L${n(half * 0.93)} ${n(top + 22)}`, colour) +
      stroke(
        `M${n(-half * 0.5)} ${n(top + 60)}C${n(-half * 0.62)} ${n(top * 0.5)} ${n(-half * 0.5)} ${n(top * 0.3)} ${n(-half * 0.6)} -20M${n(half * 0.62)} ${n(top + 90)}C${n(half * 0.52)} ${n(top * 0.5)} ${n(half * 0.66)} ${n(top * 0.3)} ${n(half * 0.56)} -24`,
        c.deep,
        10,
        'opacity="0.1"',
      ) +
      panel(sketch, slab(-half * 0.985, half * 0.985, -66, -half, half, -4, 14), second, false) +
      stitches(`M${n(-half * 0.97)} -58L${n(half * 0.97)} -58`, second) +
      strap(handle(0), second, 20) +
      patch(-half * 0.46) +
      patch(half * 0.46),
  }
}

function satchel(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 224 * w
  const top = -316 * h
  const c = ramp(colour)
  const flap = `M${n(-half)} ${n(top + 14)}Q${n(-half)} ${n(top)} ${n(-half + 16)} ${n(top)}L${n(half - 16)} ${n(top)}Q${n(half)} ${n(top)} ${n(half)} ${n(top + 14)}L${n(half)} ${n(top * 0.52)}C${n(half)} ${n(top * 0.34)} ${n(half * 0.9)} ${n(top * 0.32)} ${n(half * 0.8)} ${n(top * 0.32)}L${n(-half * 0.8)} ${n(top * 0.32)}C${n(-half * 0.9)} ${n(top * 0.32)} ${n(-half)} ${n(top * 0.34)} ${n(-half)} ${n(top * 0.52)}Z`
  const tab = (x: number) => {
    const d = rounded(
      [
        [x - 21, top + 30],
        [x + 21, top + 30],
        [x + 21, top * 0.2],
        [x, top * 0.14],
        [x - 21, top * 0.2],
      ],
      8,
    )
    return (
      path(d, '#2a1f24', 'opacity="0.2" transform="translate(4 6)"') +
      panel(sketch, d, mix(colour, '#2a1f24', 0.12), false) +
      buckle(sketch, x, top * 0.34, second) +
      [0.24, 0.29].map((t) => ellipse(x, top * t, 2.6, 2.6, c.deep)).join('')
    )
  }
  const strapPath = `M${n(-half + 6)} ${n(top + 30)}C${n(-half * 0.86)} ${n(top - 250 * h)} ${n(half * 0.86)} ${n(top - 250 * h)} ${n(half - 6)} ${n(top + 30)}`
  return {
    half,
    top: top - 190 * h,
    art:
      strap(strapPath, mix(colour, '#2a1f24', 0.14), 17) +
      panel(sketch, slab(-half, half, top + 8, -half + 6, half - 6, -2, 20), mix(colour, '#2a1f24', 0.08), false) +
      bar(
        `M${n(-60 * w)} ${n(top + 6)}C${n(-58 * w)} ${n(top - 50)} ${n(58 * w)} ${n(top - 50)} ${n(60 * w)} ${n(top + 6)}`,
        colour,
        19,
        0.6,
      ) +
      path(flap, '#2a1f24', 'opacity="0.22" transform="translate(3 9)"') +
      panel(sketch, flap, colour, false) +
      stitches(
        `M${n(-half + 13)} ${n(top + 18)}L${n(-half + 13)} ${n(top * 0.52)}C${n(-half + 13)} ${n(top * 0.4)} ${n(-half * 0.86)} ${n(top * 0.37)} ${n(-half * 0.8)} ${n(top * 0.37)}L${n(half * 0.8)} ${n(top * 0.37)}C${n(half * 0.86)} ${n(top * 0.37)} ${n(half - 13)} ${n(top * 0.4)} ${n(half - 13)} ${n(top * 0.52)}L${n(half - 13)} ${n(top + 18)}`,
        colour,
      ) +
      tab(-half * 0.48) +
      tab(half * 0.48) +
      sheen(sketch, -half * 0.4, top * 0.82, half * 0.5, 26, -4, 0.3),
  }
}

function messenger(sketch: Sketch, look: Look): Bag {
  const { colour, second, width: w, height: h } = look
  const half = 228 * w
  const top = -290 * h
  const flap = `M${n(-half - 4)} ${n(top + 20)}C${n(-half)} ${n(top - 4)} ${n(-half + 30)} ${n(top - 8)} ${n(-half + 50)} ${n(top - 8)}L${n(half - 50)} ${n(top - 8)}C${n(half - 30)} ${n(top - 8)} ${n(half)} ${n(top - 4)} ${n(half + 4)} ${n(top + 20)}L${n(half + 8)} -58C${n(half + 6)} -40 ${n(half - 10)} -34 ${n(half - 26)} -34L${n(-half + 26)} -34C${n(-half + 10)} -34 ${n(-half - 6)} -40 ${n(-half - 8)} -58Z`
  const sling = `M${n(-half)} ${n(top + 40)}C${n(-half * 0.9)} ${n(top - 300 * h)} ${n(half * 0.7)} ${n(top - 330 * h)} ${n(half)} ${n(top + 40)}`
  const clip = (x: number) =>
    strap(`M${n(x)} -110L${n(x)} -14`, second, 26) +
    rect(x - 22, -64, 44, 34, flatFill(sketch, '#3a3837'), 6) +
    rect(x - 22, -48, 44, 3, '#6b6866')
  return {
    half: half + 6,
    top: top - 232 * h,
    art:
      strap(sling, mix(second, '#2a1f24', 0.1), 26) +
      panel(sketch, slab(-half, half, top, -half + 4, half - 4, -2, 24), mix(colour, '#2a1f24', 0.22)) +
      path(flap, '#2a1f24', 'opacity="0.22" transform="translate(3 9)"') +
      panel(sketch, flap, colour) +
      stitches(
        `M${n(-half + 10)} ${n(top + 16)}L${n(-half + 8)} -62Q${n(-half + 10)} -50 ${n(-half + 30)} -48L${n(half - 30)} -48Q${n(half - 10)} -50 ${n(half - 8)} -62L${n(half - 10)} ${n(top + 16)}`,
        colour,
      ) +
      stroke(
        `M${n(-half * 0.7)} ${n(top + 4)}C${n(-half * 0.6)} ${n(top * 0.6)} ${n(-half * 0.74)} ${n(top * 0.4)} ${n(-half * 0.64)} -60`,
        ramp(colour).deep,
        12,
        'opacity="0.1"',
      ) +
      clip(-half * 0.46) +
      clip(half * 0.46) +
      rect(half * 0.56, top + 26, half * 0.24, 34, flatFill(sketch, second), 3),
  }
}

/** A hall with a peg rail. */
function hall(sketch: Sketch, colour: string): string {
  const wall = plateTint('#cfd3cb', colour)
  const c = ramp(wall)
  const lines = Array.from(
    { length: 8 },
    (_, index) =>
      stroke(`M${index * 114 + 10} 330L${index * 114 + 10} ${HEIGHT}`, c.deep, 2, 'opacity="0.16"') +
      stroke(`M${index * 114 + 13} 330L${index * 114 + 13} ${HEIGHT}`, c.glint, 2, 'opacity="0.4"'),
  ).join('')
  const oak = ramp('#c59a69')
  return (
    plate(sketch, wall, WIDTH, HEIGHT, 1100) +
    rect(0, 330, WIDTH, 700, c.shade, 0, 'opacity="0.1"') +
    lines +
    rect(0, 318, WIDTH, 12, '#2a1f24', 0, 'opacity="0.12"') +
    rect(0, 250, WIDTH, 68, linear(sketch, 'down', [0, oak.glint], [0.12, oak.light], [0.6, oak.base], [1, oak.shade])) +
    [120, 680].map((x) => peg(sketch, x, 290)).join('')
  )
}

function peg(sketch: Sketch, x: number, y: number): string {
  return (
    ellipse(x + 8, y + 12, 22, 20, '#2a1f24', 'opacity="0.25"') +
    ellipse(x, y, 21, 21, roundFill(sketch, '#c59a69')) +
    ellipse(x - 3, y - 4, 13, 13, ramp('#c59a69').light)
  )
}

function umbrella(sketch: Sketch): string {
  const cloth = roundFill(sketch, '#2b3038')
  return at(
    680,
    312,
    bar('M0 0C-34 -6 -36 44 -4 44L-2 130', '#8a5a34', 12) +
      path('M-4 118C-26 300 -30 420 -8 560L-2 596L4 560C26 420 22 300 4 118Z', cloth) +
      stroke('M-2 130L-2 560M-12 200L-10 540M9 200L8 540', '#111418', 2, 'opacity="0.5"') +
      strap('M-24 330L22 322', '#3d434d', 11) +
      bar('M-2 592L-2 640', '#b9bdc1', 6),
  )
}
