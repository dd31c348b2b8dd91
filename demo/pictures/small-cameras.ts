import { dial, shellOf } from './camera-parts.ts'
import type { Camera } from './camera-parts.ts'
import { mix, ramp } from './colour.ts'
import { bezel, drawLens, leatherette } from './lens.ts'
import { flatFill, roundFill, sheen } from './light.ts'
import { isMetal } from './look.ts'
import type { Look } from './look.ts'
import { boxed } from './shapes.ts'
import { at, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export function instant(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w, height: h } = look
  const top = -330 * h
  const c = ramp(colour)
  const body = `M${n(-216 * w)} -60C${n(-226 * w)} ${n(top * 0.5)} ${n(-220 * w)} ${n(top * 0.8)} ${n(-190 * w)} ${n(top * 0.92)}C${n(-150 * w)} ${n(top)} ${n(150 * w)} ${n(top)} ${n(190 * w)} ${n(top * 0.92)}C${n(220 * w)} ${n(top * 0.8)} ${n(226 * w)} ${n(top * 0.5)} ${n(216 * w)} -60C${n(212 * w)} -14 ${n(190 * w)} 0 ${n(150 * w)} 0L${n(-150 * w)} 0C${n(-190 * w)} 0 ${n(-212 * w)} -14 ${n(-216 * w)} -60Z`
  const print = at(
    70 * w,
    top + 8,
    rect(-78, -128, 156, 140, flatFill(sketch, '#fbf8f1'), 5) +
      rect(-62, -112, 124, 92, linear(sketch, 'down', [0, '#9dc3d6'], [0.5, '#e9d8b4'], [0.52, '#7fa08a'], [1, '#4f7357'])) +
      ellipse(24, -86, 14, 14, '#f6e3a4'),
    1,
    3,
  )
  return {
    half: 220 * w,
    height: -top + 90,
    lens: [-6, top * 0.42],
    scale: 1.25 / Math.max(1, w),
    art:
      print +
      shellOf(sketch, body, colour) +
      rect(-120 * w, top * 0.99, 240 * w, 9, '#2b2725', 4, 'opacity="0.65"') +
      shellOf(sketch, boxed(88 * w, top * 0.86, 176 * w, top * 0.64, 14), '#efece6') +
      rect(100 * w, top * 0.84, 64 * w, 46 * h, linear(sketch, [0, 0, 1, 1], [0, '#ffffff'], [0.5, '#d9d8d2'], [1, '#a8a7a1']), 8) +
      rect(-172 * w, top * 0.84, 60 * w, 40 * h, '#1b1a19', 9) +
      rect(-165 * w, top * 0.82, 46 * w, 28 * h, linear(sketch, [0, 0, 1, 1], [0, '#cfe0e4'], [0.4, '#4a6670'], [1, '#151c20']), 5) +
      ellipse(-142 * w, top * 0.52, 25, 25, bezel(sketch, '#b9bdc1')) +
      ellipse(-142 * w, top * 0.52, 19, 19, roundFill(sketch, mix(colour, '#a63a2b', 0.7))) +
      at(
        -6,
        top * 0.42,
        ellipse(6, 10, 128, 128, c.deep, 'opacity="0.35"') +
          ellipse(0, 0, 124, 124, bezel(sketch, second)) +
          drawLens(sketch, 94, second === '#F1EDE4' ? '#efece6' : '#34322f'),
      ) +
      sheen(sketch, -120 * w, top * 0.9, 80, 14, -6, 0.5) +
      rect(-60 * w, -34, 120 * w, 12, ramp(colour).shade, 6),
  }
}

export function compact(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w } = look
  const film = look.pattern === 'film'
  const panorama = look.form === 'panorama'
  const half = (panorama ? 276 : 222) * w
  const top = film ? -226 : -214
  const body = boxed(-half, top, half, 0, film ? 54 : 34)
  const flash = film
    ? rect(half - 118, top + 24, 76, 44, linear(sketch, [0, 0, 1, 1], [0, '#ffffff'], [0.5, '#d6d5cf'], [1, '#9c9b95']), 8) +
      rect(-half + 44, top + 26, 60, 36, '#171615', 7) +
      rect(-half + 50, top + 31, 48, 26, linear(sketch, [0, 0, 1, 1], [0, '#cfe0e4'], [0.4, '#48626c'], [1, '#151c20']), 4)
    : rect(half - 92, top + 20, 48, 26, linear(sketch, [0, 0, 1, 1], [0, '#ffffff'], [1, '#a8a7a1']), 6)
  const mic =
    look.pattern === 'mic'
      ? at(
          -120,
          top - 4,
          ellipse(0, -24, 76, 44, roundFill(sketch, '#4a4846')) +
            Array.from({ length: 40 }, (_, index) =>
              stroke(
                `M${n(Math.cos(index) * 62)} ${n(-24 + Math.sin(index) * 34)}l${n(Math.cos(index * 1.7) * 22)} ${n(Math.sin(index * 2.3) * 18)}`,
                index % 2 === 0 ? '#6b6866' : '#2f2d2c',
                3,
              ),
            ).join(''),
        )
      : ''
  const drum = panorama
    ? shellOf(sketch, boxed(-92, top - 16, 92, 10, 20), second, true) +
      rect(-70, top + 16, 140, -top - 30, linear(sketch, 'across', [0, '#0c0b0b'], [0.3, '#3a3837'], [0.5, '#171615'], [1, '#060606']), 10)
    : ''
  return {
    half,
    height: -top + 20,
    lens: [panorama ? 0 : film ? 4 : 26, -104],
    art:
      dial(sketch, half - 64, top + 6, 30, 22, film ? '#2b2a29' : '#c9cbcc') +
      dial(sketch, half - 126, top + 6, 17, 13, '#b9bdc1') +
      mic +
      shellOf(sketch, body, colour, isMetal(look.name)) +
      (film
        ? rect(-half + 6, -96, half * 2 - 12, 44, ramp(colour).shade, 8, 'opacity="0.3"')
        : leatherette(sketch, boxed(-half + 6, top + 60, half - 6, -22, 14), mix(colour, '#1c1b1a', 0.2))) +
      flash +
      (panorama ? '' : rect(-half + 18, top + 76, 22, 92, ramp(colour).deep, 11, 'opacity="0.4"')) +
      drum +
      at(
        panorama ? 0 : film ? 4 : 26,
        -104,
        panorama ? drawLens(sketch, 58, '#34322f') : drawLens(sketch, film ? 68 : 88, film ? second : '#34322f'),
      ),
  }
}

export function box(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w, height: h } = look
  const half = 172 * w
  const top = -350 * h
  const front = boxed(-half, top, half, 0, 12)
  const side = `M${n(half - 3)} ${n(top + 6)}L${n(half + 66)} ${n(top - 22)}L${n(half + 66)} -34L${n(half - 3)} -4Z`
  const roof = `M${n(-half + 4)} ${n(top + 3)}L${n(-half + 66)} ${n(top - 26)}L${n(half + 66)} ${n(top - 24)}L${n(half - 2)} ${n(top + 3)}Z`
  const c = ramp(colour)
  const wood = ['walnut', 'beech', 'cherry'].includes(look.name)
  const grain = wood
    ? Array.from({ length: 9 }, (_, index) =>
        stroke(
          `M${n(-half + 8)} ${n(top + 24 + index * (-top / 9))}C${n(-half * 0.3)} ${n(top + 16 + index * (-top / 9))} ${n(half * 0.3)} ${n(top + 36 + index * (-top / 9))} ${n(half - 8)} ${n(top + 22 + index * (-top / 9))}`,
          c.deep,
          1.8,
          'opacity="0.28"',
        ),
      ).join('')
    : ''
  const hole = look.pattern === 'pinhole'
  const face = ellipse(0, top * 0.58, 112 * w, 112 * w, bezel(sketch, second))
  return {
    half: half + 36,
    height: -top + 80,
    lens: [0, top * 0.58],
    scale: 1.3,
    art:
      stroke(
        `M${n(-half * 0.4)} ${n(top - 12)}C${n(-half * 0.4)} ${n(top - 92)} ${n(half * 0.8)} ${n(top - 92)} ${n(half * 0.8)} ${n(top - 16)}`,
        '#5a3a26',
        20,
      ) +
      stroke(
        `M${n(-half * 0.4)} ${n(top - 12)}C${n(-half * 0.4)} ${n(top - 92)} ${n(half * 0.8)} ${n(top - 92)} ${n(half * 0.8)} ${n(top - 16)}`,
        '#9a6a44',
        10,
      ) +
      path(side, linear(sketch, 'across', [0, c.shade], [1, c.deep])) +
      path(roof, linear(sketch, 'across', [0, c.glint], [1, c.light])) +
      shellOf(sketch, front, colour) +
      (wood ? grain : leatherette(sketch, boxed(-half + 14, top + 14, half - 14, -14, 8), colour)) +
      ellipse(half + 34, top * 0.4, 13, 30, roundFill(sketch, second, 'metal')) +
      face +
      (hole
        ? ellipse(0, top * 0.58, 42, 42, '#2b2725') +
          ellipse(0, top * 0.58, 5, 5, '#000000') +
          `<circle cx="0" cy="${n(top * 0.58)}" r="26" fill="none" stroke="#8d9195" stroke-width="2"/>`
        : at(0, top * 0.58, drawLens(sketch, 74 * w, '#34322f'))) +
      [
        [-0.72, 0.92],
        [0.72, 0.92],
      ]
        .map(
          ([x, y]) =>
            ellipse((x as number) * half, (y as number) * top, 17, 17, bezel(sketch, second)) +
            ellipse((x as number) * half, (y as number) * top, 12, 12, '#20282c'),
        )
        .join('') +
      rect(-half * 0.5, -58, half, 26, flatFill(sketch, second), 4),
  }
}

export function action(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w, height: h } = look
  const half = 176 * w
  const top = -268 * h
  const body = boxed(-half, top, half, 0, 40)
  const lens = boxed(half - 178, top + 18, half - 20, top + 172, 38)
  return {
    half,
    height: -top,
    lens: [half - 99, top + 95],
    scale: 1.5,
    art:
      rect(-half * 0.6, top - 13, 74, 18, flatFill(sketch, '#b23426'), 8) +
      shellOf(sketch, body, colour, isMetal(look.name)) +
      leatherette(sketch, boxed(-half + 14, top + 14, half - 14, -14, 30), mix(colour, '#1c1b1a', 0.15)) +
      rect(-half + 24, top + 34, 118 * w, 88, '#0f0f10', 12) +
      rect(-half + 30, top + 40, 106 * w, 76, linear(sketch, [0, 0, 1, 1], [0, '#5d7f8c'], [0.5, '#2b4450'], [1, '#121a1f']), 8) +
      shellOf(sketch, lens, ramp(second).shade) +
      at(half - 99, top + 95, drawLens(sketch, 62, '#2b2a29')) +
      ellipse(-half + 40, -40, 6, 6, '#e2553c') +
      [0, 1, 2, 3].map((index) => rect(-half + 66 + index * 14, -48, 6, 16, '#0f0f10', 3, 'opacity="0.6"')).join(''),
  }
}
