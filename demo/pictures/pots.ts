import { ramp } from './colour.ts'
import { roundFill, sheen } from './light.ts'
import { isMetal } from './look.ts'
import type { Look } from './look.ts'
import { frontArc, ring, TILT, turned } from './shapes.ts'
import type { Ring } from './shapes.ts'
import { clipped, ellipse, linear, path, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

interface Pot {
  art: string
  foot: number
  mouth: number
  /** The height of the soil. */
  soil: number
  /** What is seen of `content` on the pot's outside only. */
  shade(content: string): string
}

/** A plant pot in the look's colour: a classic rim in earthen colours, a plain cylinder in the others, a bowl for a bonsai. */
export function drawPot(sketch: Sketch, look: Look): Pot {
  const c = ramp(look.colour)
  const earthen = ['terracotta', 'rust', 'brick', 'ochre', 'blush', 'apricot', 'coral'].includes(look.name)
  const rings = look.pattern === 'bowl' ? bowl() : look.form === 'trailing' ? small() : earthen ? classic() : cylinder()
  const mouth = rings[0]?.r ?? 100
  const top = rings[0]?.y ?? -150
  const d = turned(rings)
  const wide = Math.max(...rings.map(({ r }) => r))
  const rim = earthen && look.pattern !== 'bowl' && look.form !== 'trailing'
  return {
    foot: rings.at(-1)?.r ?? 90,
    mouth,
    soil: top + 6,
    shade: (content) => clipped(sketch, d, content),
    art:
      path(d, roundFill(sketch, look.colour, isMetal(look.name) ? 'metal' : earthen ? 'matte' : 'glazed')) +
      path(d, linear(sketch, 'down', [0, '#fffaf0', 0.1], [0.3, '#fffaf0', 0], [0.7, c.deep, 0], [1, c.deep, 0.36])) +
      (rim
        ? stroke(frontArc(top + 47, wide * 0.92), c.deep, 6, 'opacity="0.32"') +
          stroke(frontArc(top + 42, wide * 0.955), c.light, 2, 'opacity="0.7"')
        : '') +
      (earthen ? '' : sheen(sketch, -wide * 0.5, top * 0.5, wide * 0.09, Math.abs(top) * 0.3, 1, 0.7)) +
      ellipse(0, top, mouth, mouth * TILT, linear(sketch, 'across', [0, c.base], [0.3, c.glint], [0.7, c.light], [1, c.shade])) +
      ellipse(0, top + 1.5, mouth - 9, (mouth - 9) * TILT, c.deep) +
      ellipse(
        0,
        top + 5,
        mouth - 11,
        (mouth - 11) * TILT * 0.86,
        linear(sketch, 'across', [0, '#2e2219'], [0.6, '#4a3828'], [1, '#5d4835']),
      ),
  }
}

const classic = (): Ring[] => [ring(-172, 112, true), ring(-128, 108, true), ring(-126, 101, true), ring(0, 78, true)]
const cylinder = (): Ring[] => [ring(-166, 106, true), ring(-12, 98), ring(0, 90, true)]
const small = (): Ring[] => [ring(-140, 96, true), ring(-70, 98), ring(-10, 80), ring(0, 74, true)]
const bowl = (): Ring[] => [ring(-82, 158, true), ring(-70, 156), ring(-20, 128, true), ring(-18, 112, true), ring(0, 116, true)]
