import type { Point } from './svg.ts'

/** A part centred on the origin and lying flat, or standing with its foot at the origin. */
export interface Part {
  art: string
  /** Half its width, when it stands. */
  stands?: number
  scale: number
  /** What the second picture looks at closely, and how closely. */
  detail: Point
  near: number
}
