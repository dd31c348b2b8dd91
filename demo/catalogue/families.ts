import { bags } from './bags.ts'
import { bicycleParts } from './bicycle-parts.ts'
import { blankets } from './blankets.ts'
import { cameras } from './cameras.ts'
import { chairs } from './chairs.ts'
import { headphones } from './headphones.ts'
import { kettles } from './kettles.ts'
import { knives } from './knives.ts'
import { lamps } from './lamps.ts'
import { mugs } from './mugs.ts'
import { notebooks } from './notebooks.ts'
import { plants } from './plants.ts'
import type { Family } from './shape.ts'

/** The whole demo catalogue, in the order of the home page. */
export const families: readonly Family[] = [
  lamps,
  chairs,
  mugs,
  kettles,
  plants,
  blankets,
  bags,
  notebooks,
  knives,
  headphones,
  cameras,
  bicycleParts,
]
