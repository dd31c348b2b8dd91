import { mix, ramp, withLightness } from './colour.ts'
import { drawEarbuds } from './earbuds.ts'
import { ballFill, bar, contact, flatFill, FLOOR, plate, plateTint, roundFill, sheen, tabletop } from './light.ts'
import { isMetal, isWood, lookOf } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { drawNotebook } from './notebooks.ts'
import { rounded } from './shapes.ts'
import { at, ellipse, linear, n, path, pattern, radial, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'
import { drawPencil } from './writing.ts'

const TINT = '#cdced6'
const SMALL = ['buds', 'sport', 'wired']

export const headphonePictures: FamilyPictures = {
  portrait: (sketch, look) => {
    if (SMALL.includes(look.form)) return drawEarbuds(sketch, look, plateTint(TINT, look.colour))
    return (
      plate(sketch, plateTint(TINT, look.colour)) +
      contact(sketch, 248, FLOOR - 6, 84, 0.8) +
      contact(sketch, 552, FLOOR - 6, 84, 0.8) +
      at(400, FLOOR - 8 + (look.form === 'studio' || look.form === 'retro' ? 18 : 0), drawHeadphones(sketch, look), 1.16)
    )
  },
  inUse: (sketch, look) => {
    const table = tabletop(sketch, withLightness('#b99168', 0.66, 0.9))
    const book = at(250, 770, drawNotebook(sketch, lookOf({ form: 'hardcover', second: 'ink' }, 'limestone')), 0.8, 12)
    const pencil = at(560, 830, drawPencil(sketch, '#20617B'), 0.8, 40)
    if (SMALL.includes(look.form))
      return table + book + pencil + at(20, look.form === 'wired' ? -40 : -96, drawEarbuds(sketch, look, undefined), 0.94)
    return table + book + pencil + at(470, 700, shadowOf() + drawHeadphones(sketch, look), 1, -16)
  },
}

/** The shadow of headphones that lie on a table. */
function shadowOf(): string {
  const shade = '#2a1f24'
  const band = 'M-172 -230C-172 -490 -96 -500 0 -500C96 -500 172 -490 172 -230'
  const one = (dx: number, dy: number, opacity: number) =>
    at(
      dx,
      dy,
      stroke(band, shade, 30, `opacity="${opacity}"`) +
        ellipse(-160, -112, 84, 104, shade, `opacity="${opacity}"`) +
        ellipse(160, -112, 84, 104, shade, `opacity="${opacity}"`),
    )
  return one(8, 14, 0.14) + one(16, 26, 0.1) + one(25, 38, 0.06)
}

/** Draws headphones for the head, upright, their cups near the origin. */
function drawHeadphones(sketch: Sketch, look: Look): string {
  switch (look.form) {
    case 'retro':
      return retro(sketch, look)
    case 'studio':
      return studio(sketch, look)
    case 'headset':
      return over(sketch, look, 0.86) + boom(sketch, look)
    case 'on':
      return over(sketch, look, 0.84)
    default:
      return over(sketch, look, 1)
  }
}

function shellFill(sketch: Sketch, look: Look): string {
  return isMetal(look.name) || look.pattern === 'metal' ? roundFill(sketch, look.colour, 'metal') : ballFill(sketch, look.colour)
}

/** A padded band over the head: its outer arc, and the cushion under it. */
function headband(look: Look, reach: number, top: number, thick: number): string {
  const arc = (inset: number) =>
    `M${n(-reach + inset)} -250C${n(-reach + inset)} ${n(top + inset * 0.6)} ${n(-reach * 0.55)} ${n(top + inset)} 0 ${n(top + inset)}C${n(reach * 0.55)} ${n(top + inset)} ${n(reach - inset)} ${n(top + inset * 0.6)} ${n(reach - inset)} -250`
  const cushion = `M${n(-reach * 0.72)} ${n(top + 112)}C${n(-reach * 0.5)} ${n(top + 32)} ${n(reach * 0.5)} ${n(top + 32)} ${n(reach * 0.72)} ${n(top + 112)}`
  return bar(arc(0), look.colour, thick) + bar(cushion, look.second, thick * 1.25, 0.5)
}

function over(sketch: Sketch, look: Look, size: number): string {
  const w = look.width
  const reach = 176 * w
  const top = -508 * (0.5 + look.height / 2)
  const cup = (side: 1 | -1) => {
    const x = side * reach
    const c = ramp(look.colour)
    const [rx, ry] = [72 * size * w, 104 * size]
    const pad = ramp(look.second)
    const y = -ry - 12
    const inner = x - side * rx * 0.62
    return (
      bar(`M${n(x)} -300L${n(x)} ${n(y - ry * 0.6)}`, isMetal(look.name) ? look.colour : mix(look.colour, '#2a2726', 0.15), 22) +
      ellipse(
        inner,
        y + 3,
        rx * 0.66,
        ry * 0.98,
        linear(sketch, 'across', side < 0 ? [0, pad.base] : [0, pad.light], [0.5, pad.base], [1, pad.deep]),
      ) +
      ellipse(inner - side * 4, y + 3, rx * 0.3, ry * 0.56, pad.deep, 'opacity="0.75"') +
      ellipse(x, y, rx, ry, shellFill(sketch, look)) +
      `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx * 0.72)}" ry="${n(ry * 0.76)}" fill="none" stroke="${c.deep}" stroke-width="2.6" opacity="0.3"/>` +
      `<ellipse cx="${n(x - 1.6)}" cy="${n(y - 2)}" rx="${n(rx * 0.72)}" ry="${n(ry * 0.76)}" fill="none" stroke="${c.glint}" stroke-width="1.6" opacity="0.5"/>` +
      sheen(sketch, x - rx * 0.34, y - ry * 0.5, rx * 0.24, ry * 0.26, -24, 0.7) +
      ellipse(x + rx * 0.3, y + ry * 0.5, 4, 4, '#f0c46a')
    )
  }
  return headband(look, reach, top, 27 * (0.6 + size * 0.4)) + cup(-1) + cup(1)
}

function boom(sketch: Sketch, look: Look): string {
  const x = -176 * look.width
  return (
    bar(`M${n(x)} -60C${n(x + 20)} 10 ${n(x + 100)} 6 ${n(x + 168)} -26`, '#3b3a39', 11) +
    path(
      rounded(
        [
          [x + 152, -46],
          [x + 206, -64],
          [x + 214, -36],
          [x + 160, -16],
        ],
        13,
      ),
      roundFill(sketch, '#2b2a29'),
    ) +
    ellipse(x, -66, 15, 15, roundFill(sketch, look.second)) +
    ellipse(x + 184, -40, 4, 4, '#e08a5a')
  )
}

function studio(sketch: Sketch, look: Look): string {
  const reach = 178 * look.width
  const c = ramp(look.colour)
  const open = look.pattern === 'open'
  const steel = '#8d9195'
  const mesh = pattern(sketch, 9, 9, ellipse(4.5, 4.5, 2.7, 2.7, '#0f0e0d', 'opacity="0.75"'))
  const cup = (side: 1 | -1) => {
    const x = side * reach
    const pad = ramp(look.secondName === 'steel' || look.secondName === 'ink' ? '#34322f' : look.second)
    const inner = x - side * 52
    const face = ellipse(
      x,
      -124,
      84,
      96,
      isWood(look.name)
        ? linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.3, c.light], [0.6, c.base], [1, c.deep])
        : ballFill(sketch, look.colour),
    )
    const grain = isWood(look.name)
      ? [-40, -16, 10, 36]
          .map((dx) =>
            stroke(`M${n(x + dx)} -200C${n(x + dx + 8)} -150 ${n(x + dx - 8)} -100 ${n(x + dx + 3)} -46`, c.deep, 1.6, 'opacity="0.3"'),
          )
          .join('')
      : ''
    const grille = open
      ? ellipse(x, -124, 58, 68, '#2b2927') +
        ellipse(x, -124, 58, 68, mesh) +
        `<ellipse cx="${n(x)}" cy="-124" rx="58" ry="68" fill="none" stroke="#c9ccce" stroke-width="4"/>`
      : `<ellipse cx="${n(x)}" cy="-124" rx="56" ry="66" fill="none" stroke="${c.deep}" stroke-width="3" opacity="0.4"/>` +
        ellipse(x, -124, 20, 23, ramp(look.second).light, 'opacity="0.85"')
    return (
      bar(`M${n(x - 74)} -150C${n(x - 84)} -280 ${n(x + 84)} -280 ${n(x + 74)} -150`, steel, 10) +
      bar(`M${n(x)} -380L${n(x)} -246`, steel, 13) +
      ellipse(inner, -122, 54, 98, linear(sketch, 'across', [0, pad.light], [0.5, pad.base], [1, pad.deep])) +
      ellipse(inner - side * 4, -122, 24, 56, pad.deep) +
      face +
      grain +
      grille +
      sheen(sketch, x - 34, -176, 20, 26, -24, 0.55)
    )
  }
  const cable = `M${n(-reach)} -30C${n(-reach - 16)} 44 ${n(-reach + 60)} 56 ${n(-reach + 150)} 40S${n(reach * 0.5)} 66 ${n(reach + 20)} 54`
  return (
    bar(`M${n(-reach)} -330C${n(-reach)} -560 ${n(reach)} -560 ${n(reach)} -330`, steel, 12) +
    bar(
      `M${n(-reach * 0.86)} -410C${n(-reach * 0.6)} -540 ${n(reach * 0.6)} -540 ${n(reach * 0.86)} -410`,
      look.secondName === 'steel' ? '#34322f' : look.second,
      33,
      0.5,
    ) +
    (look.pattern === 'wired' || ['ink', 'steel', 'cognac'].includes(look.secondName) ? bar(cable, '#2b2a29', 7) : '') +
    cup(-1) +
    cup(1)
  )
}

function retro(sketch: Sketch, look: Look): string {
  const foam = ramp(look.second)
  const speck = pattern(
    sketch,
    8,
    8,
    ellipse(2, 2, 1.4, 1.4, foam.deep, 'opacity="0.5"') + ellipse(6, 5, 1.4, 1.4, foam.light, 'opacity="0.5"'),
  )
  const cup = (side: 1 | -1) => {
    const x = side * 168
    return (
      bar(`M${x} -330L${x} -170`, look.colour, 9) +
      rect(x - 17, -300, 34, 62, flatFill(sketch, '#2f2d2c'), 7) +
      ellipse(x - side * 26, -112, 52, 84, linear(sketch, 'across', [0, foam.light], [0.5, foam.base], [1, foam.deep])) +
      ellipse(x - side * 26, -112, 52, 84, speck) +
      ellipse(x + side * 6, -112, 40, 58, radial(sketch, [0.36, 0.32], 0.8, [0, '#5d5a58'], [0.5, '#343130'], [1, '#181615'])) +
      `<ellipse cx="${x + side * 6}" cy="-112" rx="30" ry="45" fill="none" stroke="${ramp(look.colour).light}" stroke-width="3" opacity="0.85"/>` +
      ellipse(x + side * 6, -112, 9, 12, flatFill(sketch, look.colour))
    )
  }
  const wire =
    look.pattern === 'wired'
      ? bar('M-168 -54C-180 30 -60 -6 -30 40S120 64 210 44', '#2b2a29', 5) + rect(206, 37, 34, 13, roundFill(sketch, '#c7a45a', 'metal'), 3)
      : ''
  return bar('M-168 -320C-168 -560 168 -560 168 -320', look.colour, 13, 1) + wire + cup(-1) + cup(1)
}
