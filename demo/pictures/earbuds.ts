import { mix, ramp } from './colour.ts'
import { ballFill, bar, flatFill, lying, roundFill, sheen, tabletop } from './light.ts'
import { isMetal } from './look.ts'
import type { Look } from './look.ts'
import { boxed, slab } from './shapes.ts'
import { at, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** Small headphones lying on a table; with a tint they bring the table along. */
export function drawEarbuds(sketch: Sketch, look: Look, tint: string | undefined): string {
  const table = tint === undefined ? '' : tabletop(sketch, tint)
  if (look.form === 'wired') return table + wired(sketch, look)
  if (look.form === 'sport') return table + (look.pattern === 'band' ? neckband(sketch, look) : hooks(sketch, look))
  return table + at(400, 470, buds(sketch, look), 1.1 * (0.5 + look.width / 2))
}

function metallic(sketch: Sketch, look: Look): string {
  return isMetal(look.name)
    ? linear(
        sketch,
        [0, 0, 1, 1],
        [0, ramp(look.colour).light],
        [0.3, ramp(look.colour).glint],
        [0.55, ramp(look.colour).base],
        [1, ramp(look.colour).deep],
      )
    : flatFill(sketch, look.colour)
}

/** One bud: a round body, its silicone tip, and a stalk's worth of light. */
function bud(sketch: Sketch, look: Look, turn: number): string {
  const c = ramp(look.colour)
  const tip = '#d8d5cf'
  const body = isMetal(look.name) ? roundFill(sketch, look.colour, 'metal') : ballFill(sketch, look.colour)
  const round = 'M-56 0A56 50 0 1 1 56 0A56 50 0 1 1 -56 0Z'
  return at(
    0,
    0,
    lying(round, '', 0.7) +
      ellipse(48, 18, 34, 30, roundFill(sketch, look.name === 'ink' || look.name === 'graphite' ? '#4a4846' : tip)) +
      ellipse(68, 24, 12, 18, '#55524e', 'opacity="0.85"') +
      ellipse(0, 0, 56, 50, body) +
      `<ellipse cx="-10" cy="-4" rx="26" ry="24" fill="none" stroke="${c.deep}" stroke-width="2" opacity="0.35"/>` +
      ellipse(-10, 30, 4, 3, '#2b2a29', 'opacity="0.7"') +
      sheen(sketch, -22, -22, 18, 12, -30, 0.85),
    1,
    turn,
  )
}

function buds(sketch: Sketch, look: Look): string {
  const c = ramp(look.colour)
  const box = boxed(-190, -40, 190, 150, 92)
  const lid = slab(-184, 184, -230, -190, 190, -36, 84)
  const hollow = slab(-160, 160, -206, -162, 162, -52, 68)
  const well = (x: number) => ellipse(x, 40, 62, 56, mix(c.deep, '#000000', 0.25)) + ellipse(x + 4, 45, 52, 46, c.shade)
  return (
    at(
      -20,
      -60,
      lying(boxed(-190, -230, 190, 150, 92), '', 1.1) +
        path(lid, metallic(sketch, look)) +
        path(hollow, linear(sketch, 'down', [0, c.deep], [1, c.shade])) +
        rect(-60, -46, 120, 14, flatFill(sketch, '#b9bdc1'), 5) +
        path(box, metallic(sketch, look)) +
        path(boxed(-164, -14, 164, 126, 70), c.shade) +
        path(boxed(-164, -10, 164, 128, 70), linear(sketch, 'down', [0, c.shade], [1, c.base])) +
        well(-80) +
        well(80) +
        ellipse(0, 138, 5, 4, '#8fd0a0') +
        sheen(sketch, -110, -190, 60, 20, -14, 0.45),
    ) +
    at(-96, 268, bud(sketch, look, 24)) +
    at(112, 232, bud(sketch, look, 148))
  )
}

function hooks(sketch: Sketch, look: Look): string {
  const one = (x: number, y: number, side: 1 | -1) => {
    const hook = `M${n(side * 30)} -40C${n(side * 10)} -190 ${n(side * -150)} -190 ${n(side * -150)} -60C${n(side * -150)} 20 ${n(side * -130)} 70 ${n(side * -104)} 104`
    return at(
      x,
      y,
      stroke(hook, '#2a1f24', 20, 'opacity="0.16" transform="translate(14 20)"') +
        bar(hook, look.colour, 21) +
        at(0, 0, bud(sketch, look, side > 0 ? 30 : 150), 1.5),
    )
  }
  return one(300, 420, 1) + one(520, 640, -1)
}

function neckband(sketch: Sketch, look: Look): string {
  const loop = 'M210 420C190 240 290 190 400 190C510 190 610 240 590 420C584 520 560 600 540 660M210 420C216 520 240 600 260 660'
  const pod = (x: number, turn: number) => {
    const d = boxed(-36, -56, 36, 56, 30)
    return at(
      x,
      690,
      lying(d, '', 0.7) +
        path(d, flatFill(sketch, look.colour)) +
        path(boxed(-20, -36, 20, 20, 16), ramp(look.second).base) +
        sheen(sketch, -16, -40, 14, 8, -20, 0.7),
      1.1,
      turn,
    )
  }
  return (
    stroke(loop, '#2a1f24', 22, 'opacity="0.16" transform="translate(14 20)"') +
    bar(loop, mix(look.colour, '#2b2a29', 0.2), 21) +
    pod(256, 16) +
    pod(544, -16) +
    rect(372, 170, 56, 30, flatFill(sketch, look.second), 12)
  )
}

function wired(sketch: Sketch, look: Look): string {
  const cable = look.secondName === 'brass' ? '#3b3a39' : look.name === 'chalk' ? '#e9e6df' : mix(look.colour, '#3b3a39', 0.6)
  const loops =
    'M300 320C180 420 180 640 330 720C520 810 660 640 590 500C520 380 300 420 290 560C282 690 460 740 530 640C580 560 500 480 430 500C340 530 380 640 440 620'
  const pair = 'M300 320C330 260 300 210 268 186M300 320C360 270 420 250 470 262'
  const shell = (x: number, y: number, turn: number) => {
    const d = 'M-30 -34L26 -40C46 -38 46 38 26 40L-30 34C-42 20 -42 -20 -30 -34Z'
    return at(
      x,
      y,
      lying(d, '', 0.7) +
        ellipse(34, 0, 26, 32, roundFill(sketch, '#d8d5cf')) +
        ellipse(48, 0, 9, 18, '#55524e', 'opacity="0.8"') +
        path(
          d,
          linear(
            sketch,
            'down',
            [0, ramp(look.colour).light],
            [0.22, ramp(look.colour).glint],
            [0.5, ramp(look.colour).base],
            [1, ramp(look.colour).deep],
          ),
        ) +
        stroke('M-14 -36L-14 36', ramp(look.colour).deep, 2.4, 'opacity="0.5"'),
      1.15,
      turn,
    )
  }
  const plug = at(
    452,
    612,
    rect(
      0,
      -11,
      62,
      22,
      linear(sketch, 'down', [0, ramp(look.second).light], [0.4, ramp(look.second).base], [1, ramp(look.second).deep]),
      6,
    ) + rect(62, -6, 42, 12, linear(sketch, 'down', [0, '#f0d79a'], [0.5, '#c19b4c'], [1, '#7d6126']), 3),
    1,
    24,
  )
  return (
    stroke(`${loops}${pair}`, '#2a1f24', 11, 'opacity="0.16" transform="translate(9 13)"') +
    bar(`${loops}${pair}`, cable, 10) +
    shell(256, 168, -128) +
    shell(492, 262, 8) +
    rect(286, 306, 30, 30, flatFill(sketch, look.second), 8) +
    plug
  )
}
