import { ramp } from './colour.ts'
import { board, food } from './kitchen.ts'
import { lying, plateTint, tabletop } from './light.ts'
import { isWood } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { boxed, slab } from './shapes.ts'
import { at, clipped, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#c7cbc9'

export const knifePictures: FamilyPictures = {
  portrait: (sketch, look) =>
    tabletop(sketch, plateTint(TINT, look.colour)) + at(400, 500, centred(sketch, look), scaleOf(look), turnOf(look)),
  inUse: (sketch, look) =>
    tabletop(sketch, '#cfc6b8') +
    at(400, 520, board(sketch), 1, -6) +
    at(250, 300, food(sketch, look), 1) +
    at(430, 640, centred(sketch, look), Math.min(1, scaleOf(look) * 0.86), turnOf(look) + 18),
}

function scaleOf(look: Look): number {
  const scales: Record<string, number> = {
    paring: 1.35,
    oyster: 1.7,
    folding: 1.5,
    cheese: 1.25,
    steak: 1,
    mezzaluna: 1.15,
    cleaver: 1.06,
    nakiri: 1.1,
    slicer: 0.94,
    bread: 0.98,
    boning: 1.2,
  }
  return (scales[look.form] ?? 1.04) / Math.max(1, look.width * 0.98)
}

function turnOf(look: Look): number {
  return look.form === 'mezzaluna' ? -10 : look.form === 'steak' ? -62 : -52
}

/** A knife along the x axis, its handle to the left, centred on the origin. */
function centred(sketch: Sketch, look: Look): string {
  if (look.form === 'steak')
    return [0, 1, 2, 3]
      .map((index) =>
        at(-14 + (index % 2) * 30, -150 + index * 100, at(-22, 0, knife(sketch, { ...look, form: 'table' })), 1, index % 2 === 0 ? 2 : -2),
      )
      .join('')
  if (look.form === 'mezzaluna') return mezzaluna(sketch, look)
  const lengths: Record<string, number> = {
    paring: 190,
    oyster: 120,
    folding: 190,
    cheese: 236,
    boning: 300,
    cleaver: 330,
    nakiri: 330,
    santoku: 356,
    slicer: 520,
    bread: 470,
  }
  const blade = (lengths[look.form] ?? 420) * look.width
  return at((handleLength(look.form) - blade) / 2, 0, knife(sketch, look))
}

function handleLength(form: string): number {
  return { paring: 180, oyster: 170, folding: 220, table: 210, cheese: 210 }[form] ?? 230
}

/** The blade's outline from the heel at the origin: its back above, its edge below. */
function bladeOf({ form, width: w, pattern: kind }: Look): string {
  const long = (length: number) => length * w
  switch (form) {
    case 'santoku':
      return `M0 -34L${n(long(250))} -36C${n(long(320))} -34 ${n(long(350))} 4 ${n(long(356))} 40C${n(long(260))} 56 ${n(long(120))} 56 0 54Z`
    case 'paring':
      return kind === 'serrated'
        ? `M0 -17L${n(long(170))} -20L${n(long(206))} -8L${n(long(190))} 2L${n(long(200))} 14L${n(long(160))} 18L0 20Z`
        : `M0 -18L${n(long(110))} -18C${n(long(150))} -16 ${n(long(178))} -4 ${n(long(190))} 6C${n(long(140))} 22 ${n(long(60))} 24 0 23Z`
    case 'bread':
      return `M0 -24L${n(long(440))} -26C${n(long(462))} -24 ${n(long(470))} -8 ${n(long(470))} 8L${n(long(458))} 26${scallops(long(458), 26, 22)}L0 26Z`
    case 'nakiri':
      return `M0 -44L${n(long(300))} -46Q${n(long(330))} -44 ${n(long(330))} -12L${n(long(326))} 52C${n(long(220))} 58 ${n(long(100))} 58 0 56Z`
    case 'cleaver':
      return `M0 -84L${n(long(310))} -92Q${n(long(330))} -92 ${n(long(330))} -72L${n(long(324))} 66C${n(long(220))} 74 ${n(long(100))} 74 0 70Z`
    case 'slicer':
      return kind === 'hollow'
        ? `M0 -21L${n(long(490))} -22C${n(long(524))} -20 ${n(long(524))} 22 ${n(long(490))} 24L0 25Z`
        : `M0 -23L${n(long(380))} -22C${n(long(450))} -18 ${n(long(500))} 0 ${n(long(520))} 12C${n(long(380))} 28 ${n(long(180))} 30 0 28Z`
    case 'boning':
      return `M0 -20L${n(long(60))} -14C${n(long(160))} -16 ${n(long(240))} -14 ${n(long(300))} -6C${n(long(240))} 10 ${n(long(140))} 14 ${n(long(56))} 16C${n(long(30))} 18 ${n(long(14))} 30 0 30Z`
    case 'oyster':
      return `M0 -16L${n(long(70))} -16C${n(long(100))} -12 ${n(long(116))} -4 ${n(long(122))} 0C${n(long(116))} 6 ${n(long(100))} 14 ${n(long(70))} 17L0 17Z`
    case 'cheese':
      return 'M0 -20L170 -28C200 -30 226 -40 240 -56C236 -30 232 -16 222 -8C236 -4 244 4 248 22C226 20 204 22 186 26C120 34 50 30 0 24Z'
    case 'table':
      return 'M0 -12L140 -14C176 -12 206 0 220 10C170 20 80 22 0 18Z'
    case 'folding':
      return kind === 'straight'
        ? 'M0 -15L120 -17C160 -14 182 -2 194 6C150 20 70 22 0 19Z'
        : 'M0 -14C60 -22 120 -26 160 -10C184 0 192 22 184 40C168 22 120 20 60 22L0 20Z'
    case 'kiritsuke':
      return `M0 -36L${n(long(340))} -38L${n(long(424))} 34C${n(long(320))} 50 ${n(long(140))} 52 0 50Z`
    default:
      return `M0 -40L${n(long(230))} -38C${n(long(320))} -34 ${n(long(392))} -2 ${n(long(420))} 26C${n(long(330))} 54 ${n(long(150))} 62 0 58Z`
  }
}

function scallops(from: number, y: number, size: number): string {
  const count = Math.floor((from - 30) / size)
  return Array.from(
    { length: count },
    (_, index) => `Q${n(from - index * size - size / 2)} ${n(y - 9)} ${n(from - (index + 1) * size)} ${n(y)}`,
  ).join('')
}

function knife(sketch: Sketch, look: Look): string {
  const d = bladeOf(look)
  const steel = linear(
    sketch,
    'down',
    [0, '#8b9094'],
    [0.1, '#d5d8d9'],
    [0.3, '#f4f5f4'],
    [0.52, '#c2c6c8'],
    [0.66, '#a8adb1'],
    [0.69, '#e7e9e9'],
    [0.86, '#f7f8f8'],
    [1, '#b3b8bb'],
  )
  const sky = linear(
    sketch,
    'across',
    [0, '#5c666d', 0.35],
    [0.25, '#ffffff', 0.2],
    [0.5, '#5c666d', 0.1],
    [0.75, '#ffffff', 0.35],
    [1, '#5c666d', 0.25],
  )
  return (
    lying(d, '', 0.5) +
    path(d, steel) +
    path(d, sky) +
    clipped(sketch, d, etching(look)) +
    path(d, 'none', 'stroke="#6d7377" stroke-width="1.4" opacity="0.6"') +
    windows(look) +
    handleOf(sketch, look)
  )
}

function etching(look: Look): string {
  if (look.pattern === 'damask') {
    return Array.from({ length: 16 }, (_, index) => {
      const y = -48 + index * 7
      const wave = Array.from({ length: 9 }, (_unused, step) => `q14 ${(step + index) % 2 === 0 ? -9 : 8} 27 0t27 0`).join('')
      return stroke(`M-6 ${y}${wave}`, index % 2 === 0 ? '#4a5157' : '#f7f8f8', 2, 'opacity="0.5"')
    }).join('')
  }
  if (look.form === 'santoku' || look.pattern === 'hollow')
    return Array.from(
      { length: 11 },
      (_, index) =>
        ellipse(30 + index * (look.form === 'santoku' ? 28 : 42), 12, 8, 15, '#7d8489', 'opacity="0.4"') +
        ellipse(28 + index * (look.form === 'santoku' ? 28 : 42), 10, 6, 12, '#ffffff', 'opacity="0.4"'),
    ).join('')
  if (look.pattern === 'serrated')
    return Array.from({ length: 22 }, (_, index) => stroke(`M${index * 9} 22l3 -6`, '#5d6468', 1.6, 'opacity="0.6"')).join('')
  return ''
}

function windows(look: Look): string {
  if (look.form === 'cheese')
    return [
      [60, 0, 20],
      [108, -4, 17],
      [154, -6, 14],
    ]
      .map(
        ([x, y, r]) =>
          ellipse(x as number, y as number, r as number, (r as number) * 0.72, '#8d8a80', 'opacity="0.55"') +
          ellipse((x as number) + 2, (y as number) + 2, (r as number) * 0.86, (r as number) * 0.6, '#cfc9bb'),
      )
      .join('')
  if (look.form === 'cleaver') return ellipse(286, -58, 15, 15, '#7d8489') + ellipse(287, -57, 12, 12, '#c4c6c2')
  return ''
}

function handleOf(sketch: Sketch, look: Look): string {
  const c = ramp(look.colour)
  const l = handleLength(look.form)
  const big = look.form === 'cleaver' ? 1.16 : look.form === 'paring' || look.form === 'table' ? 0.82 : look.form === 'oyster' ? 1.16 : 1
  const japanese = ['chef', 'santoku', 'nakiri', 'slicer', 'kiritsuke'].includes(look.form)
  const half = 25 * big
  const d = japanese
    ? `M0 ${n(-half * 0.8)}L${n(-l)} ${n(-half * 1.02)}Q${n(-l - 9)} 0 ${n(-l)} ${n(half * 1.02)}L0 ${n(half * 0.8)}Z`
    : `M0 ${n(-half * 0.78)}C${n(-l * 0.3)} ${n(-half * 1.1)} ${n(-l * 0.6)} ${n(-half * 0.7)} ${n(-l * 0.86)} ${n(-half * 0.9)}C${n(-l)} ${n(-half)} ${n(-l - 10)} ${n(half * 0.9)} ${n(-l * 0.9)} ${n(half * 1.3)}C${n(-l * 0.66)} ${n(half * 1.1)} ${n(-l * 0.36)} ${n(half * 0.72)} 0 ${n(half * 0.94)}Z`
  const wood = isWood(look.name)
  const grain = wood
    ? [-0.55, -0.2, 0.12, 0.5]
        .map((t, index) =>
          stroke(
            `M-6 ${n(t * half)}C${n(-l * 0.3)} ${n(t * half + 4)} ${n(-l * 0.6)} ${n(t * half - 5)} ${n(-l)} ${n(t * half + (index % 2 === 0 ? 3 : -2))}`,
            c.deep,
            1.5,
            'opacity="0.4"',
          ),
        )
        .join('')
    : ''
  const rivets =
    japanese || look.form === 'folding' || look.form === 'oyster'
      ? ''
      : [0.22, 0.5, 0.78]
          .map((t) => ellipse(-l * t, 1, 6 * big, 6 * big, '#7d8185') + ellipse(-l * t - 1, 0, 4.4 * big, 4.4 * big, '#eceded'))
          .join('')
  const collar = japanese
    ? rect(-34, -half * 0.86, 34, half * 1.72, linear(sketch, 'down', [0, '#4a3b33'], [0.3, '#2b221d'], [1, '#120e0b']), 3)
    : rect(-13, -half * 0.86, 15, half * 1.84, linear(sketch, 'down', [0, '#f4f5f4'], [0.4, '#b5b9bc'], [1, '#777c80']), 3)
  const ringed =
    look.form === 'folding'
      ? rect(-26, -half * 0.95, 26, half * 2, linear(sketch, 'down', [0, '#f4f5f4'], [0.4, '#b5b9bc'], [1, '#6d7276']), 3) +
        ellipse(-l * 0.9, 4, 6, 6, '#2a1f1a')
      : ''
  const guard = look.form === 'oyster' ? boxed(-8, -46, 8, 46, 7) : ''
  return (
    lying(d, '', 0.5) +
    path(d, linear(sketch, 'down', [0, c.light], [0.22, c.glint], [0.4, c.light], [0.66, c.base], [1, c.deep])) +
    clipped(sketch, d, grain) +
    rivets +
    (look.form === 'folding' ? ringed : collar) +
    (guard === '' ? '' : path(guard, linear(sketch, 'down', [0, '#f4f5f4'], [0.5, '#a9adb0'], [1, '#777c80'])))
  )
}

function mezzaluna(sketch: Sketch, look: Look): string {
  const c = ramp(look.colour)
  const d = 'M-236 -60C-200 90 -110 150 0 150C110 150 200 90 236 -60L204 -66C170 40 100 84 0 84C-100 84 -170 40 -204 -66Z'
  const grip = (x: number) => {
    const body = slab(x - 26, x + 26, -230, x - 32, x + 32, -76, 20)
    return (
      lying(body, '', 0.6) +
      path(body, linear(sketch, 'across', [0, c.light], [0.3, c.glint], [0.6, c.base], [1, c.deep])) +
      rect(x - 22, -82, 44, 22, linear(sketch, 'across', [0, '#f4f5f4'], [0.5, '#b5b9bc'], [1, '#777c80']), 3)
    )
  }
  return (
    lying(d, '', 0.6) +
    path(d, linear(sketch, 'down', [0, '#9aa0a4'], [0.4, '#e9ebeb'], [0.62, '#b9bec1'], [0.8, '#f6f7f7'], [1, '#a5aaae'])) +
    path(d, 'none', 'stroke="#6d7377" stroke-width="1.4" opacity="0.6"') +
    grip(-218) +
    grip(218)
  )
}
