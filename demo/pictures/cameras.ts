import { drawFieldCamera, drawMovieCamera, drawTwinLens } from './camera-kinds.ts'
import { dial, shellOf } from './camera-parts.ts'
import type { Camera } from './camera-parts.ts'
import { mix, ramp } from './colour.ts'
import { drawLens, leatherette } from './lens.ts'
import { contact, flatFill, FLOOR, HEIGHT, plate, plateTint, roundFill, WIDTH } from './light.ts'
import { isMetal } from './look.ts'
import type { FamilyPictures, Look } from './look.ts'
import { boxed, slab } from './shapes.ts'
import { action, box, compact, instant } from './small-cameras.ts'
import { at, ellipse, linear, n, path, rect, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

const TINT = '#d0cbc6'

export const cameraPictures: FamilyPictures = {
  portrait: (sketch, look) => {
    const camera = drawCamera(sketch, look)
    const scale = camera.scale ?? Math.min(1.22, 300 / camera.half)
    return (
      plate(sketch, plateTint(TINT, look.colour)) +
      contact(sketch, 400, FLOOR - 30, camera.half * scale * 0.94) +
      at(400, FLOOR - 30, camera.art, scale)
    )
  },
  inUse: (sketch, look) => {
    const camera = drawCamera(sketch, look)
    const scale = (camera.scale ?? Math.min(1.22, 300 / camera.half)) * (look.form === 'box' || look.form === 'action' ? 1.7 : 1.95)
    const x = 430 - camera.lens[0] * scale
    const y = 520 - camera.lens[1] * scale
    return (
      plate(sketch, plateTint('#c9c2b8', look.colour), WIDTH, HEIGHT, Math.max(760, y)) +
      contact(sketch, x, y, camera.half * scale, 0.9) +
      at(x, y, camera.art, scale)
    )
  },
}

/** Draws a camera of any form. */
export function drawCamera(sketch: Sketch, look: Look): Camera {
  switch (look.form) {
    case 'reflex':
      return reflex(sketch, look)
    case 'mirrorless':
      return mirrorless(sketch, look)
    case 'instant':
      return instant(sketch, look)
    case 'twin':
      return drawTwinLens(sketch, look)
    case 'compact':
    case 'panorama':
      return compact(sketch, look)
    case 'box':
      return box(sketch, look)
    case 'cine':
      return drawMovieCamera(sketch, look)
    case 'action':
      return action(sketch, look)
    case 'view':
      return drawFieldCamera(sketch, look)
    default:
      return rangefinder(sketch, look)
  }
}

function rangefinder(sketch: Sketch, look: Look): Camera {
  const { colour, second } = look
  const top = -270
  const metal = ramp(second)
  const plateShape = slab(-260, 260, top + 6, -266, 266, top + 84, 16)
  const base = slab(-266, 266, -34, -258, 258, 0, 12)
  const middle = boxed(-268, top + 70, 268, -26, 26)
  const windowAt = (x: number, w: number, tint: string) =>
    rect(x, top + 22, w, 38, '#171615', 5) +
    rect(x + 4, top + 26, w - 8, 30, linear(sketch, [0, 0, 1, 1], [0, '#dfe9ec'], [0.35, tint], [1, '#141d22']), 3)
  return {
    half: 268,
    height: 300,
    lens: [18, -126],
    art:
      dial(sketch, -176, top + 10, 36, 26, second) +
      dial(sketch, 150, top + 10, 42, 30, second) +
      dial(sketch, 220, top + 10, 22, 20, second) +
      rect(84, top - 8, 40, 16, roundFill(sketch, second, 'metal'), 4) +
      shellOf(sketch, middle, colour) +
      leatherette(sketch, middle, colour) +
      shellOf(sketch, plateShape, second, true) +
      shellOf(sketch, base, second, true) +
      stroke(`M-264 ${top + 84}L264 ${top + 84}`, metal.deep, 2, 'opacity="0.6"') +
      windowAt(-236, 66, '#48707c') +
      windowAt(120, 44, '#7c6a48') +
      rect(-20, top + 26, 74, 30, linear(sketch, 'across', [0, '#d8d6cf'], [0.5, '#a7a59d'], [1, '#6f6d66']), 4) +
      ellipse(-146, top + 44, 8, 8, '#b23426') +
      rect(-206, top + 104, 20, 78, flatFill(sketch, mix(second, '#2a2726', 0.1)), 9) +
      at(18, -126, drawLens(sketch, 104, second)),
  }
}

function reflex(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w } = look
  const long = look.pattern === 'long'
  const film = look.pattern === 'film'
  const skin = film ? second : mix(colour, '#2b2a29', isMetal(look.name) ? 0 : 0.1)
  const body = `M${n(-250 * w)} -226Q${n(-250 * w)} -252 ${n(-226 * w)} -254L${n(-96 * w)} -262L${n(-66 * w)} -336Q${n(-58 * w)} -350 ${n(-40 * w)} -350L${n(52 * w)} -350Q${n(70 * w)} -350 ${n(78 * w)} -336L${n(108 * w)} -262L${n(228 * w)} -254Q${n(252 * w)} -252 ${n(252 * w)} -226L${n(252 * w)} -26Q${n(252 * w)} 0 ${n(226 * w)} 0L${n(-226 * w)} 0Q${n(-250 * w)} 0 ${n(-250 * w)} -26Z`
  const wrap = boxed(-252 * w, -206, 252 * w, -34, 10)
  const grip = slab(-272 * w, -168 * w, -236, -266 * w, -158 * w, -4, 34)
  return {
    half: 262 * w,
    height: 350,
    lens: [16, -120],
    art:
      dial(sketch, 178 * w, -250, 40, 28, film ? second : '#3a3837') +
      dial(sketch, -178 * w, -250, film ? 36 : 26, 22, film ? second : '#3a3837') +
      (film ? '' : rect(-26, -372, 66, 26, flatFill(sketch, '#343231'), 5)) +
      shellOf(sketch, body, skin, film) +
      leatherette(sketch, wrap, film ? colour : mix(colour, '#1c1b1a', 0.35)) +
      path(`M${n(-62 * w)} -336L${n(72 * w)} -336L${n(92 * w)} -282L${n(-82 * w)} -282Z`, ramp(skin).deep, 'opacity="0.22"') +
      rect(-28, -318, 66, 12, mix(ramp(skin).glint, '#f4efe4', 0.5), 5, 'opacity="0.85"') +
      (film ? '' : shellOf(sketch, grip, mix(colour, '#1c1b1a', 0.3)) + leatherette(sketch, grip, mix(colour, '#1c1b1a', 0.3))) +
      ellipse(-120 * w, -184, 9, 9, film ? ramp(second).light : '#b23426') +
      at(16, -120, drawLens(sketch, long ? 138 : 122, film ? second : '#34322f', long)),
  }
}

function mirrorless(sketch: Sketch, look: Look): Camera {
  const { colour, second, width: w, height: h } = look
  const skin = look.secondName === 'silver' ? second : '#3a3837'
  const top = -246 * h
  const body = slab(-236 * w, 236 * w, top, -240 * w, 240 * w, 0, 24)
  const wrap = boxed(-242 * w, top + 46, 242 * w, -20, 12)
  const hump =
    look.secondName === 'silver'
      ? ''
      : shellOf(sketch, slab(-58, 72, top - 34, -78, 92, top + 12, 14), mix(colour, '#2b2a29', 0.08), isMetal(look.name))
  const grip = slab(-250 * w, -166 * w, top + 20, -246 * w, -158 * w, -4, 30)
  return {
    half: 244 * w,
    height: -top + 40,
    lens: [22, -114],
    art:
      dial(sketch, 150 * w, top + 4, 34, 24, skin) +
      dial(sketch, 214 * w, top + 4, 20, 18, skin) +
      dial(sketch, -196 * w, top + 6, 19, 14, '#c9cbcc') +
      hump +
      shellOf(
        sketch,
        body,
        look.secondName === 'silver' ? second : mix(colour, '#2b2a29', 0.06),
        look.secondName === 'silver' || isMetal(look.name),
      ) +
      leatherette(sketch, wrap, isMetal(look.name) ? '#2b2a29' : colour) +
      shellOf(sketch, grip, isMetal(look.name) ? '#2b2a29' : colour) +
      leatherette(sketch, grip, isMetal(look.name) ? '#2b2a29' : colour) +
      rect(156 * w, top + 14, 50, 20, '#171615', 6) +
      ellipse(-108 * w, top + 30, 8, 8, '#e9a24a') +
      at(22, -114, drawLens(sketch, 112, look.secondName === 'silver' ? '#c9cac9' : '#34322f')),
  }
}
