import { colours } from '../catalogue/colours.ts'
import { drawChair } from './chairs.ts'
import { fringe, groundOf, knitting, weave } from './cloth.ts'
import { lightness, mix, ramp, withLightness } from './colour.ts'
import { contact, FLOOR, plate, plateTint } from './light.ts'
import { lookOf } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { at, clipped, ellipse, group, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#d9cdc2'

export const blanketPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const scale = 1.18
    const half = look.form === 'rolled' ? 215 : 232 * look.width
    return (
      plate(sketch, plateTint(TINT, coloursOf(look)[0])) +
      contact(sketch, 400, FLOOR, half * scale * 0.92) +
      at(400, FLOOR, drawBlanket(sketch, look), scale)
    )
  },
  inUse: (sketch, look) => {
    const ground = coloursOf(look)[0]
    const pale = lightness(ground) > 0.72
    const chair = lookOf({ form: 'lounge', second: 'oak' }, pale ? 'moss' : 'cream')
    return (
      plate(sketch, plateTint('#d5cdbf', '#999999')) +
      contact(sketch, 400, FLOOR + 40, 270) +
      at(400, FLOOR + 40, drawChair(sketch, chair) + thrown(sketch, look), 1.12)
    )
  },
}

/** Draws a blanket, folded or rolled, lying at the origin. */
export function drawBlanket(sketch: Sketch, look: Look): string {
  return look.form === 'rolled' ? roll(sketch, look) : folded(sketch, look)
}

/** Ground and figure; the second colour of a rolled rug is its strap's, so its figure is cream. */
function coloursOf(look: Look): readonly [string, string] {
  return groundOf(look.pattern, look.colour, look.form === 'rolled' ? colours.cream : look.second)
}

/** The two fills of a blanket: its ground, and what is woven or knitted on it. */
function fillsOf(sketch: Sketch, look: Look, turn = 0): { ground: string; figure: string } {
  const [ground, figure] = coloursOf(look)
  if (look.form === 'knit')
    return { ground, figure: knitting(sketch, ground, look.pattern === 'ridge' ? 30 : look.pattern === 'cable' ? 30 : 42, look.pattern) }
  return { ground, figure: weave(sketch, look.pattern, ground, figure, turn) }
}

function folded(sketch: Sketch, look: Look): string {
  const half = 226 * look.width
  const thick = (look.form === 'knit' ? 74 : 52) * look.height
  const layers = look.form === 'knit' ? 3 : 4
  const { ground, figure } = fillsOf(sketch, look)
  const c = ramp(ground)
  const top = -thick * layers
  const back = top - 118
  const inset = half * 0.17
  const face = `M${n(-half + 10)} ${n(top + 8)}C${n(-half + 6)} ${n(top - 12)} ${n(-half + inset - 4)} ${n(back + 22)} ${n(-half + inset)} ${n(back + 12)}Q${n(-half + inset + 6)} ${n(back)} ${n(-half + inset + 26)} ${n(back)}L${n(half - inset - 26)} ${n(back - 2)}Q${n(half - inset - 6)} ${n(back)} ${n(half - inset)} ${n(back + 12)}C${n(half - inset + 6)} ${n(back + 24)} ${n(half - 4)} ${n(top - 14)} ${n(half - 8)} ${n(top + 8)}Z`
  const lit = linear(sketch, [0, 0, 1, 0.5], [0, c.glint, 0.4], [0.4, c.light, 0.1], [1, c.deep, 0.3])
  const fold = (index: number) => {
    const y = -thick * (index + 1)
    const sway = ((index * 29) % 13) - 6
    const w = half - Math.abs(((index * 17) % 9) - 4)
    const d = `M${n(-w + thick * 0.3)} ${n(y)}L${n(w - thick * 0.24 + sway)} ${n(y)}C${n(w + 8 + sway)} ${n(y + 4)} ${n(w + 8 + sway)} ${n(y + thick - 4)} ${n(w - thick * 0.24 + sway)} ${n(y + thick)}L${n(-w + thick * 0.3)} ${n(y + thick)}C${n(-w - 9)} ${n(y + thick - 4)} ${n(-w - 9)} ${n(y + 4)} ${n(-w + thick * 0.3)} ${n(y)}Z`
    const round = linear(sketch, 'down', [0, c.light, 0.65], [0.3, c.base, 0.05], [0.72, c.deep, 0.2], [1, c.deep, 0.85])
    return (
      path(d, ground) +
      path(d, figure) +
      path(d, round) +
      path(d, linear(sketch, 'across', [0, c.glint, 0.22], [0.4, c.base, 0], [1, c.deep, 0.42]))
    )
  }
  const fringed = look.form === 'folded' && !['waffle', 'quilted', 'band'].includes(look.pattern)
  const tassels = fringed
    ? fringe([half - 66, -thick * 0.9], [half - 4, -thick * 0.9], thick * 0.98, ground, 3) +
      fringe([half - 86, -thick * 2.4], [half - 16, -thick * 2.45], thick * 1.2, ground, 4)
    : ''
  return (
    Array.from({ length: layers }, (_, index) => fold(index)).join('') +
    clipped(
      sketch,
      face,
      rect(-half, back - 10, half * 2, 150, ground) +
        group(rect(-half * 1.4, -200, half * 2.8, 400, figure), `translate(0 ${n(top - 50)}) scale(0.86 0.5)`),
    ) +
    path(face, lit) +
    stroke(`M${n(-half + 12)} ${n(top + 7)}L${n(half - 10)} ${n(top + 7)}`, c.deep, 3, 'opacity="0.35"') +
    tassels
  )
}

function roll(sketch: Sketch, look: Look): string {
  const half = 204 * look.width
  const r = 112 * look.height
  const { ground, figure } = fillsOf(sketch, look, 90)
  const c = ramp(ground)
  const d = `M${n(-half)} ${n(-2 * r)}L${n(half)} ${n(-2 * r)}A${n(r * 0.42)} ${n(r)} 0 0 1 ${n(half)} 0L${n(-half)} 0A${n(r * 0.42)} ${n(r)} 0 0 1 ${n(-half)} ${n(-2 * r)}Z`
  const round = linear(sketch, 'down', [0, c.light, 0.5], [0.14, c.glint, 0.4], [0.4, c.base, 0], [0.76, c.deep, 0.5], [1, c.deep, 0.75])
  const spiral = Array.from({ length: 5 }, (_, index) => {
    const k = 1 - index * 0.19
    return `<ellipse cx="${n(half)}" cy="${n(-r)}" rx="${n(r * 0.42 * k)}" ry="${n(r * k)}" fill="${index % 2 === 0 ? c.base : c.light}" stroke="${c.deep}" stroke-width="3" stroke-opacity="0.45"/>`
  }).join('')
  const strap = ramp(look.second)
  const belt = (x: number) =>
    path(
      `M${n(x - 13)} ${n(-2 * r - 3)}C${n(x - 13 + r * 0.42)} ${n(-1.6 * r)} ${n(x - 13 + r * 0.42)} ${n(-0.4 * r)} ${n(x - 13)} 3L${n(x + 13)} 3C${n(x + 13 + r * 0.42)} ${n(-0.4 * r)} ${n(x + 13 + r * 0.42)} ${n(-1.6 * r)} ${n(x + 13)} ${n(-2 * r - 3)}Z`,
      linear(sketch, 'down', [0, strap.light], [0.2, strap.base], [1, strap.deep]),
    ) + rect(x + r * 0.3 - 8, -r * 1.3, 26, 34, 'none', 4, 'stroke="#c7a765" stroke-width="5"')
  const handle = `M${n(-half * 0.46)} ${n(-2 * r)}C${n(-half * 0.46)} ${n(-2 * r - 86)} ${n(half * 0.46)} ${n(-2 * r - 86)} ${n(half * 0.46)} ${n(-2 * r)}`
  return (
    stroke(handle, strap.deep, 24) +
    stroke(handle, strap.base, 18) +
    stroke(handle, strap.light, 2, 'stroke-dasharray="8 7" transform="translate(0 -5)"') +
    path(d, ground) +
    path(d, figure) +
    path(d, round) +
    spiral +
    path(d, linear(sketch, 'across', [0, c.deep, 0.35], [0.16, c.deep, 0], [1, c.deep, 0])) +
    belt(-half * 0.46) +
    belt(half * 0.46) +
    roundHint(sketch, half, r)
  )
}

function roundHint(sketch: Sketch, half: number, r: number): string {
  return ellipse(half, -r, r * 0.42, r, linear(sketch, 'across', [0, '#000000', 0.12], [1, '#000000', 0]))
}

/** The blanket over the arm and back of an armchair, in the chair's own measures. */
function thrown(sketch: Sketch, look: Look): string {
  const { ground, figure } = fillsOf(sketch, look, look.pattern === 'stripe' ? 4 : 3)
  const c = ramp(ground)
  const d =
    'M24 -452C70 -470 128 -468 172 -446C182 -400 186 -340 196 -300C230 -300 268 -292 276 -272C282 -200 270 -140 276 -74C232 -58 196 -66 160 -58C158 -120 150 -180 130 -226C98 -250 60 -244 34 -252C24 -320 18 -390 24 -452Z'
  const crease = (line: string, width: number, opacity: number) => stroke(line, c.deep, width, `opacity="${opacity}"`)
  const fringed = look.form !== 'knit' && !['waffle', 'quilted', 'band'].includes(look.pattern)
  return (
    path(d, withLightness(mix(ground, '#2a1f24', 0.7), 0.25), 'opacity="0.22" transform="translate(9 12)"') +
    path(d, ground) +
    path(d, figure) +
    path(d, linear(sketch, [0, 0, 1, 0.8], [0, c.glint, 0.35], [0.45, c.base, 0], [1, c.deep, 0.45])) +
    clipped(
      sketch,
      d,
      crease('M58 -460C66 -390 70 -320 84 -250', 16, 0.18) +
        crease('M120 -466C126 -400 134 -320 150 -268C172 -230 186 -160 190 -60', 22, 0.2) +
        crease('M196 -300C216 -240 226 -160 232 -66', 18, 0.2) +
        crease('M30 -262C80 -256 120 -250 140 -214C180 -236 240 -262 276 -274', 12, 0.24) +
        stroke('M86 -462C94 -390 100 -320 112 -256M210 -290C236 -230 250 -150 254 -70', c.glint, 10, 'opacity="0.22"'),
    ) +
    (fringed ? fringe([162, -60], [274, -74], 34, ground, 1) : '')
  )
}
