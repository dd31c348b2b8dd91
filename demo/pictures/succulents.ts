import { mix, ramp } from './colour.ts'
import type { Foliage } from './foliage.ts'
import { ballFill } from './light.ts'
import type { Look } from './look.ts'
import { at, ellipse, linear, n, path, stroke } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

const capsule = (x: number, top: number, bottom: number, r: number) =>
  `M${n(x - r)} ${n(bottom)}L${n(x - r)} ${n(top + r)}A${n(r)} ${n(r)} 0 0 1 ${n(x + r)} ${n(top + r)}L${n(x + r)} ${n(bottom)}Z`

/** Short spines along a rib. */
function spines(x: number, top: number, bottom: number): string {
  return Array.from({ length: Math.floor((bottom - top) / 22) }, (_, index) => {
    const y = top + 12 + index * 22
    return stroke(`M${n(x)} ${n(y)}l-5 -5M${n(x)} ${n(y)}l5 -5M${n(x)} ${n(y)}l0 6`, '#fff4d8', 1.5, 'opacity="0.9"')
  }).join('')
}

function ribbed(sketch: Sketch, x: number, top: number, bottom: number, r: number): string {
  const fill = linear(sketch, 'across', [0, '#5c8757'], [0.25, '#8fb57c'], [0.5, '#6a9562'], [0.8, '#43683f'], [1, '#385838'])
  const ribs = [-0.72, -0.38, 0, 0.38, 0.72]
  return (
    path(capsule(x, top, bottom, r), fill) +
    ribs
      .map((t) =>
        stroke(
          `M${n(x + t * r)} ${n(bottom)}L${n(x + t * r)} ${n(top + r)}Q${n(x + t * r * 0.9)} ${n(top + r * 0.3)} ${n(x + t * r * 0.4)} ${n(top + 5)}`,
          '#2f4d31',
          5,
          'opacity="0.42"',
        ),
      )
      .join('') +
    [-0.55, -0.19, 0.19, 0.55].map((t) => spines(x + t * r, top + r * 0.5, bottom - 6)).join('')
  )
}

/** A ribbed column with an arm, and one flower. */
export function cactus(sketch: Sketch): Foliage {
  const arm = 'M52 -128C104 -128 118 -140 118 -196'
  const bloom = [0, 60, 120, 180, 240, 300]
    .map((turn) => at(-8, -312, path('M0 0C10 -14 9 -30 0 -38C-9 -30 -10 -14 0 0Z', '#e58fa0'), 1, turn - 90 + 60))
    .join('')
  return {
    behind: '',
    front:
      stroke(arm, '#385838', 50) +
      stroke(arm, '#5f8a58', 42, 'transform="translate(-2 -3)"') +
      stroke(arm, '#83aa72', 14, 'transform="translate(-9 -9)"') +
      ribbed(sketch, 118, -252, -176, 25) +
      ribbed(sketch, 0, -312, 10, 62) +
      bloom +
      ellipse(-8, -312, 8, 7, '#f6d36a'),
  }
}

/** A globe with golden spines. */
export function barrel(sketch: Sketch): Foliage {
  const r = 122
  const y = -r * 0.78
  const ribs = Array.from({ length: 11 }, (_, index) => {
    const t = Math.sin(((index - 5) / 5.4) * (Math.PI / 2))
    const x = t * r
    const line = `M${n(x * 0.16)} ${n(y - r * 0.92)}C${n(x * 1.12)} ${n(y - r * 0.72)} ${n(x * 1.12)} ${n(y + r * 0.6)} ${n(x * 0.6)} ${n(y + r * 0.84)}`
    const tufts = [-0.62, -0.36, -0.08, 0.2, 0.48].map((v) => {
      const [px, py]: Point = [x * Math.sqrt(1 - v * v * 0.86), y + v * r]
      return stroke(
        `M${n(px)} ${n(py)}l-9 -9M${n(px)} ${n(py)}l0 -12M${n(px)} ${n(py)}l9 -9M${n(px)} ${n(py)}l-9 5M${n(px)} ${n(py)}l9 5`,
        '#f0d27a',
        1.8,
        `opacity="${n(0.95 - Math.max(0, t) * 0.3)}"`,
      )
    })
    return stroke(line, '#2c4a2c', 6, 'opacity="0.4"') + tufts.join('')
  })
  return {
    behind: '',
    front: ellipse(0, y, r, r * 0.94, ballFill(sketch, '#5f8a4e')) + ribs.join('') + ellipse(0, y - r * 0.86, 26, 9, '#e9d9a2'),
  }
}

/** A rosette of blades; the short wide kind is striped. */
export function aloe(sketch: Sketch, { width: w, height: h }: Look): Foliage {
  const striped = h < 0.8
  const green = striped ? '#55804f' : '#7fa088'
  const blades: [number, number][] = [
    [-72, 250],
    [70, 260],
    [-40, 320],
    [42, 330],
    [-4, 360],
    [-98, 190],
    [96, 196],
    [-58, 230],
    [60, 226],
    [-20, 268],
    [24, 262],
    [-84, 130],
    [82, 136],
  ]
  const art = blades.map(([turn, length], index) => {
    const l = length * h
    const wide = 32 * w
    const c = ramp(mix(green, index % 3 === 0 ? '#a9c39c' : '#3f6650', 0.2))
    const d = `M${n(-wide)} 0C${n(-wide * 1.1)} ${n(-l * 0.34)} ${n(-wide * 0.6)} ${n(-l * 0.7)} 0 ${n(-l)}C${n(wide * 0.6)} ${n(-l * 0.7)} ${n(wide * 1.1)} ${n(-l * 0.34)} ${n(wide)} 0Z`
    const marks = Array.from({ length: Math.floor(l / 20) }, (_, mark) => {
      const y = -16 - mark * 20
      const reach = wide * (1 - (mark * 20) / l) * 0.7
      return striped
        ? stroke(`M${n(-reach)} ${n(y)}Q0 ${n(y - 7)} ${n(reach)} ${n(y)}`, '#e9f0dc', 3, 'opacity="0.6"')
        : ellipse(reach * (mark % 2 === 0 ? -0.5 : 0.4), y, 3, 5, '#eef3e4', 'opacity="0.5"')
    })
    const teeth = Array.from({ length: 6 }, (_, tooth) => {
      const t = 0.16 + tooth * 0.13
      const x = wide * (1.02 - t * 0.86)
      return path(`M${n(x)} ${n(-l * t)}l6 -5l-5 -5Z`, c.glint) + path(`M${n(-x)} ${n(-l * t)}l-6 -5l5 -5Z`, c.glint)
    })
    return at(
      (turn / 98) * 34 * w,
      6,
      path(d, linear(sketch, 'across', [0, c.light], [0.5, c.base], [1, c.deep])) + marks.join('') + teeth.join(''),
      1,
      turn * 0.74,
    )
  })
  return { behind: art.slice(0, 5).join(''), front: art.slice(5).join('') }
}

/** A small trunk with plump leaves; in a bowl it is an old one. */
export function jade(sketch: Sketch, { pattern: kind }: Look): Foliage {
  const bonsai = kind === 'bowl'
  const trunk = bonsai
    ? 'M-34 8C-10 -30 -26 -70 -60 -110C-92 -146 -96 -170 -90 -196L-70 -200C-66 -170 -36 -150 -14 -122C-2 -160 34 -170 52 -218L72 -212C60 -160 26 -140 20 -96C16 -60 26 -24 44 8Z'
    : 'M-18 8C-12 -50 -24 -90 -56 -150L-38 -160C-20 -130 -4 -112 2 -96C12 -130 30 -156 46 -180L62 -170C46 -130 24 -92 22 -56C20 -28 20 -10 22 8Z'
  const spots: Point[] = bonsai
    ? [
        [-88, -216],
        [-120, -186],
        [-56, -214],
        [-92, -256],
        [66, -232],
        [100, -204],
        [36, -226],
        [70, -276],
        [-8, -250],
        [0, -206],
        [128, -232],
        [-132, -226],
      ]
    : [
        [-60, -176],
        [-92, -150],
        [-28, -190],
        [-66, -226],
        [50, -206],
        [84, -178],
        [20, -216],
        [54, -256],
        [-8, -260],
        [100, -216],
        [-104, -196],
        [0, -300],
      ]
  const tones = ['#5e8f4f', '#76a75c', '#8dbb6a', '#497a45']
  const leafFill = tones.map((tone) => ballFill(sketch, tone))
  const clusters = spots.map(
    ([x, y], index) =>
      Array.from({ length: 6 }, (_, petal) => {
        const turn = petal * 60 + index * 23
        return at(
          x,
          y,
          ellipse(24, 0, 23, 15, leafFill[(index + petal) % 4] as string) +
            (petal % 2 === 0 ? stroke('M44 -5Q48 0 44 5', '#c4683f', 2.4, 'opacity="0.6"') : ''),
          1,
          turn,
        )
      }).join('') + ellipse(x, y, 12, 9, leafFill[(index + 2) % 4] as string),
  )
  const moss = bonsai ? ellipse(-40, 2, 70, 10, '#6d8a4a') + ellipse(60, 4, 54, 8, '#7f9a55') : ''
  return {
    behind: '',
    front: moss + path(trunk, linear(sketch, 'across', [0, '#a98a68'], [0.5, '#8a6d50'], [1, '#574230'])) + clusters.join(''),
  }
}
