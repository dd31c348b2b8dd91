import { mix, ramp } from './colour.ts'
import { ballFill } from './light.ts'
import type { Look } from './look.ts'
import { blob, curve } from './shapes.ts'
import { aloe, barrel, cactus, jade } from './succulents.ts'
import { at, ellipse, keep, linear, n, path, stroke, use } from './svg.ts'
import type { Point, Sketch } from './svg.ts'

/** What grows out of a pot, with the soil at the origin. */
export interface Foliage {
  behind: string
  front: string
}

/** Draws the plant of a look. */
export function drawFoliage(sketch: Sketch, look: Look): Foliage {
  switch (look.form) {
    case 'monstera':
      return monstera(sketch, look)
    case 'snake':
      return snake(sketch, look)
    case 'fig':
      return fig(sketch, look)
    case 'palm':
      return palm(sketch, look)
    case 'trailing':
      return look.pattern === 'pearls' ? pearls(sketch) : pothos(sketch)
    case 'tree':
      return tree(sketch, look)
    case 'fern':
      return fern(sketch, look)
    case 'cactus':
      return cactus(sketch)
    case 'barrel':
      return barrel(sketch)
    case 'jade':
      return jade(sketch, look)
    default:
      return aloe(sketch, look)
  }
}

/** A leaf along the x axis from its stalk at the origin: two halves in different light, and a rib. */
function leaf(sketch: Sketch, outline: (side: 1 | -1) => string, length: number, colour: string, rib = true): string {
  const c = ramp(colour)
  return (
    path(outline(-1), linear(sketch, 'across', [0, c.base], [0.5, c.light], [1, mix(c.light, c.glint, 0.2)])) +
    path(outline(1), linear(sketch, 'across', [0, c.deep], [0.5, c.shade], [1, c.base])) +
    (rib ? stroke(`M0 0L${n(length * 0.94)} 0`, c.glint, Math.max(1.4, length * 0.012), 'opacity="0.45"') : '')
  )
}

/** A plain pointed oval half. */
function oval(length: number, width: number): (side: 1 | -1) => string {
  return (side) => `M0 0C${n(length * 0.2)} ${n(side * width * 0.72)} ${n(length * 0.66)} ${n(side * width * 0.62)} ${n(length)} 0Z`
}

function placed(x: number, y: number, degrees: number, content: string, scale = 1): string {
  return at(x, y, content, scale, degrees)
}

/** Half a monstera leaf: a heart with deep cuts between its lobes. */
function monsteraHalf(side: 1 | -1): string {
  const outer: Point[] = [
    [-22, 30],
    [6, 78],
    [46, 104],
    [60, 62],
    [86, 108],
    [124, 98],
    [112, 52],
    [152, 84],
    [182, 62],
    [158, 36],
    [198, 34],
    [222, 0],
  ]
  return `${curve([[0, 0], ...outer.map(([x, y]) => [x, side * y] as Point)], 0.85)}L0 0Z`
}

function monstera(sketch: Sketch, { width: w, height: h }: Look): Foliage {
  const green = '#3f6b3c'
  const leaves: [number, number, number, number, string][] = [
    [-60, -250, -148, 0.74, mix(green, '#25402a', 0.35)],
    [70, -300, -48, 0.78, mix(green, '#25402a', 0.35)],
    [-120, -170, -176, 0.86, green],
    [118, -180, -8, 0.92, mix(green, '#5c8a45', 0.3)],
    [-20, -330, -108, 0.96, green],
    [-96, -66, 166, 0.72, mix(green, '#5c8a45', 0.45)],
    [92, -82, 22, 0.8, green],
    [10, -190, -62, 1.0, mix(green, '#6c9a4e', 0.4)],
    [-30, -130, -128, 0.82, mix(green, '#6c9a4e', 0.3)],
  ]
  const stems = leaves
    .map(([x, y, , , colour]) =>
      stroke(`M0 6C${n(x * 0.1 * w)} ${n(y * 0.5 * h)} ${n(x * 0.6 * w)} ${n(y * 0.8 * h)} ${n(x * w)} ${n(y * h)}`, ramp(colour).shade, 5),
    )
    .join('')
  const art = leaves.map(([x, y, turn, size, colour]) =>
    placed(x * w, y * h, turn, leaf(sketch, monsteraHalf, 222, colour), size * Math.min(w, h) * 0.98),
  )
  return { behind: stems + art.slice(0, 5).join(''), front: art.slice(5).join('') }
}

function snake(sketch: Sketch, { height: h, pattern: kind }: Look): Foliage {
  const silver = kind === 'silver'
  const body = silver ? '#a9bfa4' : '#4c7048'
  const blades: [number, number, number][] = [
    [-46, 330, -7],
    [40, 360, 6],
    [0, 420, -1],
    [-76, 250, -15],
    [74, 270, 14],
    [-22, 300, 3],
    [26, 240, -4],
  ]
  const draw = ([x, length, lean]: [number, number, number], index: number) => {
    const l = length * h
    const width = silver ? 36 : 28
    const d = `M${n(-width * 0.5)} 4C${n(-width)} ${n(-l * 0.3)} ${n(-width * 0.9)} ${n(-l * 0.72)} 0 ${n(-l)}C${n(width * 0.9)} ${n(-l * 0.72)} ${n(width)} ${n(-l * 0.3)} ${n(width * 0.5)} 4Z`
    const c = ramp(mix(body, '#2d4a33', (index % 3) * 0.16))
    const bands = Array.from({ length: Math.floor(l / 26) }, (_, band) => {
      const y = -18 - band * 26
      const reach = width * 0.82 * Math.sin(Math.PI * Math.min(0.96, 0.16 + (band * 26) / l))
      return stroke(
        `M${n(-reach)} ${n(y)}Q${n(-reach * 0.3)} ${n(y - 9)} 0 ${n(y - 2)}T${n(reach)} ${n(y - 5)}`,
        c.deep,
        3.2,
        'opacity="0.34"',
      )
    }).join('')
    const edge = silver ? '#dbe6d2' : '#d9c86a'
    return placed(
      x,
      0,
      lean,
      path(d, linear(sketch, 'across', [0, c.light], [0.45, c.base], [1, c.shade])) +
        bands +
        path(d, 'none', `stroke="${edge}" stroke-width="${silver ? 1.6 : 4.4}" opacity="0.9"`),
    )
  }
  return { behind: '', front: blades.map(draw).join('') }
}

function fig(sketch: Sketch, { height: h, pattern: kind }: Look): Foliage {
  const fiddle = kind === 'fiddle'
  const green = fiddle ? '#557f3f' : '#35593f'
  const half = fiddle
    ? (side: 1 | -1) =>
        `M0 0C10 ${side * 34} 44 ${side * 34} 60 ${side * 30}C84 ${side * 26} 92 ${side * 66} 132 ${side * 58}C158 ${side * 50} 168 ${side * 22} 170 0Z`
    : oval(170, 74)
  const trunk =
    stroke(`M0 8C-8 ${n(-150 * h)} 10 ${n(-260 * h)} 2 ${n(-430 * h)}`, '#5b4634', 15) +
    stroke(`M-3 8C-11 ${n(-150 * h)} 7 ${n(-260 * h)} -1 ${n(-430 * h)}`, '#86694c', 5)
  const leaves = Array.from({ length: 14 }, (_, index) => {
    const t = index / 13
    const y = (-110 - t * 350) * h
    const side = index % 2 === 0 ? -1 : 1
    const turn = side < 0 ? -166 + t * 44 : -14 - t * 44
    const tone = mix(green, index % 3 === 0 ? '#7ba255' : '#27452f', 0.22)
    return placed(0, y, turn, leaf(sketch, half, 168, tone), (1.06 - t * 0.2) * 0.96)
  })
  const crown = placed(2, -452 * h, -92, leaf(sketch, half, 168, mix(green, '#9fbe63', 0.35)), 0.72)
  const lower = [
    placed(0, -86 * h, 164, leaf(sketch, half, 168, green), 0.8),
    placed(0, -70 * h, 14, leaf(sketch, half, 168, mix(green, '#27452f', 0.2)), 0.78),
  ]
  return { behind: trunk + lower.join('') + leaves.join('') + crown, front: '' }
}

/** A stalk that arches over, with leaflets on both sides. */
function frond(
  sketch: Sketch,
  reach: number,
  rise: number,
  drop: number,
  colour: string,
  leaflets: number,
  size: number,
  thin = 0.26,
): string {
  const c = ramp(colour)
  const point = (t: number): Point => [reach * t, -rise * Math.sin(t * Math.PI * 0.62) * 1.12 + drop * t * t]
  const blade = keep(sketch, `<path d="M0 0Q40 ${n(thin * 100)} 100 0Q40 ${n(thin * -70)} 0 0Z"/>`)
  const blades = Array.from({ length: leaflets }, (_, index) => {
    const t = 0.14 + (index / leaflets) * 0.86
    const [x, y] = point(t)
    const [x2, y2] = point(t + 0.02)
    const along = (Math.atan2(y2 - y, x2 - x) * 180) / Math.PI
    const l = size * Math.sin(Math.PI * (0.22 + 0.72 * t)) + 6
    const fill = index % 2 === 0 ? c.light : c.base
    const lean = Math.sign(reach)
    return use(blade, x, y, along - 46 * lean, l / 100, fill) + use(blade, x, y, along + 50 * lean, l / 100, c.shade)
  })
  const spine = curve(Array.from({ length: 9 }, (_, index) => point(index / 8)))
  return stroke(spine, c.shade, 3.4) + blades.join('')
}

function palm(sketch: Sketch, { width: w, height: h }: Look): Foliage {
  const green = '#4f7f45'
  const fronds: [number, number, number, string][] = [
    [-170, 390, 60, '#3c6440'],
    [180, 395, 50, '#3c6440'],
    [-110, 420, 20, green],
    [120, 415, 20, '#5f9150'],
    [-230, 330, 160, green],
    [236, 320, 170, '#466f42'],
    [-190, 220, 190, '#6a9a55'],
    [196, 216, 200, green],
    [-110, 330, 60, '#78a85e'],
    [120, 340, 70, '#5f9150'],
  ]
  const stalks = [-16, 0, 15]
    .map(
      (x) => stroke(`M${x} 6L${x * 1.6} ${n(-120 * h)}`, '#6f7a4a', 9) + stroke(`M${x - 2} 6L${x * 1.6 - 2} ${n(-120 * h)}`, '#9aa567', 3),
    )
    .join('')
  const art = fronds.map(([reach, rise, drop, tone], index) =>
    placed((index % 3) * 12 - 12, -60 * h, 0, frond(sketch, reach * w, rise * h, drop, tone, 19, 82)),
  )
  return { behind: stalks + art.slice(0, 6).join(''), front: art.slice(6).join('') }
}

function fern(sketch: Sketch, { width: w, height: h }: Look): Foliage {
  const tones = ['#4d7d40', '#5f9149', '#78a856', '#426c3a']
  const fronds: [number, number, number][] = [
    [-120, 320, 60],
    [130, 330, 50],
    [-90, 315, 40],
    [96, 310, 50],
    [-210, 250, 190],
    [216, 250, 200],
    [-250, 160, 270],
    [252, 150, 280],
    [-160, 190, 200],
    [170, 200, 190],
    [-70, 250, 90],
    [90, 240, 110],
    [-200, 90, 240],
    [206, 96, 250],
  ]
  const art = fronds.map(([reach, rise, drop], index) =>
    frond(sketch, reach * w, rise * h, drop * h, tones[index % 4] as string, 19, 54 * Math.min(w, 1), 0.34),
  )
  return { behind: art.slice(0, 6).join(''), front: art.slice(6).join('') }
}

function heart(length: number, width: number): (side: 1 | -1) => string {
  return (side) =>
    `M0 0C${n(-length * 0.16)} ${n(side * width * 0.3)} ${n(-length * 0.06)} ${n(side * width * 0.66)} ${n(length * 0.24)} ${n(side * width * 0.56)}C${n(length * 0.56)} ${n(side * width * 0.46)} ${n(length * 0.8)} ${n(side * width * 0.2)} ${n(length)} 0Z`
}

/** Vines that start in the pot and hang over its rim: where each leaf sits, and how it points. */
function vine(start: number, out: number, length: number, sway: number): Point[] {
  return [
    [start, 0],
    [start + out * 0.6, -34],
    [start + out, 20],
    [start + out * 1.1 + sway, 20 + length * 0.34],
    [start + out * 1.04 - sway * 0.6, 20 + length * 0.68],
    [start + out * 1.16 + sway * 0.4, 20 + length],
  ]
}

function pothos(sketch: Sketch): Foliage {
  const vines = [vine(-40, -70, 330, -10), vine(-20, -34, 420, 14), vine(30, 62, 380, 12), vine(50, 84, 250, -12), vine(6, 20, 300, -16)]
  const tones = ['#5d8c45', '#77a552', '#8fb85a', '#4a7a40']
  const hanging = vines.map((points, which) => {
    const leaves = points.slice(1).flatMap(([x, y], index) => {
      const next = points[index + 2] ?? [x, y + 30]
      const middle: Point = [(x + next[0]) / 2, (y + next[1]) / 2]
      const one = (place: Point, side: number, size: number) => {
        const tone = tones[(which + index + (side > 0 ? 1 : 0)) % 4] as string
        const splash = path('M8 0C20 -16 44 -18 60 -4C44 -4 26 -8 8 0Z', '#f0e6a0', 'opacity="0.7"')
        return placed(place[0], place[1], 90 - side * 38, leaf(sketch, heart(72, 66), 70, tone) + splash, size)
      }
      return [one([x, y], 1, 0.86 - index * 0.06), one(middle, -1, 0.8 - index * 0.06)]
    })
    return stroke(curve(points), '#6f8f4a', 3.4) + leaves.join('')
  })
  const top = [
    [-66, -30, -150],
    [-20, -54, -100],
    [34, -50, -72],
    [74, -26, -24],
    [0, -20, -120],
  ].map(([x, y, turn], index) =>
    placed(x as number, y as number, turn as number, leaf(sketch, heart(72, 66), 70, tones[index % 4] as string), 1),
  )
  return { behind: top.slice(0, 3).join(''), front: top.slice(3).join('') + hanging.join('') }
}

function pearls(sketch: Sketch): Foliage {
  const bead = ballFill(sketch, '#7fa65a')
  const strands = [-1, -0.86, -0.7, -0.34, 0.16, 0.62, 0.8, 0.98].map((t, index) =>
    vine(t * 62, t * 46, 190 + ((index * 83) % 190), index % 2 === 0 ? 9 : -9),
  )
  const art = strands.map((points) => {
    const beads = points.slice(1).flatMap((point, index) => {
      const next = points[index + 2]
      if (!next) return [ellipse(point[0], point[1], 9, 9, bead)]
      return Array.from({ length: 5 }, (_, step) => {
        const t = step / 5
        const x = point[0] + (next[0] - point[0]) * t + (step % 2 === 0 ? 7 : -7)
        return ellipse(x, point[1] + (next[1] - point[1]) * t, 9.4, 9.4, bead)
      })
    })
    return stroke(curve(points), '#6f8f4a', 2) + beads.join('')
  })
  const mound = Array.from({ length: 60 }, (_, index) =>
    ellipse(Math.sin(index * 2.4) * 84 * Math.sqrt(index / 60), -14 + Math.cos(index * 2.4) * 16 * Math.sqrt(index / 60), 9.6, 9.6, bead),
  ).join('')
  return { behind: '', front: mound + art.join('') }
}

function tree(sketch: Sketch, { pattern: kind }: Look): Foliage {
  const lemon = kind === 'lemon'
  const green = lemon ? '#4d7f3d' : '#7d8c66'
  const trunk = path(
    'M-16 6C-10 -60 -26 -110 -8 -190C-2 -230 -26 -262 -40 -296L-22 -300C-10 -270 2 -256 8 -240C16 -262 34 -280 44 -304L58 -298C44 -262 22 -240 18 -196C8 -120 24 -60 18 6Z',
    linear(sketch, 'across', [0, '#9a7d5c'], [0.4, '#7d6247'], [1, '#4d3a2a']),
  )
  const inside = path(
    blob([
      [-150, -330],
      [-120, -440],
      [-20, -510],
      [100, -470],
      [156, -370],
      [120, -280],
      [0, -250],
      [-110, -270],
    ]),
    mix(green, '#22361f', 0.6),
    'opacity="0.75"',
  )
  const outline = lemon ? 'M-27 0C-13 -14 13 -14 27 0C13 12 -13 12 -27 0Z' : 'M-26 0C-12 -8 10 -8 26 0C10 7 -12 7 -26 0Z'
  const shape = keep(sketch, `<path d="${outline}"/><path d="M-22 0L20 0" stroke="#fff" opacity="0.24"/>`)
  const leaves = Array.from({ length: 210 }, (_, index) => {
    const angle = index * 2.39996
    const r = Math.sqrt(1 - index / 210)
    const x = Math.cos(angle) * 172 * r
    const y = -378 + Math.sin(angle) * 142 * r
    const lit = 0.5 - x / 400 - (y + 378) / 340
    const tone =
      lit > 0.5
        ? mix(green, lemon ? '#9cc25a' : '#c5cfae', Math.min(0.75, lit - 0.2))
        : mix(green, lemon ? '#24421f' : '#3f4a35', Math.min(0.7, 0.6 - lit))
    const turn = (index * 97) % 360
    return use(shape, x, y, turn, 1, tone)
  })
  const fruitFill = lemon ? ballFill(sketch, '#f0c93a') : ballFill(sketch, '#4c4a5e')
  const fruit = [
    [-96, -330],
    [-30, -420],
    [70, -400],
    [104, -318],
    [10, -306],
    [-70, -440],
    [40, -470],
  ].map(([x, y]) => (lemon ? ellipse(x as number, y as number, 19, 23, fruitFill) : ellipse(x as number, y as number, 9, 12, fruitFill)))
  return { behind: trunk + inside + leaves.join('') + fruit.join(''), front: '' }
}
