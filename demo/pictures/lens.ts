import { ramp } from './colour.ts'
import { ellipse, linear, n, path, pattern, radial, stroke } from './svg.ts'
import type { Sketch } from './svg.ts'

/** The fill of a turned metal ring seen from the front. */
export function bezel(sketch: Sketch, colour: string): string {
  const c = ramp(colour)
  return linear(sketch, [0, 0, 1, 1], [0, c.glint], [0.3, c.light], [0.5, c.base], [0.75, c.shade], [1, c.light])
}

/** Leather-like grain over an outline. */
export function leatherette(sketch: Sketch, d: string, colour: string): string {
  const c = ramp(colour)
  const grain = pattern(
    sketch,
    9,
    9,
    ellipse(2.4, 2.4, 2.2, 1.8, c.deep, 'opacity="0.34"') +
      ellipse(6.8, 6.6, 2.2, 1.8, c.deep, 'opacity="0.34"') +
      ellipse(2.2, 1.8, 1, 0.8, c.glint, 'opacity="0.25"') +
      ellipse(6.6, 6, 1, 0.8, c.glint, 'opacity="0.25"'),
  )
  return (
    path(d, linear(sketch, [0, 0, 1, 0.6], [0, c.light], [0.4, c.base], [1, c.shade])) +
    path(d, grain) +
    path(d, linear(sketch, 'down', [0, c.deep, 0.35], [0.12, c.deep, 0], [0.9, c.deep, 0], [1, c.deep, 0.3]))
  )
}

/** A lens from the front: barrel, knurled ring, glass with its coatings. */
export function drawLens(sketch: Sketch, r: number, barrel: string, long = false): string {
  const c = ramp(barrel)
  const circle = (radius: number, fill: string, more = '') => ellipse(0, 0, radius, radius, fill, more)
  const knurl = Array.from({ length: 48 }, (_, index) => {
    const angle = (index / 48) * Math.PI * 2
    return `M${n(Math.cos(angle) * r * 0.9)} ${n(Math.sin(angle) * r * 0.9)}L${n(Math.cos(angle) * r * 0.985)} ${n(Math.sin(angle) * r * 0.985)}`
  }).join('')
  const glass = radial(sketch, [0.42, 0.4], 0.66, [0, '#4a2f5c'], [0.28, '#26304f'], [0.6, '#101726'], [0.86, '#05070c'], [1, '#1a2230'])
  const marks = Array.from({ length: 20 }, (_, index) => {
    const angle = (index / 20) * Math.PI * 2
    return `M${n(Math.cos(angle) * r * 0.7)} ${n(Math.sin(angle) * r * 0.7)}L${n(Math.cos(angle) * r * 0.735)} ${n(Math.sin(angle) * r * 0.735)}`
  }).join('')
  return (
    ellipse(r * 0.1, r * 0.14, r * 1.04, r * 1.03, '#140f10', 'opacity="0.35"') +
    circle(r, bezel(sketch, barrel)) +
    stroke(knurl, c.deep, Math.max(1.6, r * 0.024), 'opacity="0.55"') +
    circle(r * 0.88, linear(sketch, [0, 0, 1, 1], [0, c.shade], [0.5, c.base], [1, c.light])) +
    circle(r * (long ? 0.84 : 0.8), linear(sketch, [0, 0, 1, 1], [0, '#0f0f10'], [0.5, '#2a2929'], [1, '#4a4948'])) +
    stroke(marks, '#d9d6cc', Math.max(1, r * 0.014), 'opacity="0.75"') +
    circle(r * (long ? 0.72 : 0.62), linear(sketch, [0, 0, 1, 1], [0, '#050505'], [1, '#3a3939'])) +
    circle(r * (long ? 0.68 : 0.56), glass) +
    circle(r * 0.34, radial(sketch, [0.5, 0.5], 0.5, [0, '#000000'], [0.6, '#0a0d16'], [1, '#31406a', 0.5])) +
    ellipse(
      -r * 0.2,
      -r * 0.22,
      r * 0.2,
      r * 0.13,
      radial(sketch, [0.5, 0.5], 0.5, [0, '#eaf6ff', 0.95], [0.6, '#a9d3e8', 0.4], [1, '#a9d3e8', 0]),
      `transform="rotate(-42 ${n(-r * 0.2)} ${n(-r * 0.22)})"`,
    ) +
    ellipse(
      r * 0.18,
      r * 0.2,
      r * 0.13,
      r * 0.08,
      radial(sketch, [0.5, 0.5], 0.5, [0, '#f0a9d0', 0.75], [1, '#c05a96', 0]),
      `transform="rotate(-42 ${n(r * 0.18)} ${n(r * 0.2)})"`,
    ) +
    ellipse(r * 0.02, r * 0.36, r * 0.2, r * 0.06, '#7fd0a8', 'opacity="0.22"') +
    stroke(
      `M${n(-r * 0.64)} ${n(-r * 0.3)}A${n(r * 0.7)} ${n(r * 0.7)} 0 0 1 ${n(-r * 0.2)} ${n(-r * 0.67)}`,
      '#ffffff',
      Math.max(1.6, r * 0.02),
      'opacity="0.5"',
    )
  )
}
