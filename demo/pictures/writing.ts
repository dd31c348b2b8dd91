import { mix, ramp } from './colour.ts'
import { flatFill, lying } from './light.ts'
import type { Look } from './look.ts'
import { boxed } from './shapes.ts'
import { ellipse, linear, n, path, pattern, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** A book open in the middle, with a few lines written and something drawn. */
export function openBook(sketch: Sketch, look: Look): string {
  const cover = boxed(-346, -262, 346, 262, 16)
  const leafLeft = 'M-330 -244C-220 -258 -90 -258 -4 -236L-4 246C-90 226 -220 226 -330 242Z'
  const leafRight = 'M330 -244C220 -258 90 -258 4 -236L4 246C90 226 220 226 330 242Z'
  const dotted = pattern(sketch, 22, 22, ellipse(11, 11, 1.5, 1.5, '#8d8371', 'opacity="0.7"'))
  const ink = '#36465a'
  const written = Array.from({ length: 9 }, (_, index) => {
    const y = -170 + index * 40
    const end = -60 - ((index * 67) % 90)
    const wobble = Array.from(
      { length: 10 },
      (_unused, step) => `q${n((end + 290) / 40)} ${step % 2 === 0 ? -7 : 7} ${n((end + 290) / 20)} ${n(Math.sin(step + index) * 2)}`,
    ).join('')
    return index === 0
      ? stroke(`M-292 ${y}l120 0`, look.colour, 5, 'opacity="0.85"')
      : stroke(`M-292 ${y}${wobble}`, ink, 2.4, 'opacity="0.75"')
  }).join('')
  const sketchOnPage =
    stroke(
      'M110 60C104 0 118 -60 168 -74C218 -60 232 0 226 60C224 92 112 92 110 60ZM226 -30C272 -40 276 34 224 34M120 -52C140 -40 196 -40 216 -52',
      ink,
      3,
      'opacity="0.75"',
    ) + stroke('M130 30L120 66M146 36L138 82M162 38L156 86M92 92C140 106 220 104 262 88', ink, 1.8, 'opacity="0.5"')
  return (
    lying(cover, 'translate(6 10)', 0.9) +
    path(cover, flatFill(sketch, look.colour)) +
    [10, 6, 2]
      .map(
        (step) =>
          `<path d="${leafLeft}" transform="translate(${-step * 0.7} ${step})" fill="#e9dfca"/><path d="${leafRight}" transform="translate(${step * 0.7} ${step})" fill="#ddd2bc"/>`,
      )
      .join('') +
    path(leafLeft, linear(sketch, 'across', [0, '#fffaf0'], [0.75, '#f6efdf'], [1, '#d2c5ab'])) +
    path(leafRight, linear(sketch, 'across', [0, '#cfc2a8'], [0.16, '#f4ecdb'], [1, '#fbf5e8'])) +
    path(leafLeft, dotted) +
    path(leafRight, dotted) +
    written +
    sketchOnPage +
    stroke('M0 -238L0 246', '#8b7c64', 2.4, 'opacity="0.6"') +
    path('M-6 240L-2 318L8 304L16 320L10 240Z', ramp(mix(look.second, '#a63a2b', 0.6)).base)
  )
}

/** A pencil lying along its own y axis, its point up. */
export function drawPencil(sketch: Sketch, colour: string): string {
  const c = ramp(colour)
  const shaft = 'M-13 -170L13 -170L13 210L-13 210Z'
  const outline = 'M0 -224L13 -170L13 240Q0 250 -13 240L-13 -170Z'
  return (
    lying(outline, '', 0.45) +
    path(shaft, linear(sketch, 'across', [0, c.light], [0.32, c.light], [0.34, c.base], [0.68, c.base], [0.7, c.deep], [1, c.deep])) +
    path('M0 -224L13 -170Q6 -162 0 -170Q-6 -162 -13 -170Z', linear(sketch, 'across', [0, '#f2d9b4'], [0.5, '#dcb986'], [1, '#a98252'])) +
    path('M0 -224L5 -203Q0 -199 -5 -203Z', '#2b2a29') +
    rect(-13, 196, 26, 24, linear(sketch, 'across', [0, '#f0e3b8'], [0.5, '#c19b4c'], [1, '#7d6126'])) +
    path('M-13 220L13 220L13 240Q0 250 -13 240Z', linear(sketch, 'across', [0, '#e7a293'], [1, '#a85a4c']))
  )
}

export function eraser(sketch: Sketch): string {
  const d = boxed(-52, -26, 52, 26, 10)
  return lying(d, '', 0.5) + path(d, flatFill(sketch, '#f3efe6')) + rect(-52, -26, 62, 52, flatFill(sketch, '#4a6280'), 8)
}
