import { swatchColours } from './swatch-colours.ts'

/**
 * The dot of a colour or material; null when the name is none we know. Drawn as SVG, because the content security policy
 * allows no inline styles.
 */
export function SwatchDot({ name, size = 20 }: { name: string; size?: number }) {
  const colours = swatchColours(name)
  if (colours === null) return null
  const [first, second] = colours
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 20 20" className="shrink-0 rounded-full">
      <circle cx="10" cy="10" r="9.5" fill={first} />
      {second === undefined ? null : <path d="M10 .5a9.5 9.5 0 0 1 0 19z" fill={second} />}
      <circle cx="10" cy="10" r="9.25" fill="none" stroke="currentColor" strokeOpacity="0.35" strokeWidth="1" />
    </svg>
  )
}
