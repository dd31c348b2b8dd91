import { mix, ramp, withLightness } from './colour.ts'
import { flatFill, lying, plateTint, roundFill, sheen, tabletop } from './light.ts'
import type { FamilyPictures, Look } from './look.ts'
import { boxed } from './shapes.ts'
import { at, clipped, ellipse, linear, n, path, pattern, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'
import { drawPencil, eraser, openBook } from './writing.ts'

const TINT = '#d9cfc4'
const PAPER = '#f6f0e2'

export const notebookPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const turn = look.form === 'ledger' ? -7 : look.form === 'spiral' ? 6 : -9
    return tabletop(sketch, plateTint(TINT, look.colour)) + at(400, 505, drawNotebook(sketch, look), 1.16, turn)
  },
  inUse: (sketch, look) =>
    tabletop(sketch, withLightness('#c4a079', 0.72, 0.85)) +
    at(400, 480, openBook(sketch, look), 1, -6) +
    at(640, 800, drawPencil(sketch, look.colour), 1.06, 62) +
    at(180, 880, eraser(sketch), 1, 16),
}

/** Draws a closed notebook lying face up, centred on the origin. */
export function drawNotebook(sketch: Sketch, look: Look): string {
  const { width: w, height: h, form } = look
  const half = 200 * w
  const tall = 278 * h
  switch (form) {
    case 'stack':
      return stack(sketch, look, half * 0.94, tall * 0.94)
    case 'spiral':
      return spiral(sketch, look, half * 0.94, tall * 0.92)
    case 'journal':
      return journal(sketch, look, half * 0.98, tall)
    case 'pad':
      return pad(sketch, look, half * 0.94, tall * 0.9)
    case 'stitched':
      return stitched(sketch, look, half, tall)
    case 'soft':
      return book(sketch, look, half, tall, { thick: 9, radius: 26 })
    case 'ledger':
      return ledger(sketch, look, half * 1.06, tall)
    case 'planner':
      return planner(sketch, look, half, tall)
    default:
      return hardcover(sketch, look, half, tall)
  }
}

interface Binding {
  thick: number
  radius: number
}

/** A bound block: shadow, back cover, pages seen at the right and below, and the front cover. */
function book(sketch: Sketch, look: Look, half: number, tall: number, { thick, radius }: Binding, front = ''): string {
  const outline = boxed(-half, -tall, half, tall, radius)
  const pages = boxed(-half + 6, -tall + 6, half - 4, tall - 4, radius * 0.6)
  const cloth = pattern(
    sketch,
    4,
    4,
    stroke('M0 4L4 0', ramp(look.colour).deep, 0.8, 'opacity="0.22"') + stroke('M0 0L4 4', ramp(look.colour).glint, 0.6, 'opacity="0.18"'),
  )
  const leaves = Array.from({ length: Math.max(2, Math.round(thick / 4)) }, (_, index) => {
    const step = (index + 1) * (thick / (Math.round(thick / 4) + 1))
    return `<path d="${pages}" transform="translate(${n(step * 0.7)} ${n(step)})" fill="${index % 2 === 0 ? '#e7decb' : '#fbf6ea'}"/>`
  }).reverse()
  return (
    lying(outline, `translate(${n(thick * 0.5)} ${n(thick * 0.6)})`, 0.9) +
    path(outline, ramp(look.colour).deep, `transform="translate(${n(thick * 0.8)} ${n(thick * 1.1)})"`) +
    leaves.join('') +
    path(outline, flatFill(sketch, look.colour)) +
    path(outline, cloth) +
    clipped(sketch, outline, `${front + label(sketch, look, half, tall)}`) +
    stroke(`M${n(-half + 26)} ${n(-tall + 2)}L${n(-half + 26)} ${n(tall - 2)}`, ramp(look.colour).deep, 4, 'opacity="0.3"') +
    stroke(`M${n(-half + 30)} ${n(-tall + 2)}L${n(-half + 30)} ${n(tall - 2)}`, ramp(look.colour).glint, 2, 'opacity="0.3"') +
    path(outline, 'none', `stroke="${ramp(look.colour).glint}" stroke-width="1.6" opacity="0.45"`) +
    sheen(sketch, -half * 0.3, -tall * 0.6, half * 0.9, tall * 0.34, -24, 0.16)
  )
}

function label(sketch: Sketch, look: Look, half: number, tall: number): string {
  if (look.pattern !== 'label') return ''
  const [x, y, w, h] = [-half * 0.52, -tall * 0.6, half * 1.04, tall * 0.36]
  const ink = mix(look.colour, '#2a2422', 0.5)
  return (
    rect(x, y, w, h, flatFill(sketch, PAPER, 0.5), 6) +
    rect(x + 8, y + 8, w - 16, h - 16, 'none', 3, `stroke="${ink}" stroke-width="2.4" opacity="0.7"`) +
    [0.42, 0.6, 0.78]
      .map((t) => stroke(`M${n(x + 28)} ${n(y + h * t)}L${n(x + w - 28)} ${n(y + h * t)}`, ink, 1.6, 'opacity="0.5"'))
      .join('')
  )
}

function band(colour: string, x: number, tall: number): string {
  const c = ramp(colour)
  return (
    rect(x + 4, -tall - 2, 13, tall * 2 + 4, '#2a1f24', 0, 'opacity="0.25"') +
    rect(x, -tall - 3, 13, tall * 2 + 6, c.base) +
    rect(x + 2, -tall - 3, 3, tall * 2 + 6, c.light, 0, 'opacity="0.7"')
  )
}

function ribbons(colour: string, x: number, tall: number): string {
  const c = ramp(colour)
  return (
    path(
      `M${n(x)} ${n(tall - 4)}L${n(x + 4)} ${n(tall + 62)}L${n(x + 11)} ${n(tall + 52)}L${n(x + 18)} ${n(tall + 64)}L${n(x + 13)} ${n(tall - 4)}Z`,
      c.shade,
    ) + path(`M${n(x + 3)} ${n(tall - 4)}L${n(x + 7)} ${n(tall + 56)}`, 'none', `stroke="${c.light}" stroke-width="2" opacity="0.6"`)
  )
}

function hardcover(sketch: Sketch, look: Look, half: number, tall: number): string {
  const marbled =
    look.pattern === 'marbled'
      ? marbling(look, half, tall) +
        rect(-half, -tall, 74, tall * 2, flatFill(sketch, look.second)) +
        stroke(`M${n(-half + 75)} ${n(-tall)}L${n(-half + 75)} ${n(tall)}`, '#2a1f24', 2, 'opacity="0.35"')
      : ''
  return (
    ribbons(look.pattern === 'marbled' ? look.second : mix(look.second, '#a63a2b', 0.55), -half * 0.2, tall) +
    book(sketch, look, half, tall, { thick: 24, radius: 10 }, marbled) +
    (look.pattern === 'marbled' ? '' : band(look.second, half - 54, tall))
  )
}

function marbling(look: Look, half: number, tall: number): string {
  const tones = [ramp(look.colour).glint, ramp(look.colour).shade, '#f3ead6', ramp(look.colour).light, '#c9a45a', ramp(look.colour).deep]
  return Array.from({ length: 30 }, (_, index) => {
    const y = -tall - 30 + index * (tall / 14)
    const wave = Array.from(
      { length: 7 },
      (_unused, step) =>
        `Q${n(-half + (step + 0.5) * (half / 3.2))} ${n(y + (step % 2 === 0 ? 46 : -38) + ((index * 13) % 17))} ${n(-half + (step + 1) * (half / 3.2))} ${n(y + ((index * 7) % 11))}`,
    ).join('')
    return stroke(`M${n(-half - 6)} ${n(y)}${wave}`, tones[index % tones.length] as string, 5 + (index % 4) * 3, 'opacity="0.75"')
  }).join('')
}

function planner(sketch: Sketch, look: Look, half: number, tall: number): string {
  const tabs = [0, 1, 2, 3, 4, 5]
    .map((index) =>
      rect(
        half - 2,
        -tall + 40 + index * (tall / 3.4),
        24,
        tall / 4.4,
        withLightness([look.colour, '#c9a45a', '#b5563c', '#5f8a6b', '#4a6a85', '#8a6a8f'][index] as string, 0.74),
        4,
      ),
    )
    .join('')
  const moon = `<circle cx="0" cy="${n(-tall * 0.32)}" r="46" fill="${withLightness(look.colour, 0.94, 0.3)}" opacity="0.9"/><circle cx="20" cy="${n(-tall * 0.32 - 8)}" r="40" fill="${look.colour}"/>`
  const pen = at(
    half + 26,
    tall * 0.1,
    rect(-7, -150, 14, 290, roundFill(sketch, look.second, 'metal'), 6) +
      rect(-7, -150, 14, 60, roundFill(sketch, '#2b2a29'), 6) +
      rect(-2, -140, 5, 66, '#d9dadb', 2),
  )
  return (
    tabs +
    book(sketch, look, half, tall, { thick: 26, radius: 14 }, moon) +
    pen +
    path(boxed(half - 6, -30, half + 40, 34, 10), ramp(look.colour).shade, 'opacity="0.95"')
  )
}

function stitched(sketch: Sketch, look: Look, half: number, tall: number): string {
  const thread = ramp(look.second)
  const holes = [-0.8, -0.4, 0, 0.4, 0.8]
  const spine = rect(-half, -tall, 34, tall * 2, linear(sketch, 'across', [0, '#cdbfa6'], [0.5, '#f3ead8'], [1, '#d8ccb4']))
  const seams = holes
    .map(
      (t) =>
        stroke(
          `M${n(-half + 4)} ${n(t * tall - 26)}L${n(-half + 30)} ${n(t * tall - 26)}M${n(-half + 4)} ${n(t * tall + 26)}L${n(-half + 30)} ${n(t * tall + 26)}`,
          thread.shade,
          4,
        ) + stroke(`M${n(-half + 17)} ${n(t * tall - 26)}L${n(-half + 17)} ${n(t * tall + 26)}`, thread.base, 5, 'stroke-dasharray="9 4"'),
    )
    .join('')
  return book(sketch, look, half, tall, { thick: 20, radius: 4 }, spine + seams)
}

function ledger(sketch: Sketch, look: Look, half: number, tall: number): string {
  const leather = ramp(look.second)
  const corner = (x: number, y: number) =>
    path(
      `M${n(x * half)} ${n(y * tall)}L${n(x * half - x * 92)} ${n(y * tall)}L${n(x * half)} ${n(y * tall - y * 92)}Z`,
      flatFill(sketch, look.second),
    )
  const spine = rect(
    -half,
    -tall,
    96,
    tall * 2,
    linear(sketch, 'across', [0, leather.deep], [0.35, leather.light], [0.7, leather.base], [1, leather.shade]),
  )
  const raised = [-0.72, -0.36, 0, 0.36, 0.72]
    .map((t) => rect(-half, t * tall - 9, 96, 18, linear(sketch, 'down', [0, leather.glint], [0.5, leather.base], [1, leather.deep])))
    .join('')
  const rule = stroke(`M${n(-half + 97)} ${n(-tall)}L${n(-half + 97)} ${n(tall)}`, '#d9b25f', 3)
  return book(sketch, look, half, tall, { thick: 38, radius: 6 }, spine + raised + rule + corner(1, -1) + corner(1, 1))
}

function journal(sketch: Sketch, look: Look, half: number, tall: number): string {
  const c = ramp(look.colour)
  const cord = ramp(look.second)
  const flap = `M${n(half - 6)} ${n(-tall)}L${n(half * 0.36)} ${n(-tall)}C${n(half * 0.2)} ${n(-tall * 0.5)} ${n(half * 0.26)} ${n(tall * 0.5)} ${n(half * 0.38)} ${n(tall)}L${n(half - 6)} ${n(tall)}Z`
  const tie = `M${n(-half - 4)} 6L${n(half + 12)} -6M${n(-half - 4)} 24L${n(half + 12)} 14`
  return (
    book(sketch, look, half, tall, { thick: 32, radius: 20 }) +
    path(flap, '#2a1f24', 'opacity="0.25" transform="translate(-8 4)"') +
    path(flap, linear(sketch, 'across', [0, c.light], [0.3, c.base], [1, c.shade])) +
    stroke(
      `M${n(half * 0.4)} ${n(-tall + 10)}C${n(half * 0.25)} ${n(-tall * 0.5)} ${n(half * 0.31)} ${n(tall * 0.5)} ${n(half * 0.42)} ${n(tall - 10)}`,
      c.glint,
      2,
      'stroke-dasharray="8 7" opacity="0.6"',
    ) +
    stroke(tie, '#2a1f24', 9, 'opacity="0.22" transform="translate(3 6)"') +
    stroke(tie, cord.shade, 8) +
    stroke(tie, cord.light, 3, 'transform="translate(0 -1.6)"') +
    stroke(
      `M${n(half * 0.3)} 12C${n(half * 0.2)} 60 ${n(half * 0.44)} 110 ${n(half * 0.3)} 176M${n(half * 0.3)} 12C${n(half * 0.42)} 64 ${n(half * 0.16)} 104 ${n(half * 0.2)} 150`,
      cord.base,
      6,
    ) +
    ellipse(half * 0.3, 10, 15, 12, cord.base) +
    ellipse(half * 0.29, 7, 7, 5, cord.light)
  )
}

function stack(sketch: Sketch, look: Look, half: number, tall: number): string {
  const tones = [withLightness(look.colour, 0.88, 0.45), mix(look.colour, '#f1e7d3', 0.42), look.colour]
  return tones
    .map((colour, index) => {
      const one = book(
        sketch,
        { ...look, colour, pattern: index === 2 ? look.pattern : 'plain' },
        half,
        tall,
        { thick: 7, radius: 12 },
        index === 2 && look.pattern !== 'label' ? mark(look, tall) : '',
      )
      return at([30, -22, 4][index] as number, [-26, 14, 4][index] as number, one, 1, [13, -9, 2][index] as number)
    })
    .join('')
}

function mark(look: Look, tall: number): string {
  const pale = withLightness(look.colour, 0.93, 0.4)
  return stroke(
    `M-70 ${n(-tall * 0.45)}L70 ${n(-tall * 0.45)}M-70 ${n(-tall * 0.45 + 22)}L30 ${n(-tall * 0.45 + 22)}`,
    pale,
    7,
    'opacity="0.85"',
  )
}

function spiral(sketch: Sketch, look: Look, half: number, tall: number): string {
  const coils = Math.round(half / 11)
  const wire = Array.from({ length: coils }, (_, index) => {
    const x = -half + 26 + (index * (half * 2 - 52)) / (coils - 1)
    return (
      ellipse(x, -tall + 30, 5, 5, '#2a2422') +
      stroke(
        `M${n(x)} ${n(-tall + 30)}C${n(x - 10)} ${n(-tall - 26)} ${n(x + 10)} ${n(-tall - 26)} ${n(x + 5)} ${n(-tall + 8)}`,
        '#6d7073',
        6,
      ) +
      stroke(
        `M${n(x)} ${n(-tall + 30)}C${n(x - 10)} ${n(-tall - 26)} ${n(x + 10)} ${n(-tall - 26)} ${n(x + 5)} ${n(-tall + 8)}`,
        '#e6e7e8',
        2.6,
      )
    )
  }).join('')
  return (
    book(
      sketch,
      look,
      half,
      tall,
      { thick: 18, radius: 14 },
      rect(-half, tall * 0.5, half * 2, tall * 0.14, withLightness(look.colour, 0.93, 0.4), 0, 'opacity="0.85"'),
    ) + wire
  )
}

function pad(sketch: Sketch, look: Look, half: number, tall: number): string {
  const wide = look.width > 1.1
  const sheet = boxed(-half, -tall, half, tall, 5)
  const c = ramp(look.colour)
  const columns = wide
    ? Array.from({ length: 7 }, (_, index) =>
        stroke(
          `M${n(-half + (index + 1) * (half / 4))} ${n(-tall + 100)}L${n(-half + (index + 1) * (half / 4))} ${n(tall - 24)}`,
          c.base,
          2,
          'opacity="0.6"',
        ),
      ).join('')
    : Array.from({ length: 11 }, (_, index) =>
        stroke(
          `M${n(-half + 34)} ${n(-tall + 130 + index * 34)}L${n(half - 34)} ${n(-tall + 130 + index * 34)}`,
          c.base,
          1.6,
          'opacity="0.55"',
        ),
      ).join('')
  const edges = Array.from(
    { length: 7 },
    (_, index) =>
      `<path d="${sheet}" transform="translate(${n((7 - index) * 1.4)} ${n((7 - index) * 2.6)})" fill="${index % 2 === 0 ? c.base : c.light}"/>`,
  ).join('')
  const pencil = at(half * 0.5, tall + 24, drawPencil(sketch, look.second), 0.8, -72)
  return (
    lying(sheet, 'translate(8 14)', 0.8) +
    edges +
    path(sheet, flatFill(sketch, look.name === 'ink' ? '#33312f' : PAPER, 0.5)) +
    clipped(
      sketch,
      sheet,
      rect(-half, -tall, half * 2, 62, flatFill(sketch, look.colour)) +
        rect(-half, -tall + 62, half * 2, 5, '#2a1f24', 0, 'opacity="0.18"'),
    ) +
    columns +
    pencil
  )
}
