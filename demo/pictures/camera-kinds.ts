import { shellOf } from './camera-parts.ts'
import type { Camera } from './camera-parts.ts'
import { mix, ramp } from './colour.ts'
import { bezel, drawLens, leatherette } from './lens.ts'
import { bar, flatFill, roundFill } from './light.ts'
import type { Look } from './look.ts'
import { boxed, polygon, slab } from './shapes.ts'
import { at, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

export function drawTwinLens(sketch: Sketch, look: Look): Camera {
  const { colour, second } = look
  const front = slab(-126, 126, -400, -130, 130, 0, 14)
  const hood = `M-112 -398L-132 -500L132 -500L112 -398Z`
  const board = boxed(-108, -380, 108, -34, 18)
  return {
    half: 170,
    height: 500,
    lens: [0, -112],
    scale: 1.2,
    art:
      path(hood, linear(sketch, 'across', [0, '#4a4745'], [0.4, '#2b2928'], [1, '#131212'])) +
      path('M-100 -410L-116 -486L116 -486L100 -410Z', linear(sketch, 'down', [0, '#0c0c0c'], [1, '#4a5a55'])) +
      path(
        polygon([
          [-132, -500],
          [-112, -398],
          [-126, -398],
          [-146, -494],
        ]),
        '#3d3a39',
      ) +
      shellOf(sketch, front, colour) +
      leatherette(sketch, front, colour) +
      shellOf(sketch, board, second, true) +
      rect(-100, -372, 200, 330, ramp(second).deep, 14, 'opacity="0.12"') +
      at(0, -284, drawLens(sketch, 74, second)) +
      at(0, -122, drawLens(sketch, 84, second)) +
      ellipse(146, -190, 20, 56, roundFill(sketch, second, 'metal')) +
      ellipse(146, -190, 20, 20, bezel(sketch, second)) +
      rect(-24, -398, 48, 12, flatFill(sketch, ramp(second).light), 3) +
      ellipse(-86, -52, 12, 12, bezel(sketch, second)) +
      ellipse(86, -52, 12, 12, bezel(sketch, second)),
  }
}

export function drawMovieCamera(sketch: Sketch, look: Look): Camera {
  const { colour } = look
  const body = slab(-150, 214, -330, -150, 222, -20, 22)
  const reel = (x: number, y: number, r: number) =>
    ellipse(x + 8, y + 10, r, r, '#140f10', 'opacity="0.25"') +
    ellipse(x, y, r, r, bezel(sketch, '#55575b')) +
    ellipse(x, y, r * 0.86, r * 0.86, flatFill(sketch, colour)) +
    [0, 1, 2, 3, 4]
      .map((index) =>
        ellipse(
          x + Math.cos(index * 1.2566 - 0.4) * r * 0.5,
          y + Math.sin(index * 1.2566 - 0.4) * r * 0.5,
          r * 0.19,
          r * 0.19,
          ramp(colour).deep,
        ),
      )
      .join('') +
    ellipse(x, y, r * 0.14, r * 0.14, bezel(sketch, '#b9bdc1'))
  const hood = `M-236 -292L-148 -262L-148 -94L-236 -64Z`
  return {
    half: 236,
    height: 560,
    lens: [-96, -178],
    scale: 1.12,
    art:
      reel(-30, -428, 104) +
      reel(140, -414, 84) +
      bar('M-110 -338C-110 -392 176 -392 176 -338', '#2b2a29', 20, 0.5) +
      shellOf(sketch, body, colour) +
      leatherette(sketch, slab(-30, 196, -300, -30, 200, -50, 12), mix(colour, '#161514', 0.35)) +
      path(hood, linear(sketch, 'down', [0, '#4a4745'], [0.5, '#232120'], [1, '#0d0c0c'])) +
      at(-96, -178, drawLens(sketch, 108, '#34322f')) +
      rect(60, -286, 120, 74, '#0f0f10', 8) +
      rect(68, -278, 104, 58, linear(sketch, [0, 0, 1, 1], [0, '#8fb5a5'], [0.5, '#3d6a5c'], [1, '#1a2f29']), 4) +
      [0, 1, 2].map((index) => ellipse(80 + index * 44, -104, 14, 14, bezel(sketch, '#b9bdc1'))).join('') +
      ellipse(188, -300, 8, 8, '#e2553c') +
      rect(-64, -22, 180, 22, flatFill(sketch, '#232120'), 4),
  }
}

export function drawFieldCamera(sketch: Sketch, look: Look): Camera {
  const { colour, second } = look
  const c = ramp(colour)
  const folds = Array.from({ length: 7 }, (_, index) => {
    const t = index / 6
    const half = 178 - t * 46
    const y = -470 + t * 44
    return `<rect x="${n(-half + 18 * t)}" y="${n(y)}" width="${n(half * 2)}" height="${n(400 - t * 86)}" fill="${index % 2 === 0 ? ramp(second).shade : ramp(second).base}" stroke="${ramp(second).deep}" stroke-width="2"/>`
  }).join('')
  const standard = boxed(-150, -400, 180, -78, 12)
  const bed = polygon([
    [-196, -40],
    [226, -40],
    [250, 0],
    [-220, 0],
  ])
  const brass = (x: number, y: number, r: number) => ellipse(x, y, r, r, bezel(sketch, '#c19b4c'))
  const grain = [-360, -320, -140, -104]
    .map((y, index) => stroke(`M-146 ${y}C-60 ${y - 8} 60 ${y + 10} 176 ${y + (index % 2 === 0 ? -3 : 4)}`, c.deep, 1.6, 'opacity="0.3"'))
    .join('')
  return {
    half: 226,
    height: 500,
    lens: [14, -240],
    scale: 1.14,
    art:
      shellOf(sketch, boxed(-206, -500, 206, -42, 12), colour) +
      folds +
      shellOf(sketch, standard, colour) +
      grain +
      rect(-112, -362, 252, 246, c.deep, 8, 'opacity="0.28"') +
      shellOf(sketch, boxed(-104, -356, 132, -124, 8), mix(colour, '#f0d9b0', 0.18)) +
      at(
        14,
        -240,
        ellipse(4, 7, 96, 96, c.deep, 'opacity="0.4"') + ellipse(0, 0, 94, 94, bezel(sketch, '#c19b4c')) + drawLens(sketch, 76, '#c19b4c'),
      ) +
      path(bed, linear(sketch, 'down', [0, c.light], [0.4, c.base], [1, c.deep])) +
      rect(-170, -50, 370, 14, linear(sketch, 'down', [0, '#e9cd8c'], [0.5, '#c19b4c'], [1, '#7d6126']), 4) +
      bar('M-150 -66L-190 -420M182 -66L206 -420', '#c19b4c', 9, 1) +
      brass(-186, -46, 19) +
      brass(214, -46, 19) +
      brass(-188, -400, 13) +
      brass(205, -400, 13) +
      stroke('M-60 -500C-60 -548 60 -548 60 -500', '#5a3a26', 17) +
      stroke('M-60 -500C-60 -548 60 -548 60 -500', '#8a5a38', 9),
  }
}
