import { mix } from './colour.ts'
import { drawFoliage } from './foliage.ts'
import { contact, FLOOR, HEIGHT, plate, plateTint, WIDTH } from './light.ts'
import type { FamilyPictures, Look } from './look.ts'
import { drawPot } from './pots.ts'
import { at, linear, n, path, radialAt, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#d3d6c2'
const SHELF = 560

export const plantPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const tint = plateTint(TINT, look.colour)
    if (look.form === 'trailing') {
      return (
        plate(sketch, tint, WIDTH, HEIGHT, 1010) +
        shelf(sketch) +
        contact(sketch, 400, SHELF - 2, 96) +
        at(400, SHELF - 2, drawPlant(sketch, look), 1.1)
      )
    }
    const pot = drawPot(sketch, look)
    const scale = scaleOf(look)
    return plate(sketch, tint) + contact(sketch, 400, FLOOR, pot.foot * scale) + at(400, FLOOR, drawPlant(sketch, look), scale)
  },
  inUse: (sketch, look) => {
    const tint = plateTint(mix(TINT, '#b9c4a4', 0.6), look.colour)
    const blur = [
      [140, 220, 190],
      [690, 330, 240],
      [620, 860, 260],
    ].map(([x, y, r]) =>
      rect(
        0,
        0,
        WIDTH,
        HEIGHT,
        radialAt(sketch, [x as number, y as number], r as number, [0, '#fdfbe6', 0.55], [0.7, '#f3f4d6', 0.25], [1, '#f3f4d6', 0]),
      ),
    )
    const scale = scaleOf(look) * closeness(look)
    const [x, y] = look.form === 'trailing' ? [360, 330] : [410, look.form === 'snake' || look.form === 'cactus' ? 1240 : 1180]
    return plate(sketch, tint, WIDTH, HEIGHT, 1200) + blur.join('') + at(x, y, drawPlant(sketch, look), scale)
  },
}

function scaleOf(look: Look): number {
  const scales: Record<string, number> = {
    cactus: 1.3,
    barrel: 1.35,
    aloe: 1.25,
    jade: 1.15,
    fern: 1.12,
    snake: 1.12,
    monstera: 1.02,
    palm: 0.96,
    fig: 1,
    tree: 1,
  }
  return (scales[look.form] ?? 1) / (look.form === 'fig' || look.form === 'palm' ? Math.max(1, look.height) : 1)
}

function closeness(look: Look): number {
  const near: Record<string, number> = { cactus: 2.1, barrel: 2.2, aloe: 2.1, jade: 2, trailing: 2, monstera: 1.75, fern: 2 }
  return near[look.form] ?? 1.75
}

function shelf(sketch: Sketch): string {
  return (
    rect(0, SHELF + 26, WIDTH, 70, linear(sketch, 'down', [0, '#4a3524', 0.3], [1, '#4a3524', 0])) +
    rect(0, SHELF - 6, WIDTH, 34, linear(sketch, 'down', [0, '#d9b488'], [0.3, '#c59a69'], [0.32, '#a97c4e'], [1, '#8c633c'])) +
    [0.2, 0.5, 0.78]
      .map((t) =>
        stroke(
          `M${n(WIDTH * t - 120)} ${SHELF + 2}C${n(WIDTH * t - 40)} ${SHELF + 6} ${n(WIDTH * t + 30)} ${SHELF - 2} ${n(WIDTH * t + 140)} ${SHELF + 3}`,
          '#8c633c',
          1.2,
          'opacity="0.4"',
        ),
      )
      .join('')
  )
}

/** A plant in its pot, its foot at the origin. Leaves behind the pot's rim are drawn first, those in front after it. */
export function drawPlant(sketch: Sketch, look: Look): string {
  const pot = drawPot(sketch, look)
  const { behind, front } = drawFoliage(sketch, look)
  const soil = pot.soil
  const shade = path(
    `M${n(-pot.mouth)} ${n(soil)}L${n(pot.mouth)} ${n(soil)}L${n(pot.mouth)} ${n(soil + 70)}L${n(-pot.mouth)} ${n(soil + 70)}Z`,
    linear(sketch, 'down', [0, '#2a2a1c', 0.28], [1, '#2a2a1c', 0]),
  )
  return at(0, soil, behind) + pot.art + (look.form === 'trailing' ? '' : pot.shade(shade)) + at(0, soil, front)
}
