import { colours } from '../catalogue/colours.ts'
import type { ColourName } from '../catalogue/colours.ts'
import type { Design } from '../catalogue/shape.ts'
import type { Sketch } from './svg.ts'

/** What one picture shows: a form in a colour, with its other part, pattern and proportions. */
export interface Look {
  form: string
  name: ColourName
  colour: string
  second: string
  secondName: ColourName
  pattern: string
  width: number
  height: number
}

/** A family's two pictures, each a whole plate of 800 × 1000. */
export interface FamilyPictures {
  portrait(sketch: Sketch, look: Look): string
  inUse(sketch: Sketch, look: Look): string
}

/** The look of an article in one of its colours. */
export function lookOf(design: Design, name: ColourName): Look {
  const secondName = design.second ?? 'ink'
  return {
    form: design.form,
    name,
    colour: colours[name],
    second: colours[secondName],
    secondName,
    pattern: design.pattern ?? 'plain',
    width: design.width ?? 1,
    height: design.height ?? 1,
  }
}

const metals: readonly ColourName[] = ['steel', 'silver', 'brass', 'copper', 'graphite']
const woods: readonly ColourName[] = ['oak', 'beech', 'ash', 'walnut', 'cherry', 'ebony']

export function isMetal(name: ColourName): boolean {
  return metals.includes(name)
}

export function isWood(name: ColourName): boolean {
  return woods.includes(name)
}
