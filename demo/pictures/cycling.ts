import { mix, ramp } from './colour.ts'
import { bezel } from './lens.ts'
import { bar, flatFill, roundFill, sheen } from './light.ts'
import { isMetal } from './look.ts'
import type { Look } from './look.ts'
import type { Part } from './part.ts'
import { boxed, frontArc, ring, slab, TILT, turned } from './shapes.ts'
import { at, clipped, ellipse, linear, n, path, pattern, radial, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export function drawBottle(sketch: Sketch, look: Look): Part {
  const steel = look.pattern === 'steel'
  const c = ramp(look.colour)
  const d = turned([
    ring(-400, 84, true),
    ring(-372, 100),
    ring(-330, 104),
    ring(-272, 93),
    ring(-214, 104),
    ring(-20, 104),
    ring(0, 92, true),
  ])
  return {
    stands: 100,
    scale: 1.2,
    detail: [0, -380],
    near: 1.8,
    art:
      path(d, roundFill(sketch, look.colour, isMetal(look.name) ? 'metal' : steel ? 'satin' : 'glazed')) +
      path(d, linear(sketch, 'down', [0, c.glint, 0.2], [0.3, c.glint, 0], [0.7, c.deep, 0], [1, c.deep, 0.36])) +
      clipped(
        sketch,
        d,
        stroke(frontArc(-150, 105), mix(c.glint, '#ffffff', 0.4), 12, 'opacity="0.6"') +
          stroke(frontArc(-124, 105), mix(c.glint, '#ffffff', 0.4), 4, 'opacity="0.6"'),
      ) +
      sheen(sketch, -48, -130, 11, 90, 1, 0.7) +
      path(
        turned([ring(-452, 58, true), ring(-440, 74), ring(-396, 88, true)]),
        roundFill(sketch, look.second === look.colour ? '#3b3a39' : look.second, steel ? 'metal' : 'matte'),
      ) +
      ellipse(0, -452, 58, 58 * TILT, ramp(look.second).light) +
      path(
        turned([ring(-506, 22, true), ring(-496, 27), ring(-470, 22), ring(-452, 30, true)]),
        roundFill(sketch, steel ? look.second : '#e9e6df'),
      ) +
      ellipse(0, -506, 22, 5, '#8d8b86') +
      ellipse(0, -506, 8, 2, '#2b2a29'),
  }
}

export function drawBasket(sketch: Sketch, look: Look): Part {
  const wire = look.pattern === 'wire'
  const c = ramp(look.colour)
  const top = wire ? -230 : -300
  const outline = `M-250 ${top}L250 ${top}L206 -8Q204 0 192 0L-192 0Q-204 0 -206 -8Z`
  const straw = pattern(
    sketch,
    44,
    30,
    rect(0, 0, 44, 30, c.deep) +
      rect(1, 1, 24, 13, c.light, 6) +
      rect(23, 16, 24, 13, c.light, 6) +
      rect(-21, 16, 24, 13, c.light, 6) +
      rect(27, 1, 14, 13, c.base, 5) +
      rect(5, 16, 14, 13, c.base, 5),
  )
  const back = `M-236 ${top + 6}Q0 ${top - 46} 236 ${top + 6}Q0 ${top + 40} -236 ${top + 6}Z`
  const rim = `M-252 ${top}Q0 ${top + 52} 252 ${top}Q0 ${top - 56} -252 ${top}Z`
  if (wire) {
    const bars = Array.from({ length: 13 }, (_, index) =>
      bar(`M${-240 + index * 40} ${top + 6 + (1 - Math.abs(index - 6) / 6) * 18}L${n(-198 + index * 33)} -6`, look.colour, 7),
    ).join('')
    const rows = [0.34, 0.68]
      .map((t) =>
        bar(`M${n(-250 + t * 44)} ${n(top * (1 - t))}Q0 ${n(top * (1 - t) + 40)} ${n(250 - t * 44)} ${n(top * (1 - t))}`, look.colour, 7),
      )
      .join('')
    const floor = path(
      'M-196 -12L196 -12L176 12L-176 12Z',
      linear(sketch, 'down', [0, ramp(look.second).light], [1, ramp(look.second).shade]),
    )
    return {
      stands: 226,
      scale: 1.16,
      detail: [140, -150],
      near: 1.7,
      art: bar(rim, look.colour, 9) + floor + bars + rows + bar(`M-252 ${top}Q0 ${top + 52} 252 ${top}`, look.colour, 14),
    }
  }
  const belt = (x: number) =>
    path(slab(x - 17, x + 17, top - 8, x - 15, x + 15, top + 130, 7), flatFill(sketch, look.second)) +
    rect(x - 21, top + 62, 42, 30, 'none', 5, 'stroke="#d9b25f" stroke-width="6"')
  return {
    stands: 206,
    scale: 1.16,
    detail: [-110, -200],
    near: 1.7,
    art:
      path(back, linear(sketch, 'across', [0, c.deep], [1, c.shade])) +
      path(outline, straw) +
      path(outline, linear(sketch, 'across', [0, c.deep, 0.25], [0.3, c.glint, 0.25], [0.6, c.base, 0], [1, c.deep, 0.6])) +
      path(outline, linear(sketch, 'down', [0, c.deep, 0.3], [0.14, c.deep, 0], [0.7, c.deep, 0], [1, c.deep, 0.5])) +
      bar(`M-252 ${top}Q0 ${top + 52} 252 ${top}`, look.colour, 26) +
      stroke(`M-250 ${top}Q0 ${top + 52} 250 ${top}`, c.deep, 20, 'stroke-dasharray="3 13" opacity="0.5"') +
      bar('M-200 -8Q0 16 200 -8', look.colour, 18) +
      at(0, 26, belt(-104) + belt(104)),
  }
}

export function drawWheel(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const r = 300
  const spokes = Array.from({ length: 32 }, (_, index) => {
    const at = (index / 32) * Math.PI * 2
    const from = at + (index % 2 === 0 ? 1 : -1) * 0.95
    return `M${n(Math.cos(from) * 27)} ${n(Math.sin(from) * 27)}L${n(Math.cos(at) * (r - 42))} ${n(Math.sin(at) * (r - 42))}`
  }).join('')
  const ringOf = (radius: number, colour: string, width: number, more = '') =>
    `<circle cx="0" cy="0" r="${n(radius)}" fill="none" stroke="${colour}" stroke-width="${n(width)}"${more}/>`
  const rim = linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.3, c.light], [0.5, c.base], [0.75, c.deep], [1, c.light])
  const tread = Array.from({ length: 90 }, (_, index) => {
    const angle = (index / 90) * Math.PI * 2
    return `M${n(Math.cos(angle) * (r + 6))} ${n(Math.sin(angle) * (r + 6))}L${n(Math.cos(angle + 0.03) * (r + 19))} ${n(Math.sin(angle + 0.03) * (r + 19))}`
  }).join('')
  return {
    scale: 1.12,
    detail: [40, 20],
    near: 1.9,
    art:
      [8, 16, 25]
        .map(
          (step) =>
            `<circle cx="${n(step * 0.7)}" cy="${step}" r="${r - 12}" fill="none" stroke="#2a1f24" stroke-width="60" opacity="0.07"/>`,
        )
        .join('') +
      ringOf(r, linear(sketch, [0, 0, 1, 1], [0, '#55524f'], [0.4, '#2b2928'], [1, '#121111']), 40) +
      stroke(tread, '#0c0b0b', 3, 'opacity="0.6"') +
      ringOf(r - 18, '#b58a5a', 7, ' opacity="0.85"') +
      ringOf(r - 34, rim, 26) +
      ringOf(r - 34, c.deep, 2, ' opacity="0.4"') +
      stroke(spokes, '#2a1f24', 3.4, 'opacity="0.2" transform="translate(6 9)"') +
      stroke(spokes, '#8d9195', 3.2) +
      stroke(spokes, '#f4f5f5', 1.2) +
      ellipse(0, 0, 36, 36, bezel(sketch, '#c9ccce')) +
      ellipse(0, 0, 24, 24, bezel(sketch, '#6d7073')) +
      ellipse(0, 0, 9, 9, '#1d1c1b') +
      stroke('M0 0L0 -20L52 -28', '#a9adb0', 9, 'transform="rotate(24)"') +
      rect(-6, r - 64, 12, 34, '#c19b4c', 4, 'transform="rotate(14)"'),
  }
}

export function drawHelmet(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const shell =
    'M-214 -120C-228 -280 -120 -380 10 -380C140 -380 236 -290 232 -150C230 -116 210 -104 170 -104C60 -86 -60 -84 -170 -96C-200 -98 -212 -104 -214 -120Z'
  const vent = (x: number, y: number, w: number, h: number, turn: number) => {
    const d = `M${-w} 0C${-w} ${-h * 0.8} ${w * 0.2} ${-h} ${w} ${-h * 0.7}C${w * 1.1} ${h * 0.2} ${w * 0.2} ${h * 0.8} ${-w} 0Z`
    return at(
      x,
      y,
      path(d, mix(c.deep, '#000000', 0.45)) + path(d, 'none', `stroke="${c.glint}" stroke-width="2.4" opacity="0.5"`),
      1,
      turn,
    )
  }
  const strap = ramp(look.second)
  return {
    stands: 190,
    scale: 1.26,
    detail: [-30, -250],
    near: 1.7,
    art:
      path(
        'M-190 -110C-190 -60 -150 -24 -60 -14C60 -4 170 -20 214 -112Z',
        linear(sketch, 'across', [0, '#4a4745'], [0.5, '#2b2928'], [1, '#121111']),
      ) +
      stroke('M-120 -96C-110 -40 -70 0 -20 4M100 -98C80 -40 40 -4 -20 4', strap.deep, 15) +
      stroke('M-120 -96C-110 -40 -70 0 -20 4M100 -98C80 -40 40 -4 -20 4', strap.base, 11) +
      rect(-40, -6, 40, 18, flatFill(sketch, '#3a3837'), 6) +
      path(shell, radial(sketch, [0.34, 0.24], 0.86, [0, c.glint], [0.22, c.light], [0.55, c.base], [0.85, c.shade], [1, c.deep])) +
      clipped(sketch, shell, stroke('M-216 -128C-60 -104 90 -108 234 -138', c.deep, 26, 'opacity="0.22"')) +
      vent(-110, -236, 34, 44, -24) +
      vent(-30, -262, 30, 56, -6) +
      vent(58, -258, 30, 54, 10) +
      vent(140, -220, 28, 42, 30) +
      vent(-70, -334, 20, 18, -30) +
      vent(44, -346, 22, 16, 8) +
      path(
        'M-226 -124C-250 -112 -252 -92 -226 -90C-150 -78 -110 -80 -90 -88L-130 -102Z',
        linear(sketch, 'down', [0, c.base], [1, c.deep]),
      ) +
      sheen(sketch, -90, -318, 70, 26, -30, 0.6),
  }
}

export function drawPump(sketch: Sketch, look: Look): Part {
  if (look.pattern === 'mini') return miniPump(sketch, look)
  const metal = isMetal(look.name)
  const barrel = turned([ring(-400, 34, true), ring(-40, 34, true)])
  const foot = 'M-150 -6Q-150 -34 -110 -36L110 -36Q150 -34 150 -6Q150 0 140 0L-140 0Q-150 0 -150 -6Z'
  const gauge = at(
    0,
    -96,
    ellipse(5, 8, 62, 62, '#140f10', 'opacity="0.25"') +
      ellipse(0, 0, 60, 60, bezel(sketch, '#b9bdc1')) +
      ellipse(0, 0, 50, 50, '#f6f2e8') +
      Array.from({ length: 11 }, (_, index) => stroke('M0 -42L0 -34', '#2b2a29', 2.6, `transform="rotate(${-130 + index * 26})"`)).join(
        '',
      ) +
      stroke('M0 6L0 -32', '#b23426', 4, 'transform="rotate(38)"') +
      ellipse(0, 0, 5, 5, '#2b2a29'),
  )
  return {
    stands: 150,
    scale: 1.06,
    detail: [0, -110],
    near: 2,
    art:
      bar('M60 -60C190 -70 220 -260 200 -420C190 -520 120 -540 90 -470', '#232120', 13, 0.4) +
      rect(74, -486, 34, 56, flatFill(sketch, '#3a3837'), 9) +
      rect(-8, -590, 16, 196, roundFill(sketch, '#b9bdc1', 'metal')) +
      path(foot, linear(sketch, 'down', [0, '#55524f'], [1, '#1d1b1a'])) +
      path(barrel, roundFill(sketch, look.colour, metal ? 'metal' : 'glazed')) +
      sheen(sketch, -16, -240, 5, 110, 0, 0.7) +
      path(turned([ring(-424, 26, true), ring(-418, 42), ring(-392, 42, true)]), roundFill(sketch, '#2f2d2c')) +
      ellipse(0, -424, 26, 5, '#4a4745') +
      path(
        slab(-136, 136, -640, -130, 130, -586, 26),
        linear(
          sketch,
          'down',
          [0, ramp(look.second).glint],
          [0.3, ramp(look.second).light],
          [0.6, ramp(look.second).base],
          [1, ramp(look.second).deep],
        ),
      ) +
      gauge,
  }
}

function miniPump(sketch: Sketch, look: Look): Part {
  const tube = boxed(-230, -34, 190, 34, 18)
  const c = ramp(look.colour)
  const end = ramp(look.second)
  const knurl = Array.from({ length: 8 }, (_, index) =>
    stroke(`M${162 + index * 10} -34L${162 + index * 10} 34`, end.deep, 2, 'opacity="0.5"'),
  )
  const lever = path(slab(-150, 120, -17, -150, 120, 17, 14), flatFill(sketch, '#d9702f'))
  const patches =
    path(boxed(-60, -50, 60, 50, 10), flatFill(sketch, '#f3ede0')) + ellipse(-20, 0, 24, 24, '#2b2a29') + ellipse(28, 4, 17, 17, '#2b2a29')
  const art =
    path(tube, '#2a1f24', 'opacity="0.2" transform="translate(14 24)"') +
    path(tube, linear(sketch, 'down', [0, c.light], [0.3, c.glint], [0.5, c.base], [1, c.deep])) +
    rect(-280, -42, 70, 84, linear(sketch, 'down', [0, '#6b6866'], [0.4, '#34322f'], [1, '#121111']), 20) +
    rect(150, -38, 96, 76, linear(sketch, 'down', [0, end.light], [0.3, end.glint], [0.6, end.base], [1, end.deep]), 14) +
    knurl.join('') +
    ellipse(-246, 0, 12, 12, '#0f0f10') +
    at(40, 150, lever, 1, 8) +
    at(70, 220, patches, 1, -12)
  return { scale: 1.12, detail: [-60, 0], near: 1.4, art: at(0, 0, art, 1, -32) }
}
