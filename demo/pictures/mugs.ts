import { mix, ramp, withLightness } from './colour.ts'
import { contact, flatFill, FLOOR, freckles, insideFill, lying, plate, plateTint, roundFill, sheen, tabletop, veil } from './light.ts'
import { isMetal } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { curve, frontArc, ring, TILT, turned } from './shapes.ts'
import type { Ring } from './shapes.ts'
import { at, band, clipped, ellipse, group, linear, n, path, pattern, radial, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#cfd3c4'
const CLAY = '#b8906a'

export const mugPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const scale = 1.42
    const foot = outlineOf(look).at(-1)?.r ?? 100
    return (
      plate(sketch, plateTint(TINT, look.colour)) +
      contact(sketch, 400, FLOOR - 20, (look.form === 'espresso' ? 150 : foot * 1.08) * scale) +
      at(handled(look) ? 372 : 400, FLOOR - 20, drawMug(sketch, look), scale)
    )
  },
  inUse: (sketch, look) => {
    const table = withLightness('#c9a57c', 0.74, 0.8)
    return (
      tabletop(sketch, table) +
      at(255, 660, napkin(sketch, look.colour), 1, -14) +
      at(400, 520, fromAbove(sketch, look)) +
      at(640, 760, spoon(sketch), 1, 28)
    )
  },
}

function handled(look: Look): boolean {
  return ['straight', 'tapered', 'belly', 'enamel', 'espresso'].includes(look.form)
}

/** The turned outline of a form, from lip to foot. */
function outlineOf({ form, width: w, height: h }: Look): Ring[] {
  switch (form) {
    case 'tapered':
      return [ring(-284 * h, 142 * w, true), ring(-150 * h, 126 * w), ring(-18, 100 * w), ring(0, 92 * w, true)]
    case 'belly':
      return [
        ring(-240 * h, 112 * w, true),
        ring(-222 * h, 113 * w),
        ring(-128 * h, 152 * w),
        ring(-44 * h, 132 * w),
        ring(-6, 98 * w),
        ring(0, 94 * w, true),
      ]
    case 'enamel':
      return [ring(-238 * h, 134 * w, true), ring(-230 * h, 127 * w, true), ring(-12, 123 * w, true), ring(0, 114 * w, true)]
    case 'espresso':
      return [ring(-172 * h, 104 * w, true), ring(-110 * h, 97 * w), ring(-42 * h, 66 * w), ring(-14, 48 * w), ring(-10, 50 * w, true)]
    case 'tumbler':
      return [ring(-290 * h, 118 * w, true), ring(-150 * h, 103 * w), ring(-20, 108 * w), ring(0, 98 * w, true)]
    case 'bowl':
      return [ring(-208 * h, 154 * w, true), ring(-130 * h, 146 * w), ring(-54 * h, 96 * w), ring(-28, 66 * w, true), ring(0, 72 * w, true)]
    case 'travel':
      return [ring(-372 * h, 106 * w, true), ring(-14, 88 * w, true), ring(0, 80 * w, true)]
    default:
      return [ring(-264 * h, 130 * w, true), ring(-30, 130 * w, true), ring(-10, 125 * w), ring(0, 112 * w, true)]
  }
}

/** Draws a mug with its foot at the origin. */
export function drawMug(sketch: Sketch, look: Look): string {
  const rings = outlineOf(look)
  const lip = rings[0] as Ring
  const body = turned(rings)
  const glazed = roundFill(sketch, look.colour, isMetal(look.name) ? 'metal' : 'glazed')
  const c = ramp(look.colour)
  const wide = Math.max(...rings.map(({ r }) => r))
  return (
    (look.form === 'espresso' ? saucer(sketch, look) : '') +
    (handled(look) ? handle(look, rings) : '') +
    path(body, glazed) +
    clipped(sketch, body, decoration(sketch, look, lip, wide)) +
    path(body, linear(sketch, 'down', [0, '#fffaf0', 0.14], [0.25, '#fffaf0', 0], [0.72, c.deep, 0], [1, c.deep, 0.34])) +
    sheen(sketch, -wide * 0.47, lip.y * 0.58, wide * 0.085, Math.abs(lip.y) * 0.3, 1, 0.75) +
    sheen(sketch, -wide * 0.28, lip.y * 0.6, wide * 0.2, Math.abs(lip.y) * 0.36, 0, 0.2) +
    (look.form === 'travel' ? lid(sketch, look, lip) : mouth(sketch, look, lip))
  )
}

function mouth(sketch: Sketch, look: Look, lip: Ring): string {
  const c = ramp(look.colour)
  const dark = look.form === 'enamel' || look.pattern === 'rimmed'
  const rim = dark ? ramp(look.second) : c
  const inner = dark ? '#f4efe4' : mix(look.colour, '#f6f0e4', 0.62)
  const wall = 7
  return (
    ellipse(
      0,
      lip.y,
      lip.r,
      lip.r * TILT,
      linear(sketch, 'across', [0, rim.base], [0.3, dark ? rim.light : c.glint], [0.7, rim.light], [1, rim.base]),
    ) +
    ellipse(0, lip.y + 1, lip.r - wall, (lip.r - wall) * TILT, insideFill(sketch, inner)) +
    ellipse(0, lip.y + 1, lip.r - wall, (lip.r - wall) * TILT, veil(sketch, [0, 1, 0, 0], '#3a2a22', 0.3, 0.2)) +
    (dark ? stroke(frontArc(lip.y, lip.r), rim.base, 6) + stroke(frontArc(lip.y - 1, lip.r), rim.light, 1.6, 'opacity="0.7"') : '')
  )
}

function handle(look: Look, rings: readonly Ring[]): string {
  const lip = rings[0] as Ring
  const h = Math.abs(lip.y)
  const high = -h * (look.form === 'espresso' ? 0.84 : 0.8)
  const low = -h * (look.form === 'espresso' ? 0.42 : 0.24)
  const x = Math.max(lip.r, ...rings.map(({ r }) => r)) - 14
  const reach = look.form === 'espresso' ? 62 : 98
  const thick = look.form === 'enamel' ? 20 : look.form === 'espresso' ? 19 : 29
  const d = `M${n(x - 16)} ${n(high)}C${n(x + reach * 0.9)} ${n(high - 12)} ${n(x + reach * 1.25)} ${n((high + low) / 2 - h * 0.05)} ${n(x + reach * 0.8)} ${n((high + low) / 2 + h * 0.1)}C${n(x + reach * 0.55)} ${n(low - 6)} ${n(x + 20)} ${n(low + 6)} ${n(x - 26)} ${n(low + 4)}`
  const c = ramp(look.colour)
  return (
    stroke(d, c.deep, thick) +
    stroke(d, c.shade, thick * 0.84, 'transform="translate(-1.4 -1.6)"') +
    stroke(d, c.base, thick * 0.56, 'transform="translate(-3 -3.4)"') +
    stroke(d, c.light, thick * 0.2, 'transform="translate(-5 -6)" opacity="0.9"')
  )
}

function decoration(sketch: Sketch, look: Look, lip: Ring, wide: number): string {
  const h = Math.abs(lip.y)
  const c = ramp(look.colour)
  switch (look.pattern) {
    case 'dipped': {
      const line = -h * 0.4
      const edge = `M${n(-wide - 4)} ${n(line - 8)}C${n(-wide * 0.6)} ${n(line + wide * 0.2)} ${n(-wide * 0.1)} ${n(line + wide * 0.1)} ${n(wide * 0.3)} ${n(line + wide * 0.17)}S${n(wide * 0.8)} ${n(line + 12)} ${n(wide + 4)} ${n(line - 6)}`
      return (
        path(`${edge}L${n(wide + 4)} 60L${n(-wide - 4)} 60Z`, roundFill(sketch, CLAY)) +
        stroke(edge, c.deep, 5, 'opacity="0.35"') +
        stroke(edge, c.light, 2, 'opacity="0.6" transform="translate(0 -3)"')
      )
    }
    case 'speckled':
      return freckles(90, (u, v) => [(u * 2 - 1) * wide, -v * h * 1.04 + 10], mix(c.deep, '#4a2f1c', 0.5), 3)
    case 'fluted':
      return Array.from({ length: 19 }, (_, index) => {
        const t = Math.sin(((index - 9) / 9.4) * (Math.PI / 2))
        return stroke(
          `M${n(t * lip.r)} ${n(lip.y)}Q${n(t * wide)} ${n(lip.y * 0.4)} ${n(t * wide * 0.76)} 20`,
          c.deep,
          5.5 * (1.06 - Math.abs(t)),
          'opacity="0.17"',
        )
      }).join('')
    case 'striped': {
      const stripe = withLightness(look.colour, 0.96, 0.25)
      return [0.3, 0.42].map((t) => band(frontArc(-h * (1 - t), wide * 1.01), stripe, h * 0.07, 'opacity="0.92"')).join('')
    }
    default:
      return ''
  }
}

function saucer(sketch: Sketch, look: Look): string {
  const c = ramp(look.colour)
  const r = 176 * Math.min(look.width, 1.12)
  return (
    ellipse(0, 4, r, r * 0.2, linear(sketch, 'across', [0, c.base], [0.5, c.shade], [1, c.deep])) +
    ellipse(0, -4, r, r * 0.2, linear(sketch, 'across', [0, c.light], [0.3, c.glint], [0.6, c.base], [1, c.shade])) +
    ellipse(0, -3, r * 0.66, r * 0.125, linear(sketch, 'across', [0, c.shade], [0.5, c.base], [1, c.light])) +
    ellipse(8, -2, r * 0.4, r * 0.075, c.deep, 'opacity="0.35"')
  )
}

function lid(sketch: Sketch, look: Look, lip: Ring): string {
  const c = ramp(look.second)
  const top = lip.y - 52
  const sleeve = [ring(lip.y * 0.7, lip.r * 0.955, true), ring(lip.y * 0.28, lip.r * 0.885, true)]
  return (
    (look.secondName === 'tan'
      ? path(turned(sleeve), roundFill(sketch, look.second)) +
        stroke(
          `M${n(lip.r * 0.5)} ${n(lip.y * 0.7 + 14)}L${n(lip.r * 0.46)} ${n(lip.y * 0.28 + 14)}`,
          c.light,
          2.4,
          'stroke-dasharray="7 6"',
        )
      : '') +
    path(turned([ring(top, lip.r * 0.94, true), ring(top + 6, lip.r * 0.98), ring(lip.y, lip.r + 3, true)]), roundFill(sketch, '#2b2a29')) +
    ellipse(0, top, lip.r * 0.94, lip.r * 0.94 * TILT, linear(sketch, 'across', [0, '#5b5855'], [1, '#32302f'])) +
    ellipse(lip.r * 0.42, top, 26, 6, '#171514') +
    stroke(frontArc(lip.y, lip.r + 2), '#0f0e0e', 2.4, 'opacity="0.6"')
  )
}

/** The mug on a table as its drinker sees it. */
function fromAbove(sketch: Sketch, look: Look): string {
  const c = ramp(look.colour)
  const r = look.form === 'espresso' ? 132 : 168 * (0.6 + look.width * 0.4)
  const round = (radius: number) =>
    `M${n(-radius)} 0A${n(radius)} ${n(radius)} 0 1 1 ${n(radius)} 0A${n(radius)} ${n(radius)} 0 1 1 ${n(-radius)} 0Z`
  const rim = look.form === 'enamel' || look.pattern === 'rimmed' ? ramp(look.second) : c
  const inner = mix(look.colour, '#f6f0e4', look.form === 'enamel' ? 0.9 : 0.6)
  const grip = `M${n(r * 0.8)} ${n(r * 0.44)}L${n(r * 1.36)} ${n(r * 0.74)}`
  const plateRadius = r * 1.62
  const under =
    look.form === 'espresso'
      ? lying(round(plateRadius), '', 0.7) +
        ellipse(0, 0, plateRadius, plateRadius, linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.4, c.light], [1, c.shade])) +
        ellipse(0, 0, plateRadius * 0.74, plateRadius * 0.74, linear(sketch, [0, 0, 1, 1], [0, c.shade], [0.5, c.base], [1, c.light]))
      : ''
  const handled = ['straight', 'tapered', 'belly', 'enamel', 'espresso'].includes(look.form)
  return (
    under +
    (handled ? stroke(grip, '#2a1f24', r * 0.26, 'opacity="0.2" transform="translate(20 26)"') : '') +
    lying(round(r), '', 1.25) +
    (handled
      ? stroke(grip, c.deep, r * 0.24) +
        stroke(grip, c.base, r * 0.19, 'transform="translate(-2 -3)"') +
        stroke(grip, c.light, r * 0.06, 'transform="translate(-6 -9)"')
      : '') +
    ellipse(0, 0, r, r, linear(sketch, [0, 0, 1, 1], [0, rim.light], [0.5, rim.base], [1, rim.shade])) +
    ellipse(0, 0, r - 9, r - 9, linear(sketch, [0, 0, 1, 1], [0, ramp(inner).deep], [0.45, ramp(inner).shade], [1, ramp(inner).glint])) +
    coffee(sketch, look, r * 0.86)
  )
}

function coffee(sketch: Sketch, look: Look, r: number): string {
  const milk = ['belly', 'bowl', 'espresso', 'tapered'].includes(look.form)
  const tea = look.form === 'bowl' && look.pattern === 'plain'
  const [dark, mid, pale] = tea ? ['#7d7d33', '#a0a04a', '#c5c374'] : ['#2c160c', '#4a2817', '#8a5630']
  const heart = 'M0 62C-84 8 -72 -52 -34 -52C-14 -52 -4 -38 0 -28C4 -38 14 -52 34 -52C72 -52 84 8 0 62Z'
  return (
    ellipse(0, 4, r, r, radial(sketch, [0.45, 0.4], 0.62, [0, mid], [0.8, dark], [0.93, mid], [1, pale])) +
    (milk && !tea
      ? ellipse(0, 4, r * 0.86, r * 0.86, '#b98a5c', 'opacity="0.85"') +
        at(
          0,
          4,
          path(heart, '#f1dfc4') + group(path(heart, 'none', 'stroke="#f1dfc4" stroke-width="9" opacity="0.55"'), 'scale(1.26)'),
          r / 118,
        )
      : '') +
    path(
      curve([
        [-r * 0.7, -r * 0.3],
        [-r * 0.42, -r * 0.64],
        [0, -r * 0.8],
      ]),
      'none',
      'stroke="#fff6e2" stroke-width="7" stroke-linecap="round" opacity="0.4"',
    )
  )
}

function napkin(sketch: Sketch, colour: string): string {
  const cloth = withLightness(colour, 0.93, 0.22)
  const line = withLightness(colour, 0.6, 0.8)
  const stripes = pattern(sketch, 400, 46, rect(0, 8, 400, 5, line, 0, 'opacity="0.55"') + rect(0, 18, 400, 2, line, 0, 'opacity="0.45"'))
  const d = 'M-210 -190L190 -206Q204 -206 204 -192L214 196Q214 208 202 208L-196 220Q-210 220 -210 206Z'
  return (
    lying(d, '', 0.28) +
    path(d, flatFill(sketch, cloth, 0.7)) +
    path(d, stripes) +
    path('M-2 -198L8 212', 'none', `stroke="${ramp(cloth).shade}" stroke-width="3" opacity="0.5"`)
  )
}

function spoon(sketch: Sketch): string {
  const bowl = 'M0 0C34 0 50 -34 46 -72C42 -106 22 -122 0 -122C-22 -122 -42 -106 -46 -72C-50 -34 -34 0 0 0Z'
  const stem = 'M-7 -8C-6 60 -4 150 -9 210Q0 222 9 210C4 150 6 60 7 -8Z'
  const steel = linear(sketch, 'across', [0, '#8f9296'], [0.3, '#f4f4f2'], [0.6, '#b4b7ba'], [1, '#76797d'])
  return (
    lying(bowl, '', 0.4) +
    lying(stem, '', 0.4) +
    path(stem, steel) +
    path(bowl, steel) +
    ellipse(3, -66, 32, 44, linear(sketch, [0, 0, 1, 1], [0, '#7f8387'], [0.6, '#c9cbcc'], [1, '#ffffff']))
  )
}
