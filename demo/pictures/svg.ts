/** A picture in the making: gradients, patterns and clips that its shapes refer to. */
export interface Sketch {
  definitions: Map<string, string>
}

type Stop = readonly [offset: number, colour: string, opacity?: number]
export type Point = readonly [x: number, y: number]

export function newSketch(): Sketch {
  return { definitions: new Map() }
}

/** A number as SVG wants it: short. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** Keeps a definition once, however often it is asked for, and answers `url(#…)`. */
function define(sketch: Sketch, make: (id: string) => string): string {
  const content = make('')
  const known = sketch.definitions.get(content)
  const id = known ?? `d${sketch.definitions.size}`
  if (known === undefined) sketch.definitions.set(content, id)
  return `url(#${id})`
}

function stopsOf(stops: readonly Stop[]): string {
  return stops
    .map(
      ([offset, colour, opacity]) =>
        `<stop offset="${Math.round(offset * 1000) / 1000}" stop-color="${colour}"${opacity === undefined ? '' : ` stop-opacity="${Math.round(opacity * 1000) / 1000}"`}/>`,
    )
    .join('')
}

/** A gradient from left to right, from top to bottom, or along a line in the unit square of the shape. */
export function linear(sketch: Sketch, along: 'across' | 'down' | readonly [number, number, number, number], ...stops: Stop[]): string {
  const [x1, y1, x2, y2] = along === 'across' ? [0, 0, 1, 0] : along === 'down' ? [0, 0, 0, 1] : along
  return define(sketch, (id) => `<linearGradient id="${id}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}">${stopsOf(stops)}</linearGradient>`)
}

/** A gradient along a line in the picture's own units, shared by shapes that lie in the same light. */
export function linearAt(sketch: Sketch, from: Point, to: Point, ...stops: Stop[]): string {
  return define(
    sketch,
    (id) =>
      `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${n(from[0])}" y1="${n(from[1])}" x2="${n(to[0])}" y2="${n(to[1])}">${stopsOf(stops)}</linearGradient>`,
  )
}

/** A gradient outwards from a point in the unit square of the shape. */
export function radial(sketch: Sketch, centre: Point, radius: number, ...stops: Stop[]): string {
  return define(
    sketch,
    (id) => `<radialGradient id="${id}" cx="${centre[0]}" cy="${centre[1]}" r="${radius}">${stopsOf(stops)}</radialGradient>`,
  )
}

export function radialAt(sketch: Sketch, centre: Point, radius: number, ...stops: Stop[]): string {
  return define(
    sketch,
    (id) =>
      `<radialGradient id="${id}" gradientUnits="userSpaceOnUse" cx="${n(centre[0])}" cy="${n(centre[1])}" r="${n(radius)}">${stopsOf(stops)}</radialGradient>`,
  )
}

/** A tile repeated over a shape, in the picture's own units; `turn` is in degrees. */
export function pattern(sketch: Sketch, width: number, height: number, content: string, turn = 0, at: Point = [0, 0]): string {
  const transform = `translate(${n(at[0])} ${n(at[1])}) rotate(${n(turn)})`
  return define(
    sketch,
    (id) =>
      `<pattern id="${id}" width="${n(width)}" height="${n(height)}" patternUnits="userSpaceOnUse" patternTransform="${transform}">${content}</pattern>`,
  )
}

/** `content`, seen only inside the outline `d`. */
export function clipped(sketch: Sketch, d: string, content: string): string {
  const clip = define(sketch, (id) => `<clipPath id="${id}"><path d="${d}"/></clipPath>`)
  return `<g clip-path="${clip}">${content}</g>`
}

export function path(d: string, fill: string, more = ''): string {
  return `<path d="${d}" fill="${fill}"${more === '' ? '' : ` ${more}`}/>`
}

/** A line with round ends. */
export function stroke(d: string, colour: string, width: number, more = ''): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${n(width)}" stroke-linecap="round" stroke-linejoin="round"${more === '' ? '' : ` ${more}`}/>`
}

/** A line with straight ends, as a painted band. */
export function band(d: string, colour: string, width: number, more = ''): string {
  return `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${n(width)}"${more === '' ? '' : ` ${more}`}/>`
}

export function ellipse(x: number, y: number, rx: number, ry: number, fill: string, more = ''): string {
  return `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${more === '' ? '' : ` ${more}`}/>`
}

export function rect(x: number, y: number, width: number, height: number, fill: string, radius = 0, more = ''): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"${radius > 0 ? ` rx="${n(radius)}"` : ''} fill="${fill}"${more === '' ? '' : ` ${more}`}/>`
}

export function group(content: string, transform: string, more = ''): string {
  return `<g transform="${transform}"${more === '' ? '' : ` ${more}`}>${content}</g>`
}

export function at(x: number, y: number, content: string, scale = 1, turn = 0): string {
  const parts = [`translate(${n(x)} ${n(y)})`]
  if (turn !== 0) parts.push(`rotate(${n(turn)})`)
  if (scale !== 1) parts.push(`scale(${Math.round(scale * 1000) / 1000})`)
  return group(content, parts.join(' '))
}

/** Keeps a drawing once; `use` shows it again and again. */
export function keep(sketch: Sketch, content: string): string {
  return define(sketch, (id) => `<g id="${id}">${content}</g>`).slice('url('.length, -1)
}

/** Shows what was kept, turned and scaled; its shapes without a fill of their own take `fill`. */
export function use(kept: string, x: number, y: number, turn: number, scale: number, fill: string): string {
  const size = scale === 1 ? '' : ` scale(${Math.round(scale * 1000) / 1000})`
  return `<use href="${kept}" transform="translate(${n(x)} ${n(y)}) rotate(${Math.round(turn)})${size}" fill="${fill}"/>`
}

/** The finished file. */
export function finish(sketch: Sketch, width: number, height: number, content: string): string {
  const definitions = [...sketch.definitions].map(([definition, id]) => definition.replace('id=""', `id="${id}"`)).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><defs>${definitions}</defs>${content}</svg>`
}
