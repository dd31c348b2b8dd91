import { ramp } from './colour.ts'
import { bezel } from './lens.ts'
import { bar, lying } from './light.ts'
import type { Look } from './look.ts'
import type { Part } from './part.ts'
import { boxed, rounded } from './shapes.ts'
import { at, ellipse, group, linear, path, pattern, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const QUILL = `M-150 -120L120 -128C186 -128 214 -90 222 -130L236 -120C236 -60 206 -72 206 0C206 72 236 60 236 120L222 130C214 90 186 128 120 128L-150 120Z${boxed(-110, -84, 150, -32, 16)}${boxed(-110, 32, 150, 84, 16)}`
const PLATFORM = `M-150 -150L150 -150Q166 -150 174 -136L190 -104Q196 -96 196 -84L196 84Q196 96 190 104L174 136Q166 150 150 150L-150 150Q-176 150 -176 124L-176 -124Q-176 -150 -150 -150Z${boxed(-130, -112, 140, -38, 16)}${boxed(-130, 38, 140, 112, 16)}`

function pins(): string {
  const along = [-150, -60, 30, 120].flatMap((x) => [-132, 132].map((y) => [x, y] as const))
  return [...along, [176, -70] as const, [176, 70] as const]
    .map(([x, y]) => ellipse(x, y, 8, 8, '#2b2a29') + ellipse(x - 2, y - 2, 4.6, 4.6, '#d9dadb'))
    .join('')
}

function teeth(colour: string): string {
  return Array.from({ length: 11 }, (_, index) =>
    path(`M${-140 + index * 26} -120l9 -16l9 16ZM${-140 + index * 26} 120l9 16l9 -16Z`, colour),
  ).join('')
}

export function pedal(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const quill = look.pattern === 'quill'
  const metal = linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.3, c.light], [0.6, c.base], [1, c.shade])
  const axle = 'M-300 0L180 0'
  const whole = quill ? QUILL : PLATFORM
  return {
    scale: 1.24,
    detail: [40, 0],
    near: 1.6,
    art: group(
      stroke(axle, '#2a1f24', 36, 'opacity="0.2" transform="translate(14 24)"') +
        `<path d="${whole}" fill-rule="evenodd" fill="#2a1f24" opacity="0.22" transform="translate(16 26)"/>` +
        (quill ? teeth(c.light) : '') +
        rect(-306, -13, 70, 26, pattern(sketch, 7, 26, rect(0, 0, 7, 26, '#c9ccce') + rect(0, 0, 3, 26, '#6d7073'))) +
        rect(-240, -17, 60, 34, linear(sketch, 'down', [0, '#f0f1f1'], [0.4, '#b9bdc1'], [1, '#6d7073']), 4) +
        `<path d="${whole}" fill-rule="evenodd" fill="${metal}"/>` +
        `<path d="${whole}" fill-rule="evenodd" fill="none" stroke="${c.glint}" stroke-width="2" opacity="0.5"/>` +
        rect(-150, -24, 330, 48, linear(sketch, 'down', [0, c.glint], [0.3, c.light], [0.6, c.base], [1, c.deep]), 22) +
        ellipse(190, 0, 22, 26, bezel(sketch, look.second)) +
        (quill ? '' : pins()),
      'rotate(-24)',
    ),
  }
}

export function grips(sketch: Sketch, look: Look): Part {
  const c = ramp(look.colour)
  const one = (x: number, y: number, turn: number) => {
    const d = rounded(
      [
        [-190, -46],
        [178, -46],
        [190, -34],
        [190, 34],
        [178, 46],
        [-190, 46],
      ],
      20,
    )
    const holes = Array.from({ length: 13 }, (_, index) =>
      stroke(`M${-160 + index * 26} -8l14 16M${-160 + index * 26} 8l14 -16`, ramp(look.colour).glint, 3, 'opacity="0.7"'),
    ).join('')
    return at(
      x,
      y,
      lying(d, '', 0.9) +
        path(d, linear(sketch, 'down', [0, c.base], [0.14, c.light], [0.3, c.glint], [0.48, c.light], [0.7, c.base], [1, c.deep])) +
        holes +
        stroke('M-172 0L172 0', c.deep, 1.6, 'opacity="0.4"') +
        rect(-214, -52, 32, 104, linear(sketch, 'down', [0, '#4a4846'], [0.3, '#8d8b88'], [0.6, '#34322f'], [1, '#171615']), 9) +
        rect(178, -54, 26, 108, linear(sketch, 'down', [0, '#e9dcc0'], [0.3, '#f6ecd6'], [0.7, '#c9a97c'], [1, '#8a6a44']), 12),
      1,
      turn,
    )
  }
  return { scale: 1.2, detail: [30, -80], near: 1.7, art: one(-14, -110, -28) + one(24, 120, -28) }
}

export function handlebar(look: Look): Part {
  const d = 'M-270 190C-262 60 -240 -60 -150 -110C-90 -142 -50 -120 0 -120C50 -120 90 -142 150 -110C240 -60 262 60 270 190'
  const grip = (side: 1 | -1) => `M${side * 258} 82L${side * 270} 190`
  return {
    scale: 1.18,
    detail: [210, 40],
    near: 1.7,
    art:
      stroke(d, '#2a1f24', 34, 'opacity="0.16" transform="translate(18 30)"') +
      bar(d, look.colour, 32, 1) +
      bar('M-46 -120L46 -120', look.colour, 40, 1) +
      stroke(
        'M-30 -138L-30 -102M-15 -138L-15 -102M0 -138L0 -102M15 -138L15 -102M30 -138L30 -102',
        ramp(look.colour).deep,
        2,
        'opacity="0.5"',
      ) +
      [-1, 1]
        .map(
          (side) =>
            bar(grip(side as 1 | -1), look.second, 46, 0.7) +
            stroke(grip(side as 1 | -1), ramp(look.second).glint, 2.4, 'stroke-dasharray="7 7" opacity="0.7"'),
        )
        .join(''),
  }
}
