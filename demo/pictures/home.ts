import type { ColourName } from '../catalogue/colours.ts'
import type { Design } from '../catalogue/shape.ts'
import { drawPart } from './bicycle-parts.ts'
import { drawBlanket } from './blankets.ts'
import { drawBag } from './bags.ts'
import { drawCamera } from './cameras.ts'
import { drawChair } from './chairs.ts'
import { mix, ramp } from './colour.ts'
import { drawKettle } from './kettles.ts'
import { drawLamp } from './lamps.ts'
import { contact, roundFill } from './light.ts'
import { lookOf } from './look.ts'
import { drawMug } from './mugs.ts'
import { drawPlant } from './plants.ts'
import { ring, turned } from './shapes.ts'
import { at, ellipse, keep, linear, linearAt, n, path, radialAt, rect, stroke, use } from './svg.ts'
import type { Sketch } from './svg.ts'

const STONE = '#e3d8c5'
const SHADOW = '#3a2c33'

/** The measures of a scene: what stands where depends on its format. */
interface Stage {
  width: number
  height: number
  /** Where the sea ends and the floor begins. */
  floor: number
  horizon: number
  beam: number
  columns: readonly number[]
  shaft: number
}

const wideStage: Stage = { width: 1760, height: 1000, floor: 640, horizon: 452, beam: 92, columns: [96, 610, 1124, 1638], shaft: 66 }
const tallStage: Stage = { width: 900, height: 1200, floor: 760, horizon: 560, beam: 96, columns: [70, 450, 830], shaft: 56 }

export const wideSize = [wideStage.width, wideStage.height] as const
export const tallSize = [tallStage.width, tallStage.height] as const

/** A stoa by the sea in the morning, with goods laid out between its columns. */
export function drawWideScene(sketch: Sketch): string {
  return (
    stoa(sketch, wideStage) +
    put(sketch, 1580, 778, 150, 0.82, plant(sketch, { form: 'monstera' }, 'terracotta')) +
    leaning(sketch, 1210, 600, 0.56) +
    chairWithThrow(sketch, 352, 850, 0.86) +
    bench(sketch, 640, 1330, 772) +
    at(640, 772, onBench(sketch)) +
    put(sketch, 1512, 946, 250, 0.52, drawBag(sketch, lookOf({ form: 'weekender', second: 'cognac' }, 'navy')).art) +
    put(sketch, 118, 906, 96, 0.74, plant(sketch, { form: 'tree', pattern: 'olive' }, 'limestone'))
  )
}

/** The same place in the format of a phone. */
export function drawTallScene(sketch: Sketch): string {
  return (
    stoa(sketch, tallStage) +
    put(sketch, 790, 872, 130, 0.66, plant(sketch, { form: 'monstera' }, 'terracotta')) +
    chairWithThrow(sketch, 214, 940, 0.68) +
    bench(sketch, 330, 930, 940) +
    at(352, 940, onBench(sketch), 0.78) +
    put(sketch, 176, 1130, 250, 0.5, drawBag(sketch, lookOf({ form: 'weekender', second: 'cognac' }, 'navy')).art)
  )
}

function plant(sketch: Sketch, design: Design, pot: ColourName): string {
  return drawPlant(sketch, lookOf(design, pot))
}

/** A thing standing at `x`, `y`, with its shadow. */
function put(sketch: Sketch, x: number, y: number, half: number, scale: number, art: string): string {
  return contact(sketch, x, y, half * scale, 0.9) + at(x, y, art, scale)
}

function chairWithThrow(sketch: Sketch, x: number, y: number, scale: number): string {
  const chair = drawChair(sketch, lookOf({ form: 'spindle' }, 'walnut'))
  const blanket = drawBlanket(sketch, lookOf({ form: 'folded', pattern: 'check', second: 'cream', width: 0.62, height: 0.6 }, 'ochre'))
  return contact(sketch, x, y - 10, 160 * scale, 0.6) + at(x, y, chair + at(4, -290, blanket, 0.9), scale)
}

/** A wheel that leans on the column behind it. */
function leaning(sketch: Sketch, x: number, y: number, scale: number): string {
  return (
    ellipse(x + 40, y + 176, 150, 16, SHADOW, 'opacity="0.28"') + at(x, y, drawPart(sketch, lookOf({ form: 'wheel' }, 'silver')).art, scale)
  )
}

function bench(sketch: Sketch, from: number, to: number, y: number): string {
  const c = ramp(mix(STONE, '#cdbb9c', 0.5))
  const block = (x: number) => rect(x, y + 40, 92, 104, linear(sketch, 'across', [0, c.light], [0.5, c.base], [1, c.deep]))
  const under = path(
    `M${n(from + 40)} ${n(y + 146)}L${n(to + 130)} ${n(y + 146)}L${n(to + 40)} ${n(y + 168)}L${n(from)} ${n(y + 168)}Z`,
    SHADOW,
    'opacity="0.22"',
  )
  return (
    under +
    rect(from + 60, y + 40, to - from - 120, 84, linear(sketch, 'down', [0, SHADOW, 0.5], [1, SHADOW, 0.2])) +
    block(from + 50) +
    block(to - 142) +
    rect(from, y, to - from, 44, linear(sketch, 'down', [0, c.light], [0.2, c.base], [1, c.shade])) +
    path(
      `M${n(from)} ${n(y)}L${n(from + 34)} ${n(y - 42)}L${n(to - 34)} ${n(y - 42)}L${n(to)} ${n(y)}Z`,
      linear(sketch, [0, 0, 1, 0.3], [0, c.glint], [0.5, c.light], [1, c.base]),
    ) +
    stroke(`M${n(from + 200)} ${n(y + 10)}c60 8 90 -6 150 6M${n(to - 300)} ${n(y - 14)}c50 -8 110 8 170 0`, c.deep, 1.4, 'opacity="0.22"')
  )
}

/** Lamp, kettle, cups, camera and books in a row. */
function onBench(sketch: Sketch): string {
  const y = -14
  const books = (['aegean', 'limestone', 'terracotta'] as const).map((colour, index) => {
    const c = ramp(lookOf({ form: 'soft' }, colour).colour)
    const [x, width] = [500 + [0, 8, -6][index]!, 150 - index * 10]
    return (
      rect(x, y - 24 - index * 24, width, 24, linear(sketch, 'down', [0, c.light], [0.4, c.base], [1, c.deep]), 3) +
      rect(x + width - 7, y - 21 - index * 24, 7, 18, '#f3ead8', 2)
    )
  })
  const camera = drawCamera(sketch, lookOf({ form: 'rangefinder', second: 'silver' }, 'ink')).art
  const kettle = drawKettle(sketch, lookOf({ form: 'stovetop', second: 'oak' }, 'aegean'))
  const lamp = drawLamp(sketch, lookOf({ form: 'mushroom' }, 'coral'), false)
  return (
    put(sketch, 96, y, lamp.foot, 0.62, lamp.art) +
    put(sketch, 268, y + 2, kettle.foot, 0.5, kettle.art) +
    put(sketch, 398, y + 8, 112, 0.34, drawMug(sketch, lookOf({ form: 'straight' }, 'ochre'))) +
    put(sketch, 452, y + 18, 100, 0.3, drawMug(sketch, lookOf({ form: 'tumbler' }, 'chalk'))) +
    ellipse(590, y + 2, 110, 9, SHADOW, 'opacity="0.22"') +
    books.join('') +
    at(574, y - 72, camera, 0.3)
  )
}

/** Sky, sea, floor and colonnade. */
function stoa(sketch: Sketch, stage: Stage): string {
  const { width, height, floor, beam } = stage
  const sky = linearAt(sketch, [0, beam], [0, stage.horizon], [0, '#a9cdd8'], [0.5, '#d3e2e0'], [0.86, '#f4e8d2'], [1, '#f8e6c6'])
  const sun = radialAt(
    sketch,
    [width * 0.08, stage.horizon - 60],
    width * 0.62,
    [0, '#fff4d6', 0.95],
    [0.3, '#ffe9bd', 0.55],
    [1, '#ffe9bd', 0],
  )
  return (
    rect(0, 0, width, height, sky) +
    rect(0, 0, width, stage.horizon + 4, sun) +
    sea(sketch, stage) +
    ground(sketch, stage) +
    stage.columns.map((x) => columnShadow(sketch, stage, x)).join('') +
    colonnade(sketch, stage) +
    entablature(sketch, stage) +
    rect(0, 0, width, height, radialAt(sketch, [0, floor - 200], width * 0.9, [0, '#fff1cf', 0.34], [1, '#fff1cf', 0]))
  )
}

function sea(sketch: Sketch, { width, horizon, floor, columns }: Stage): string {
  const water = linearAt(sketch, [0, horizon], [0, floor], [0, '#8fbcc6'], [0.2, '#4f93a6'], [1, '#1d5c74'])
  const island = (x: number, w: number, h: number, tone: string) =>
    path(
      `M${n(x)} ${horizon + 2}C${n(x + w * 0.16)} ${n(horizon - h * 0.5)} ${n(x + w * 0.26)} ${n(horizon - h)} ${n(x + w * 0.4)} ${n(horizon - h * 0.92)}C${n(x + w * 0.52)} ${n(horizon - h * 0.86)} ${n(x + w * 0.56)} ${n(horizon - h * 0.5)} ${n(x + w * 0.7)} ${n(horizon - h * 0.46)}C${n(x + w * 0.84)} ${n(horizon - h * 0.4)} ${n(x + w * 0.92)} ${n(horizon - h * 0.1)} ${n(x + w)} ${horizon + 2}Z`,
      tone,
    )
  const glitter = Array.from({ length: 46 }, (_, index) => {
    const depth = ((index * 37) % 46) / 46
    const y = horizon + 8 + depth * depth * (floor - horizon - 14)
    const x = ((index * 0.61803 * width) % (width * 1.05)) - 20
    return stroke(`M${n(x)} ${n(y)}l${n(16 + depth * 60)} 0`, '#ffffff', 1.2 + depth * 1.8, `opacity="${n(0.5 - (x / width) * 0.36)}"`)
  }).join('')
  const sail = at(
    ((columns[1] ?? 0) + (columns[2] ?? 0)) / 2,
    horizon + 14,
    path('M0 0L0 -46L26 -6Z', '#fbf6ea') + path('M-4 0L-4 -38L-20 -4Z', '#e6dccb') + path('M-24 2L32 2L24 11L-16 11Z', '#7d4a34'),
    1.1,
  )
  return (
    island(width * 0.3, width * 0.3, 66, '#a9bfc4') +
    island(width * 0.5, width * 0.36, 96, '#8dacb5') +
    island(width * 0.86, width * 0.3, 58, '#b3c5c6') +
    rect(0, horizon, width, floor - horizon, water) +
    glitter +
    sail
  )
}

function ground(sketch: Sketch, { width, height, floor }: Stage): string {
  const c = ramp(STONE)
  const slabs = Array.from({ length: 6 }, (_, index) => {
    const y = floor + 26 + (height - floor) * (index / 5.4) ** 1.7
    return stroke(`M0 ${n(y)}L${width} ${n(y)}`, c.deep, 1.2 + index * 0.4, 'opacity="0.26"')
  }).join('')
  const joints = Array.from({ length: 13 }, (_, index) => {
    const t = index / 12 - 0.5
    return stroke(`M${n(width * (0.5 + t * 1.1))} ${floor + 26}L${n(width * (0.5 + t * 2.3))} ${height}`, c.deep, 1.6, 'opacity="0.18"')
  }).join('')
  const steps =
    rect(0, floor - 22, width, 24, linear(sketch, 'down', [0, c.glint], [0.3, c.light], [1, c.shade])) +
    rect(0, floor + 2, width, 24, linear(sketch, 'down', [0, c.base], [1, c.deep]))
  return (
    rect(0, floor, width, height - floor, linear(sketch, 'down', [0, c.shade], [0.14, c.base], [0.5, c.light], [1, c.base])) +
    slabs +
    joints +
    steps
  )
}

/** The long shadow of a column, thrown into the hall by the low sun at the left. */
function columnShadow(sketch: Sketch, { floor, height, shaft }: Stage, x: number): string {
  const far = (height - floor) * 1.25
  const fill = linearAt(sketch, [0, floor], [0, height], [0, SHADOW, 0.42], [0.6, SHADOW, 0.24], [1, SHADOW, 0.14])
  return path(
    `M${n(x - shaft)} ${floor + 20}L${n(x + shaft)} ${floor + 20}L${n(x + shaft * 1.5 + far)} ${height}L${n(x - shaft * 1.3 + far)} ${height}Z`,
    fill,
  )
}

function colonnade(sketch: Sketch, { beam, floor, shaft, columns: places }: Stage): string {
  const c = ramp(STONE)
  const top = beam + 62
  const body = turned([ring(top, shaft * 0.8, true), ring((top + floor) / 2, shaft * 0.95), ring(floor + 14, shaft, true)])
  const flutes = Array.from({ length: 11 }, (_, index) => {
    const t = Math.sin(((index - 5) / 5.3) * (Math.PI / 2))
    const width = 9.5 * (1.08 - Math.abs(t) * 0.85)
    const line = `M${n(t * shaft * 0.8)} ${n(top + 8)}Q${n(t * shaft * 0.96)} ${n((top + floor) / 2)} ${n(t * shaft)} ${n(floor + 8)}`
    return (
      stroke(line, c.deep, width, 'opacity="0.3"') +
      stroke(line, c.glint, width * 0.3, `transform="translate(${n(width * 0.42)} 0)" opacity="0.5"`)
    )
  }).join('')
  const fill = roundFill(sketch, STONE)
  const echinus = [
    ring(beam + 26, shaft * 1.26, true),
    ring(beam + 40, shaft * 1.2),
    ring(beam + 58, shaft * 0.86),
    ring(beam + 64, shaft * 0.82, true),
  ]
  const one = keep(
    sketch,
    path(body, fill) +
      flutes +
      path(body, linear(sketch, 'down', [0, c.deep, 0.4], [0.12, c.deep, 0], [0.85, c.deep, 0], [1, c.deep, 0.3])) +
      path(turned(echinus, 'closed'), fill) +
      rect(-shaft * 1.36, beam + 2, shaft * 2.72, 26, linear(sketch, 'across', [0, c.light], [0.4, c.base], [1, c.shade])),
  )
  return places.map((x) => use(one, x, 0, 0, 1, STONE)).join('')
}

function entablature(sketch: Sketch, { width, beam }: Stage): string {
  const c = ramp(STONE)
  const triglyphs = Array.from({ length: Math.ceil(width / 128) + 1 }, (_, index) => {
    const x = index * 128 - 40
    return [0, 16, 32]
      .map((step) => rect(x + step, 22, 10, beam - 44, linear(sketch, 'across', [0, c.light], [1, c.deep]), 0, 'opacity="0.8"'))
      .join('')
  }).join('')
  return (
    rect(0, 0, width, beam + 4, linear(sketch, 'down', [0, c.shade], [0.2, c.base], [1, mix(c.base, c.shade, 0.6)])) +
    triglyphs +
    rect(0, 10, width, 9, linear(sketch, 'down', [0, c.light], [1, c.shade])) +
    rect(0, beam - 18, width, 14, linear(sketch, 'down', [0, c.glint], [1, c.base])) +
    rect(0, beam - 4, width, 9, linear(sketch, 'down', [0, c.deep, 0.7], [1, c.deep, 0]))
  )
}
