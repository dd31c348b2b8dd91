import { grips, handlebar, pedal } from './cockpit.ts'
import { mix, ramp } from './colour.ts'
import { drawBasket, drawBottle, drawHelmet, drawPump, drawWheel } from './cycling.ts'
import { bezel } from './lens.ts'
import { ballFill, bar, contact, flatFill, FLOOR, HEIGHT, lying, plate, plateTint, roundFill, sheen, tabletop, WIDTH } from './light.ts'
import { isMetal } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import type { Part } from './part.ts'
import { blob, rounded, slab } from './shapes.ts'
import { at, clipped, ellipse, group, linear, n, path, radial, rect, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

const TINT = '#cfd0c9'

export const bicyclePictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const part = drawPart(sketch, look)
    const tint = plateTint(TINT, look.colour)
    if (part.stands === undefined) return tabletop(sketch, tint) + at(400, 500, part.art, part.scale)
    return plate(sketch, tint) + contact(sketch, 400, FLOOR - 10, part.stands * part.scale) + at(400, FLOOR - 10, part.art, part.scale)
  },
  inUse: (sketch, look) => {
    const part = drawPart(sketch, look)
    const scale = part.scale * part.near
    const [x, y] = [420 - part.detail[0] * scale, 520 - part.detail[1] * scale]
    const tint = plateTint('#c3c9c6', look.colour)
    if (part.stands === undefined) return tabletop(sketch, tint) + at(x, y, part.art, scale)
    return plate(sketch, tint, WIDTH, HEIGHT, Math.max(700, y)) + contact(sketch, x, y, part.stands * scale) + at(x, y, part.art, scale)
  },
}

/** Draws a part of any form. */
export function drawPart(sketch: Sketch, look: Look): Part {
  switch (look.form) {
    case 'bell':
      return bell(sketch, look)
    case 'crank':
      return crank(sketch, look)
    case 'bottle':
      return drawBottle(sketch, look)
    case 'light':
      return light(sketch, look)
    case 'basket':
      return drawBasket(sketch, look)
    case 'pedal':
      return pedal(sketch, look)
    case 'wheel':
      return drawWheel(sketch, look)
    case 'grips':
      return grips(sketch, look)
    case 'handlebar':
      return handlebar(look)
    case 'helmet':
      return drawHelmet(sketch, look)
    case 'pump':
      return drawPump(sketch, look)
    default:
      return saddle(sketch, look)
  }
}

function saddle(sketch: Sketch, look: Look): Part {
  const { colour, second, width: w, height: h, pattern: kind } = look
  const c = ramp(colour)
  const top = `M-250 ${n(-52 * h)}C${n(-262)} ${n(-104 * w)} -214 ${n(-132 * w)} -150 ${n(-128 * w)}C-70 ${n(-124 * w)} -20 ${n(-66 * w)} 70 ${n(-50 * w)}C150 ${n(-40 * w)} 236 ${n(-44 * w)} 262 ${n(-20 * w)}C276 ${n(-4)} 270 ${n(24 * w)} 236 ${n(34 * w)}C150 ${n(50 * w)} 60 ${n(56 * w)} -20 ${n(86 * w)}C-90 ${n(122 * w)} -190 ${n(138 * w)} -234 ${n(108 * w)}C-266 ${n(76 * w)} -246 20 -250 ${n(-52 * h)}Z`
  const rails = 'M-196 66C-120 170 60 160 214 22M-196 20C-120 132 60 128 214 -2'
  const rivetsAt: Point[] = [
    [-222, -86 * w],
    [-232, -44],
    [-234, 4],
    [-230, 52],
    [-214, 96 * w],
    [238, -14],
    [242, 10],
  ]
  const size = kind === 'rivets' ? 9 : 6.4
  const rivets =
    kind === 'race'
      ? ''
      : rivetsAt
          .map(
            ([x, y]) =>
              ellipse(x, y, size, size, bezel(sketch, kind === 'rivets' ? '#b56e4a' : '#c9a45a')) +
              ellipse(x - 1.6, y - 1.6, 2, 2, '#fff4d8'),
          )
          .join('')
  const slot =
    kind === 'race'
      ? path(
          blob([
            [-140, 0],
            [-20, -16],
            [90, -8],
            [90, 8],
            [-20, 18],
            [-140, 8],
          ]),
          mix(c.deep, '#000000', 0.3),
        )
      : ''
  const cut = kind === 'rivets' ? path('M-110 2C-40 -16 40 -12 96 0C40 16 -40 20 -110 2Z', '#1a1411', 'opacity="0.7"') : ''
  return {
    scale: 1.22,
    detail: [-70, 30],
    near: 1.5,
    art: group(
      stroke(rails, '#2a1f24', 17, 'opacity="0.2" transform="translate(20 36)"') +
        bar(rails, second, 14) +
        lying(top, 'translate(6 12)', 1.3) +
        path(top, c.deep, 'transform="translate(5 16)"') +
        path(top, linear(sketch, [0, 0, 0.5, 1], [0, c.glint], [0.25, c.light], [0.55, c.base], [1, c.shade])) +
        clipped(
          sketch,
          top,
          ellipse(-130, -30, 150, 60, c.glint, 'opacity="0.16"') +
            ellipse(40, 60, 220, 40, c.deep, 'opacity="0.22"') +
            stroke('M-200 -96C-80 -80 20 -30 240 -22', c.glint, 10, 'opacity="0.22"'),
        ) +
        path(top, 'none', `stroke="${c.glint}" stroke-width="2" opacity="0.35"`) +
        slot +
        cut +
        rivets,
      'rotate(-34)',
    ),
  }
}

function bell(sketch: Sketch, look: Look): Part {
  const { colour, pattern: kind } = look
  const big = kind === 'dome'
  const r = big ? 176 : 150
  const c = ramp(colour)
  const fill = isMetal(look.name)
    ? linear(sketch, [0, 0, 1, 1], [0, c.light], [0.2, c.glint], [0.38, c.light], [0.6, c.base], [0.82, c.deep], [1, c.base])
    : ballFill(sketch, colour)
  const tube = 'M-330 196L330 150'
  const dome = `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`
  const rings = [0.9, 0.62]
    .map(
      (k) =>
        `<circle cx="0" cy="0" r="${n(r * k)}" fill="none" stroke="${c.deep}" stroke-width="2.4" opacity="0.35"/><circle cx="-1.6" cy="-1.6" r="${n(r * k)}" fill="none" stroke="${c.glint}" stroke-width="1.6" opacity="0.5"/>`,
    )
    .join('')
  const lever = big
    ? at(
        120,
        118,
        path(
          rounded(
            [
              [-24, -20],
              [96, -8],
              [98, 18],
              [-20, 26],
            ],
            15,
          ),
          linear(sketch, 'down', [0, '#f0f1f1'], [0.5, '#b9bdc1'], [1, '#777c80']),
        ),
        1,
        24,
      )
    : at(150, -40, bar('M0 0C30 -8 46 10 40 34', look.second, 13) + ellipse(40, 44, 15, 15, bezel(sketch, '#c9ccce')))
  return {
    scale: 1.24,
    detail: [30, -10],
    near: 1.6,
    art:
      stroke(tube, '#2a1f24', 66, 'opacity="0.18" transform="translate(16 30)"') +
      bar(tube, '#b9bdc1', 60, 1) +
      path(
        rounded(
          [
            [-50, 120],
            [58, 112],
            [66, 226],
            [-40, 234],
          ],
          20,
        ),
        flatFill(sketch, '#2f2d2c'),
      ) +
      lying(dome, '', 1.2) +
      lever +
      path(dome, fill) +
      rings +
      ellipse(0, 0, 19, 19, bezel(sketch, '#c9ccce')) +
      stroke('M-10 -5L10 5', '#55585b', 4) +
      sheen(sketch, -r * 0.42, -r * 0.46, r * 0.34, r * 0.2, -44, 0.85),
  }
}

function crank(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const teeth = 46
  const r = 196
  const outline = Array.from({ length: teeth * 4 }, (_, index) => {
    const angle = (index / (teeth * 4)) * Math.PI * 2
    const reach = index % 4 < 2 ? r : r - 12
    return `${index === 0 ? 'M' : 'L'}${n(Math.cos(angle) * reach)} ${n(Math.sin(angle) * reach)}`
  }).join('')
  const hole = `M${-r + 44} 0A${r - 44} ${r - 44} 0 1 0 ${r - 44} 0A${r - 44} ${r - 44} 0 1 0 ${-r + 44} 0Z`
  const solid = look.pattern === 'solid'
  const metal = linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.3, c.light], [0.55, c.base], [0.8, c.shade], [1, c.light])
  const spider = [0, 1, 2, 3, 4]
    .map((index) =>
      group(
        path('M-19 0L-13 -150L13 -150L19 0Z', metal) +
          ellipse(0, -152, 17, 17, bezel(sketch, look.second)) +
          ellipse(0, -152, 7, 7, '#2b2a29'),
        `rotate(${index * 72 + 18})`,
      ),
    )
    .join('')
  const arm = 'M-30 -8L-21 344Q0 372 21 344L30 -8Q0 -44 -30 -8Z'
  return {
    scale: 1.2,
    detail: [0, 10],
    near: 1.6,
    art: group(
      lying(outline, '', 0.5) +
        `<path d="${outline}Z${solid ? '' : hole}" fill-rule="evenodd" fill="${metal}"/>` +
        (solid
          ? [0, 1, 2, 3, 4]
              .map((index) =>
                group(
                  path(
                    blob([
                      [-34, -150],
                      [34, -150],
                      [22, -74],
                      [-22, -74],
                    ]),
                    mix(c.deep, '#000000', 0.2),
                    'opacity="0.85"',
                  ),
                  `rotate(${index * 72 - 18})`,
                ),
              )
              .join('')
          : '') +
        `<circle cx="0" cy="0" r="${r - 20}" fill="none" stroke="${c.deep}" stroke-width="3" opacity="0.4"/>` +
        spider +
        lying(arm, '', 0.6) +
        path(arm, linear(sketch, 'across', [0, c.base], [0.25, c.glint], [0.45, c.light], [0.7, c.base], [1, c.deep])) +
        stroke('M0 40L0 280', c.deep, 9, 'opacity="0.25"') +
        ellipse(0, 0, 36, 36, bezel(sketch, '#b9bdc1')) +
        ellipse(0, 0, 15, 15, '#2b2a29') +
        ellipse(0, 338, 15, 15, '#232120') +
        ellipse(0, 338, 10, 10, '#6d7073'),
      'translate(-60 -110) rotate(-38)',
    ),
  }
}

function light(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const rear = look.pattern === 'rear'
  const r = 124
  const body = slab(-150, 150, -140, -162, 162, 130, 66)
  const glass = rear
    ? radial(sketch, [0.42, 0.38], 0.66, [0, '#ffb39e'], [0.3, '#e2452f'], [0.75, '#a31f16'], [1, '#5e100c'])
    : radial(sketch, [0.42, 0.38], 0.66, [0, '#ffffff'], [0.3, '#eef4f4'], [0.7, '#b9c6c9'], [1, '#6f7d81'])
  const facets = [0, 30, 60, 90, 120, 150]
    .map((turn) => group(stroke(`M${-r * 0.8} 0L${r * 0.8} 0`, rear ? '#6e130e' : '#8a999d', 2.4, 'opacity="0.45"'), `rotate(${turn})`))
    .join('')
  const circles = [0.28, 0.52, 0.76]
    .map(
      (k) =>
        `<circle cx="0" cy="0" r="${n(r * k)}" fill="none" stroke="${rear ? '#6e130e' : '#8a999d'}" stroke-width="2.4" opacity="0.45"/>`,
    )
    .join('')
  return {
    stands: 130,
    scale: 1.4 * look.width,
    detail: [0, -230],
    near: 1.7,
    art:
      path(slab(-46, 46, -96, -58, 58, 0, 16), flatFill(sketch, '#2f2d2c')) +
      rect(-84, -36, 168, 36, flatFill(sketch, '#3a3837'), 14) +
      at(
        0,
        -230,
        path(body, isMetal(look.name) ? roundFill(sketch, look.colour, 'metal') : flatFill(sketch, look.colour)) +
          path(body, linear(sketch, 'down', [0, c.glint, 0.4], [0.2, c.glint, 0], [0.8, c.deep, 0], [1, c.deep, 0.5])) +
          ellipse(0, -6, r + 12, r + 12, bezel(sketch, '#b9bdc1')) +
          ellipse(0, -6, r, r, glass) +
          at(0, -6, facets + circles) +
          ellipse(0, -6, 22, 22, rear ? '#ffd9cc' : '#fffdf0') +
          sheen(sketch, -44, -58, 40, 22, -40, 0.85) +
          rect(-26, -162, 52, 24, flatFill(sketch, '#55575b'), 9),
      ),
  }
}
