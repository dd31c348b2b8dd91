import { ramp } from './colour.ts'
import type { Look } from './look.ts'
import { taper } from './shapes.ts'
import { ellipse, linear, n, path, pattern, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** An upholstered armchair, its feet around the origin. */
export function drawLounge(sketch: Sketch, { colour, second, width: w, height: h }: Look): string {
  const c = ramp(colour)
  const wood = ramp(second)
  const foot = (x: number, lean: number) =>
    path(taper([x, -70], [x + lean, -4], 13, 8), linear(sketch, 'across', [0, wood.light], [0.5, wood.base], [1, wood.deep]))
  const top = -190 - 270 * h
  const back = `M${n(-176 * w)} -150C${n(-196 * w)} ${n(top + 110)} ${n(-190 * w)} ${n(top + 8)} ${n(-110 * w)} ${n(top)}C${n(-50 * w)} ${n(top - 8)} ${n(50 * w)} ${n(top - 8)} ${n(110 * w)} ${n(top)}C${n(190 * w)} ${n(top + 8)} ${n(196 * w)} ${n(top + 110)} ${n(176 * w)} -150Z`
  const cushion = `M${n(-152 * w)} -252C${n(-100 * w)} -276 ${n(100 * w)} -276 ${n(152 * w)} -252C${n(176 * w)} -236 ${n(178 * w)} -176 ${n(158 * w)} -158C${n(100 * w)} -140 ${n(-100 * w)} -140 ${n(-158 * w)} -158C${n(-178 * w)} -176 ${n(-176 * w)} -236 ${n(-152 * w)} -252Z`
  const base = `M${n(-196 * w)} -150L${n(196 * w)} -150L${n(190 * w)} -76Q0 -54 ${n(-190 * w)} -76Z`
  const arm = (side: 1 | -1) => {
    const x = (value: number) => n(side * value * w)
    return `M${x(150)} -286C${x(152)} -326 ${x(246)} -330 ${x(252)} -284C${x(258)} -220 ${x(254)} -140 ${x(246)} -84C${x(226)} -66 ${x(178)} -64 ${x(160)} -72C${x(152)} -140 ${x(148)} -220 ${x(150)} -286Z`
  }
  const armTop = (side: 1 | -1) =>
    ellipse(side * 200 * w, -294, 46 * w, 20, linear(sketch, 'across', [0, c.glint], [1, c.light]), 'opacity="0.6"')
  const bouncle = pattern(
    sketch,
    16,
    16,
    ellipse(4, 4, 3.4, 2.6, c.light, 'opacity="0.35"') +
      ellipse(12, 11, 3.4, 2.6, c.deep, 'opacity="0.1"') +
      ellipse(11, 3, 2, 1.6, c.deep, 'opacity="0.1"'),
  )
  const soft = (d: string, from: number, to: number) =>
    path(d, linear(sketch, [0, 0, 1, 0.5], [0, c.light], [0.4, c.base], [1, c.shade])) +
    path(d, linear(sketch, 'down', [0, c.glint, from], [0.35, c.light, 0], [1, c.deep, to])) +
    path(d, bouncle)
  return (
    foot(-150 * w, -12) +
    foot(150 * w, 12) +
    soft(back, 0.55, 0.35) +
    stroke(`M${n(-140 * w)} ${n(top + 60)}C${n(-150 * w)} -330 ${n(-146 * w)} -290 ${n(-140 * w)} -260`, c.deep, 3, 'opacity="0.2"') +
    path(base, linear(sketch, 'across', [0, c.base], [0.4, c.shade], [1, c.deep])) +
    path(cushion, c.deep, 'opacity="0.4" transform="translate(0 8)"') +
    soft(cushion, 0.7, 0.4) +
    stroke(`M${n(-156 * w)} -204C${n(-90 * w)} -190 ${n(90 * w)} -190 ${n(156 * w)} -204`, c.deep, 2.4, 'opacity="0.28"') +
    soft(arm(-1), 0.5, 0.35) +
    armTop(-1) +
    path(arm(1), c.shade) +
    soft(arm(1), 0.3, 0.55) +
    armTop(1) +
    foot(-214 * w, -14) +
    foot(214 * w, 14)
  )
}
